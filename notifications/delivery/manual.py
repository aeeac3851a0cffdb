"""What a person may do to a delivery. Each act is written to the admin's log with who did it and why."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from incidents.errors import IllegalTransition
from notifications.enums import RETRYABLE, Status
from notifications.models import Delivery

#: What a person may look at and leave as it is.
NOTABLE = (Status.FAILED, Status.DEAD, Status.CANCELLED, Status.SENT)
CONSIDERED_SENT = gettext_noop("Considered sent, by hand.")
#: One that had expired and is sent all the same gets so long.
GRACE = timedelta(days=1)


def retry(delivery: Delivery, *, by: User, at: datetime) -> None:
    """Due now, whatever it was: refused, given up, held, cancelled, or waiting for its next try."""
    _move(
        delivery,
        (*RETRYABLE, Status.PENDING),
        by,
        _("Sent again by hand."),
        status=Status.PENDING,
        status_reason="",
        due_at=at,
        lost_leases=0,
        came_back="",
        noted_at=None,
        **({"expires_at": at + GRACE} if delivery.expires_at and delivery.expires_at <= at else {}),
    )


def cancel(delivery: Delivery, *, by: User, reason: str) -> None:
    _move(
        delivery,
        (Status.PENDING, Status.HELD, Status.FAILED, Status.DEAD),
        by,
        _("Cancelled by hand: %(reason)s") % {"reason": reason},
        status=Status.CANCELLED,
        status_reason=reason[:300],
    )


def note(delivery: Delivery, *, by: User, at: datetime) -> None:
    """Somebody has seen that it reached nobody, and lets it be."""
    _move(delivery, NOTABLE, by, _("Looked at, and left as it is."), noted_at=at)


def consider_sent(delivery: Delivery, *, by: User) -> None:
    """Whoever waits for it has it already, or was told otherwise."""
    _move(
        delivery,
        (Status.HELD, Status.DEAD),
        by,
        CONSIDERED_SENT,
        status=Status.CANCELLED,
        status_reason=CONSIDERED_SENT,
    )


def hold(delivery: Delivery, *, by: User, reason: str) -> None:
    _move(
        delivery,
        (Status.PENDING,),
        by,
        _("Held by hand: %(reason)s") % {"reason": reason},
        status=Status.HELD,
        status_reason=reason[:300],
    )


@transaction.atomic
def _move(delivery: Delivery, sources: Iterable[Status], by: User, words: str, **changes: object) -> None:
    """Guarded: a worker that has it meanwhile keeps it."""
    if Delivery.objects.filter(pk=delivery.pk, status__in=sources).update(**changes) != 1:
        raise IllegalTransition(
            _("%(who)s: that cannot be done while it is “%(status)s”.")
            % {"who": delivery.target, "status": Delivery.objects.get(pk=delivery.pk).get_status_display()}
        )
    for name, value in changes.items():
        setattr(delivery, name, value)
    LogEntry.objects.log_actions(by.pk, [delivery], CHANGE, change_message=words, single_object=True)
