"""Where a mail leads, and what it offers: only what its reader can open and may do."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.core.signing import BadSignature, dumps, loads
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import policies, workflow
from incidents.enums import State, Verb, Via
from incidents.models import Incident
from incidents.tracking import tracking_url
from notifications import following
from notifications.enums import Purpose, Reason
from notifications.models import Delivery
from notifications.rendering.words import plain

STOP_SALT = "notifications.stop"

Button = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """What the reader may do to a resolved incident by the buttons of the mail."""

    confirm: bool = False
    reopen: bool = False


def offer(delivery: Delivery, incident: Incident, person: User) -> Offer:
    """To the requester alone, who has to be able to log in for it."""
    is_asked = delivery.reason == Reason.REQUESTER and incident.state == State.RESOLVED
    if not is_asked or not can_log_in(person):
        return Offer()
    actor = policies.Actor(person, Via.PORTAL)
    allowed = workflow.allowed_verbs(incident, actor)
    return Offer(confirm=not workflow.close_refusal(incident, actor), reopen=Verb.REOPEN in allowed)


def buttons(delivery: Delivery, incident: Incident, person: User, offered: Offer) -> list[Button]:
    if works_at_the_desk(person) and delivery.reason != Reason.REQUESTER:
        page = f"{settings.BASE_URL}/admin/incidents/incident/{incident.pk}/change/"
        return [(_("Open in the service desk"), page)]
    if not can_log_in(person):
        at = delivery.claimed_at or delivery.created_at
        return [(_("Follow this incident"), tracking_url(incident, person, at=at))]
    page = f"{settings.BASE_URL}/incidents/{incident.number}/"
    found = [(_("It works again, close it"), f"{page}#fixed")] if offered.confirm else []
    if offered.reopen:
        found.append((_("It still fails, reopen it"), f"{page}#fixed"))
    return found or [(_("Follow or answer") if incident.is_open else _("Read it"), page)]


def status_page() -> str:
    return f"{settings.BASE_URL}{reverse('notifications:status')}"


def can_log_in(person: User) -> bool:
    return person.is_active and person.has_usable_password()


def works_at_the_desk(person: User) -> bool:
    return person.is_staff and policies.sees_internal(person) and can_log_in(person)


def may_answer(delivery: Delivery) -> bool:
    """Answers are invited where somebody fetches them, by people who may write on the incident."""
    is_theirs = delivery.purpose in {Purpose.NEWS, Purpose.PARENT} and delivery.incident_id is not None
    return is_theirs and bool(settings.INBOUND_MAIL_URL)


def answer_stays_inside(delivery: Delivery, incident: Incident, person: User) -> bool:
    """A mail proves too little to speak for the desk: what the desk answers becomes an internal note."""
    return may_answer(delivery) and policies.sees_internal(person) and person.pk != incident.requester_id


def follows_everything(delivery: Delivery) -> bool:
    """Or one service in particular."""
    if delivery.reason != Reason.SUBSCRIBER or delivery.recipient_id is None:
        return False
    at = delivery.claimed_at or delivery.created_at
    return following.follows_everything(delivery.recipient_id, at=at)


def stop_url(delivery: Delivery) -> str:
    """Leads to a page that asks, and takes a mail program's one-click POST."""
    if delivery.recipient_id is None or delivery.incident_id is None:
        return ""
    token = dumps([delivery.recipient_id, delivery.incident_id, delivery.reason], salt=STOP_SALT)
    return f"{settings.BASE_URL}/mail/stop/{token}/"


def stop_label(delivery: Delivery, incident: Incident) -> str:
    """What the link stops."""
    if delivery.reason != Reason.SUBSCRIBER:
        return _("Stop mails about %(number)s") % {"number": incident.number}
    if incident.service is None or follows_everything(delivery):
        return _("Stop news of all services")
    return _("Stop news of %(service)s") % {"service": plain(incident.service.name)}


def read_stop_token(token: str) -> tuple[int, int, str] | None:
    """Person, incident and reason; None when we did not make it."""
    try:
        person, incident, reason = loads(token, salt=STOP_SALT)
    except (BadSignature, ValueError):
        return None
    return person, incident, reason
