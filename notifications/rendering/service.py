"""Public news of a service, for those who may not see the incident behind it.

Of the incident it says the service, since when, and how it stands. Words are taken from those entries
alone whose verbs ask for words to stakeholders: the declaration, and the end of the declaration.
"""

from django.utils.translation import gettext as _

from incidents.enums import ActionKind, ActionOutcome, EntryKind
from incidents.models import TimelineEntry
from notifications.kinds import news_of
from notifications.models import Delivery
from notifications.rendering import links
from notifications.rendering.words import plain, prose


def context(delivery: Delivery, entry: TimelineEntry) -> dict[str, object]:
    incident = entry.incident
    service = incident.service
    if service is None:
        raise ValueError("Public news needs a service.")
    words = entry.text if news_of(entry.kind).words_for_public else ""
    is_shown = service.is_public and service.is_active
    return {
        "kind": entry.kind,
        "reason": delivery.reason,
        "service": plain(service.name),
        "at": entry.at,
        "since": incident.started_at or incident.opened_at,
        "state": state_after(entry),
        "words": words,
        "words_html": prose(words),
        "action": what_was_done(entry),
        "buttons": [(_("See all services"), links.status_page())] if is_shown else [],
        "stop_url": links.stop_url(delivery),
        "stop_label": links.stop_label(delivery, incident),
        "follows_everything": links.follows_everything(delivery),
    }


def state_after(entry: TimelineEntry) -> str:
    if entry.kind in {EntryKind.RESOLVED, EntryKind.CANCELLED}:
        return _("Over")
    if entry.kind == EntryKind.REOPENED:
        return _("Disturbed")
    is_back = entry.kind == EntryKind.MITIGATED or entry.incident.mitigated_at is not None
    return _("Working again") if is_back else _("Disturbed")


def what_was_done(entry: TimelineEntry) -> str:
    """The kind of an action and how it went; its words were written for the requester."""
    if entry.kind != EntryKind.ACTION_TAKEN:
        return ""
    facts = entry.data["action"]
    return f"{ActionKind(facts['kind']).label}: {ActionOutcome(facts['outcome']).label}"
