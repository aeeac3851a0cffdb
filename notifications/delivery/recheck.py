"""Why a delivery should not be sent after all, asked right before it would be."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_noop

from incidents.enums import EntryKind
from incidents.models import Clock, Incident, TimelineEntry
from notifications.enums import Purpose, Status
from notifications.models import Delivery, OptOut, Suppression
from notifications.models import delivery as delivery_model
from notifications.routing import family, service_news
from notifications.routing.concerned import told_of_themselves


@dataclass(frozen=True, slots=True)
class Obstacle:
    status: Status
    reason: str


EXPIRED = Obstacle(Status.CANCELLED, delivery_model.EXPIRED)
LEFT = Obstacle(Status.CANCELLED, gettext_noop("The person's account is switched off."))
NO_ACCESS = Obstacle(Status.CANCELLED, gettext_noop("The person may not see this any more."))
OPTED_OUT = Obstacle(Status.CANCELLED, gettext_noop("The person does not want to hear of it."))
SUPERSEDED = Obstacle(Status.CANCELLED, gettext_noop("No longer true: the clock has stopped."))
NO_ADDRESS = Obstacle(
    Status.HELD, gettext_noop("The person has no e-mail address. Enter one, then release it.")
)
SUPPRESSED = Obstacle(Status.HELD, gettext_noop("The address is suppressed. Lift that, then release it."))
#: Not asked here, but given by `holding`.
IN_DOUBT = Obstacle(
    Status.HELD,
    gettext_noop("In doubt: it may have gone out after the backup was made. Send it, or consider it sent."),
)
SWITCHED_OFF = Obstacle(Status.HELD, gettext_noop("The webhook is switched off."))


def obstacle(delivery: Delivery, at: datetime) -> Obstacle | None:
    if delivery.expires_at and delivery.expires_at <= at:
        return EXPIRED
    if delivery.purpose == Purpose.ANSWER:
        return SUPPRESSED if is_suppressed(delivery.address, at) else None
    return _of_person(delivery, at)


def _of_person(delivery: Delivery, at: datetime) -> Obstacle | None:
    person = delivery.endpoint.owner if delivery.endpoint else delivery.recipient
    if person is None or not person.is_active:
        return LEFT
    if delivery.entry and not may_hear(person, delivery, delivery.entry, at):
        return NO_ACCESS
    if delivery.entry and is_superseded(delivery.entry):
        return SUPERSEDED
    if delivery.endpoint:
        return SWITCHED_OFF if delivery.endpoint.disabled_at else None
    return _of_mail(delivery, person, at)


def _of_mail(delivery: Delivery, person: User, at: datetime) -> Obstacle | None:
    if not person.email:
        return NO_ADDRESS
    if delivery.incident_id and has_opted_out(delivery, person):
        return OPTED_OUT
    return SUPPRESSED if is_suppressed(person.email, at) else None


def is_suppressed(address: str, at: datetime) -> bool:
    return Suppression.objects.in_force(at).filter(address=address.lower()).exists()


def may_hear(person: User, delivery: Delivery, entry: TimelineEntry, at: datetime) -> bool:
    """By the rule that made the delivery, asked again."""
    match delivery.purpose:
        case Purpose.SERVICE:
            return service_news.still_wanted(entry, person, at)
        case Purpose.PARENT:
            children = Incident.objects.visible_to(person).filter(parent=entry.incident_id)
            return family.is_passed_on(entry) and children.filter(deliveries=delivery).exists()
    return may_read(person, entry)


def may_read(person: User, entry: TimelineEntry) -> bool:
    """Asked of the one rule that every door asks."""
    if not Incident.objects.visible_to(person).filter(pk=entry.incident_id).exists():
        return False
    is_about_them = person.pk in told_of_themselves(entry)
    return is_about_them or TimelineEntry.objects.filter(pk=entry.pk).readable_by(person).exists()


def has_opted_out(delivery: Delivery, person: User) -> bool:
    return OptOut.objects.filter(
        Q(incident=None) | Q(incident=delivery.incident_id), user=person, reason__in=("", delivery.reason)
    ).exists()


def is_superseded(entry: TimelineEntry) -> bool:
    """A warning of a clock that has stopped since would only alarm."""
    if entry.kind != EntryKind.SLA_WARNED:
        return False
    metric = entry.data.get("clock", {}).get("metric", "")
    return Clock.objects.filter(incident=entry.incident_id, metric=metric, stopped_at__isnull=False).exists()
