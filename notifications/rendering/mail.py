"""The words of a delivery, in the reader's language and time zone.

Text of people is shown as they typed it, never as markup and never as a link; every link leads to
`BASE_URL`.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from typing import Any

import css_inline
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, HoldReason, Priority, State
from incidents.models import Clock, Incident, TimelineEntry
from notifications.enums import Purpose, Reason
from notifications.kinds import news_of
from notifications.models import Delivery, OptOut
from notifications.rendering import links, service
from notifications.rendering.words import language_of, name_of, plain, prose, tidy, zone_of


@dataclass(frozen=True, slots=True)
class Content:
    subject: str
    text: str
    html: str


def render(delivery: Delivery) -> Content:
    """A webhook carries no words. Raises when the row has no entry to speak of."""
    if delivery.endpoint_id or delivery.entry is None or delivery.recipient is None:
        return Content("", "", "")
    person = delivery.recipient
    with translation.override(language_of(person)), timezone.override(zone_of(person)):
        context: dict[str, Any] = {"sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or _("Service desk")}
        if delivery.purpose == Purpose.SERVICE:
            context |= service.context(delivery, delivery.entry)
            return _content("service", "service/body", context)
        context |= _context(delivery, delivery.entry, person)
        return _content(context["kind"], "incident", context)


def _content(folder: str, body: str, context: dict[str, Any]) -> Content:
    """Subject and first sentence by kind, around them one text and one HTML."""
    for part in ("lead", "subject"):
        words = render_to_string(f"notifications/mail/{folder}/{part}.txt", context)
        context[part] = " ".join(words.split())
    text = render_to_string(f"notifications/mail/{body}.txt", context)
    html = render_to_string(f"notifications/mail/{body}.html", context)
    return Content(context["subject"], tidy(text), _inliner().inline(html))


def _context(delivery: Delivery, entry: TimelineEntry, person: User) -> dict[str, object]:
    """For people outside the desk only what is public. News of a parent names the child."""
    is_of_parent = delivery.purpose == Purpose.PARENT
    incident = delivery.incident if is_of_parent and delivery.incident else entry.incident
    desk = policies.sees_internal(person) and not is_of_parent
    words = _words(entry, desk=desk)
    offered = links.offer(delivery, incident, person)
    return {
        "kind": "parent" if is_of_parent else _kind(entry, delivery.reason),
        "entry": entry,
        "incident": incident,
        "number": incident.number,
        "title": plain(incident.title),
        "actor": actor_name(entry),
        "desk": desk,
        "reason": delivery.reason,
        "is_own": entry.actor_id == person.pk,
        "asks_reader": _waits_for_requester(entry) and delivery.reason == Reason.REQUESTER,
        "waits_for_requester": _waits_for_requester(entry),
        "words": words,
        "words_html": prose(words),
        "attachments": [] if is_of_parent else _attachments(entry),
        "clock": _clock(entry) if desk else None,
        "notice": _notice(delivery, incident),
        "facts": list(_facts(incident, incident.state if is_of_parent else entry.state_after, desk=desk)),
        "offered": offered,
        "closes_by_itself": not incident.is_major,
        "buttons": links.buttons(delivery, incident, person, offered),
        "stop_url": links.stop_url(delivery),
        "stop_label": links.stop_label(delivery, incident),
        "follows_everything": links.follows_everything(delivery),
        "team": plain(incident.team.name) if incident.team else "",
        "service": plain(incident.service.name) if incident.service else "",
        "may_answer": links.may_answer(delivery),
        "answer_stays_inside": links.answer_stays_inside(delivery, incident, person),
    }


def _kind(entry: TimelineEntry, reason: str) -> str:
    kind = news_of(entry.kind).mail
    is_for_hands = reason in {Reason.ASSIGNEE, Reason.TEAM, Reason.LEAD}
    return "progress" if kind == "assigned" and not is_for_hands else kind


def actor_name(entry: TimelineEntry) -> str:
    return _("The service desk") if entry.actor is None else name_of(entry.actor)


def _words(entry: TimelineEntry, *, desk: bool) -> str:
    """What was said. An opening says what the report said, and so does an invitation to watch."""
    if entry.kind in {EntryKind.OPENED, EntryKind.WATCHER_ADDED}:
        return entry.text or entry.incident.description
    if desk and news_of(entry.kind).has_note:
        return entry.text or str(entry.data.get("note", ""))
    return entry.text


def _waits_for_requester(entry: TimelineEntry) -> bool:
    return entry.kind == EntryKind.HELD and entry.changes.get("hold_reason", ["", ""])[1] == HoldReason.CALLER


def _attachments(entry: TimelineEntry) -> list[str]:
    return [plain(name) for name in entry.attachments.order_by("pk").values_list("name", flat=True)]


def _clock(entry: TimelineEntry) -> dict[str, object] | None:
    """What an SLA entry is about, or what runs on the incident."""
    said = entry.data.get("clock")
    if not said:
        return None
    clock = Clock.objects.filter(incident=entry.incident_id, metric=said.get("metric", "")).first()
    due = said.get("due_at")
    return {
        "label": clock.get_metric_display() if clock else said.get("metric", ""),
        "percent": said.get("percent"),
        "due": datetime.fromisoformat(due) if isinstance(due, str) else due,
    }


def _notice(delivery: Delivery, incident: Incident) -> str:
    """Why somebody hears who would not if all were well."""
    if delivery.reason == Reason.TEAM and incident.assignee and _is_out_of_reach(incident.assignee, incident):
        return _("%(name)s has this incident and gets no mail. Please look after it.") % {
            "name": name_of(incident.assignee)
        }
    if delivery.reason != Reason.LEAD:
        return ""
    if incident.team is None:
        return _("No team has this incident. Please give it to one.")
    return _("Nobody on the team %(team)s gets mail about it. Please look after it.") % {
        "team": plain(incident.team.name)
    }


def _is_out_of_reach(assignee: User, incident: Incident) -> bool:
    if not assignee.is_active or not assignee.email:
        return True
    mine = OptOut.objects.filter(user=assignee, reason__in=("", Reason.ASSIGNEE))
    return mine.filter(Q(incident=None) | Q(incident=incident)).exists()


def _facts(incident: Incident, state: str, *, desk: bool) -> list[tuple[str, str]]:
    facts = [(_("State"), str(State(state).label))]
    if incident.service:
        facts.append((_("Service"), plain(incident.service.name)))
    if desk:
        facts.append((_("Priority"), f"{incident.priority} {Priority(incident.priority).label}"))
        if incident.requester:
            facts.append((_("Requester"), name_of(incident.requester)))
        if incident.team:
            facts.append((_("Team"), plain(incident.team.name)))
        if incident.assignee:
            facts.append((_("Assignee"), name_of(incident.assignee)))
    return facts


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs read style attributes; the style sheet in the head stays for dark and narrow ones."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)
