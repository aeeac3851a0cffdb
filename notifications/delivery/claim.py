"""Taking a delivery for oneself, by a lock: of its row on PostgreSQL, of the whole database on SQLite."""

import os
import socket
import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from notifications.channels.email.smtp import ATTEMPT_SECONDS
from notifications.delivery.pause import let_through, not_tried
from notifications.enums import Phase, Status
from notifications.models import Delivery, Endpoint

#: For a worker that lives and hangs. One that died is found by its silence, much sooner.
LEASE = timedelta(seconds=2 * ATTEMPT_SECONDS)
EVERYTHING = Q()
#: What sending reads of a delivery besides itself.
TOLD = ("entry", "incident", "recipient__profile__location", "endpoint__owner")
#: Looks where another worker took the same webhook, or the one try of a paused channel.
TRIES = 4


def claim_due(at: datetime, *, takes: Q = EVERYTHING, by: str = "") -> Delivery | None:
    """The next delivery, now ours until its lease ends. The try is counted before the work begins.

    `takes`: what this hand is for. `by`: the worker's name.
    """
    due = Delivery.objects.due(at).filter(takes).open_to(at).in_turn(at).order_by("lane", "due_at", "pk")
    due = due.select_related(*TOLD)
    for _ in range(TRIES):
        # there a transaction keeps all writers out, so one is begun only where there is work
        if not connection.features.has_select_for_update and not due.exists():
            return None
        with transaction.atomic():
            found = due.select_for_update(skip_locked=True, of=("self",)).first()
            if found is None:
                return None
            if taken := take(found, at, by=by):
                return taken
    return None


def take(found: Delivery, at: datetime, *, by: str = "") -> Delivery | None:
    """In the transaction that holds the row. None: another worker was quicker."""
    if not (_may_call(found) and let_through(found, at)):
        return None
    taken = {
        "status": Status.SENDING,
        "phase": Phase.NONE,
        "attempts": found.attempts + 1,
        "claimed_at": at,
        "claimed_by": by or worker(),
        "lease_until": at + LEASE,
        "lease_token": uuid.uuid4(),
    }
    rows = Delivery.objects.filter(pk=found.pk, status=Status.PENDING, attempts=found.attempts)
    if rows.update(**taken) != 1:
        not_tried(found, at)
        return None
    for name, value in taken.items():
        setattr(found, name, value)
    return found


def _may_call(found: Delivery) -> bool:
    """One open call an endpoint. Its row is what two workers meet at; on SQLite one of them waits anyway."""
    if found.endpoint_id is None:
        return True
    if not Endpoint.objects.select_for_update(skip_locked=True).filter(pk=found.endpoint_id).exists():
        return False
    return not Delivery.objects.filter(endpoint=found.endpoint_id, status=Status.SENDING).exists()


def fenced(delivery: Delivery, **changes: object) -> bool:
    """Write to a delivery that is still ours. False: our lease ended and it is somebody else's now."""
    mine = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, lease_token=delivery.lease_token)
    if mine.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    return True


def worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:120]
