"""Who was told what, for pages of other rooms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext

from incidents import timekeeping
from incidents.models import Incident
from notifications.enums import Reason, Status
from notifications.models import ChannelPause, Delivery, OptOut, Suppression

register = template.Library()

OVERDUE = timedelta(minutes=2)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery in words. `tone` is a tag's colour class: green, amber, red or nothing."""

    pk: int
    who: str
    why: str
    what: str
    channel: str
    status: str
    status_label: str
    tone: str
    at: datetime
    cause: str
    seq: int | None


TONES = {
    Status.SENT: "green",
    Status.PENDING: "",
    Status.SENDING: "",
    Status.CANCELLED: "",
    Status.HELD: "amber",
    Status.FAILED: "red",
    Status.DEAD: "red",
}


@register.simple_tag
def told(incident: Incident) -> list[Told]:
    """The deliveries of an incident, newest first, in one query. For the desk only: it names people."""
    rows = Delivery.objects.filter(incident=incident).select_related("recipient", "endpoint", "entry")
    return [_told(row) for row in rows.order_by("-pk")[:SHOWN]]


@register.simple_tag
def mails_go_to(person: User, incident: Incident) -> str:
    """The address that is written to about their incident; empty when no mail would reach them."""
    if not settings.EMAIL_URL or not person.email:
        return ""
    refusals = OptOut.objects.filter(Q(incident=None) | Q(incident=incident), user=person)
    is_unwilling = refusals.filter(reason__in=("", Reason.REQUESTER)).exists()
    suppressed = Suppression.objects.in_force(timekeeping.now()).filter(address=person.email.lower())
    return "" if is_unwilling or suppressed.exists() else person.email


@register.simple_tag
def suppression_of(address: str) -> Suppression | None:
    """Why nothing is sent to an address; None when mail goes there."""
    return Suppression.objects.in_force(timekeeping.now()).filter(address=address.lower()).first()


def _told(row: Delivery) -> Told:
    person = row.recipient
    who = person.get_full_name() or person.get_username() if person else str(row.endpoint or row.target)
    return Told(
        pk=row.pk,
        who=who,
        why=row.get_reason_display(),
        what=row.entry.get_kind_display() if row.entry else row.subject,
        channel=row.get_channel_display(),
        status=row.status,
        status_label=row.get_status_display(),
        tone=TONES[Status(row.status)],
        at=row.sent_at or row.created_at,
        cause=gettext(row.status_reason) if row.status_reason else row.last_text,
        seq=row.entry.seq if row.entry else None,
    )


@register.simple_tag
def delivery_trouble() -> dict[str, object]:
    """Counts for the desk home: overdue, failed, dead, held, doubtful, oldest, total, paused. Two queries."""
    at = timekeeping.now()
    late = Q(status=Status.PENDING, due_at__lte=at - OVERDUE) | Q(
        status=Status.SENDING, lease_until__lte=at - OVERDUE
    )
    halted = Q(status__in=(Status.FAILED, Status.DEAD, Status.HELD))
    counts = {"overdue": 0, "failed": 0, "dead": 0, "held": 0, "doubtful": 0}
    oldest: datetime | None = None
    rows = Delivery.objects.filter(late | halted).values_list("status", "ambiguous", "created_at")
    for status, ambiguous, created in rows[:1000]:
        counts[status if status in counts else "overdue"] += 1
        counts["doubtful"] += bool(ambiguous)
        oldest = min(oldest or created, created)
    paused = list(ChannelPause.objects.in_force(at).order_by("channel"))
    total = sum(counts.values()) - counts["doubtful"]
    return {**counts, "oldest": oldest, "total": total, "paused": paused}
