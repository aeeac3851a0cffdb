"""What this room adds to the pages of incidents: who was told what, and whether mails go out."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from incidents.models import Incident
from incidents.panels import Place, register, register_link
from itsm import timekeeping
from itsm.ui.names import person_name
from notifications.enums import Reason, Status
from notifications.models import Delivery, OptOut, Suppression

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


def add_panels() -> None:
    """To the pages of an incident, when the program starts."""
    register(Place.DESK, "notifications/panels/told.html", _of_the_desk)
    register(Place.PORTAL_NEXT, "notifications/panels/by_mail.html", _of_the_requester)
    register_link(gettext_lazy("Status"), "notifications:status")


def _of_the_desk(incident: Incident, _reader: User) -> dict[str, object]:
    return {"told": told(incident)}


def _of_the_requester(incident: Incident, reader: User) -> dict[str, object]:
    return {"address": mails_go_to(reader, incident)}


def told(incident: Incident) -> list[Told]:
    """The deliveries of an incident, newest first, in one query. For the desk only: it names people."""
    rows = Delivery.objects.filter(incident=incident).select_related("recipient", "endpoint", "entry")
    return [_told(row) for row in rows.order_by("-pk")[:SHOWN]]


def mails_go_to(person: User, incident: Incident) -> str:
    """The address that is written to about their incident; empty when no mail would reach them."""
    if not settings.EMAIL_URL or not person.email:
        return ""
    refusals = OptOut.objects.filter(Q(incident=None) | Q(incident=incident), user=person)
    is_unwilling = refusals.filter(reason__in=("", Reason.REQUESTER)).exists()
    suppressed = Suppression.objects.in_force(timekeeping.now()).filter(address=person.email.lower())
    return "" if is_unwilling or suppressed.exists() else person.email


def _told(row: Delivery) -> Told:
    person = row.recipient
    who = person_name(person, str(row.endpoint or row.target))
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
