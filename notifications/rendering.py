"""The words of a delivery, in the reader's language and time zone.

Text of people is shown as they typed it, never as markup and never as a link; every link leads to
`BASE_URL`.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import css_inline
import nh3
from django.conf import settings
from django.contrib.auth.models import User
from django.core.signing import BadSignature, dumps, loads
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import EntryKind, HoldReason, Priority, State
from incidents.models import Clock, Incident, TimelineEntry
from notifications.enums import Reason
from notifications.models import Delivery

KINDS = {
    EntryKind.OPENED: "opened",
    EntryKind.COMMENTED: "replied",
    EntryKind.ACTION_TAKEN: "action",
    EntryKind.RESOLVED: "resolved",
    EntryKind.CLOSED: "closed",
    EntryKind.CANCELLED: "closed",
    EntryKind.MERGED: "closed",
    EntryKind.SLA_WARNED: "sla",
    EntryKind.SLA_BREACHED: "sla",
    EntryKind.ASSIGNED: "assigned",
    EntryKind.WORSENED: "alert",
    EntryKind.STILL_FIRING: "alert",
}
OTHERS = "progress"
STOP_SALT = "notifications.stop"
LOOKS_LIKE_A_LINK = re.compile(r"(://|(?<=\w)[.@](?=\w))")


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
        context = _context(delivery, delivery.entry, person)
        folder = f"notifications/mail/{context['kind']}"
        context["lead"] = " ".join(render_to_string(f"{folder}/lead.txt", context).split())
        subject = " ".join(render_to_string(f"{folder}/subject.txt", context).split())
        text = render_to_string("notifications/mail/incident.txt", context)
        html = render_to_string("notifications/mail/incident.html", context | {"subject": subject})
    return Content(subject, _tidy(text), _inliner().inline(html))


def stop_url(delivery: Delivery) -> str:
    """Leads to a page that asks, and takes a mail program's one-click POST."""
    if delivery.recipient_id is None or delivery.incident_id is None:
        return ""
    token = dumps([delivery.recipient_id, delivery.incident_id, delivery.reason], salt=STOP_SALT)
    return f"{settings.BASE_URL}/mail/stop/{token}/"


def read_stop_token(token: str) -> tuple[int, int, str] | None:
    """Person, incident and reason; None when we did not make it."""
    try:
        person, incident, reason = loads(token, salt=STOP_SALT)
    except (BadSignature, ValueError):
        return None
    return person, incident, reason


def language_of(person: User) -> str:
    profile = getattr(person, "profile", None)
    known = {code for code, _name in settings.LANGUAGES}
    wanted = profile.language if profile else ""
    return wanted if wanted in known else settings.LANGUAGE_CODE


def zone_of(person: User) -> ZoneInfo:
    profile = getattr(person, "profile", None)
    name = profile.zone_name(settings.TIME_ZONE) if profile else settings.TIME_ZONE
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _context(delivery: Delivery, entry: TimelineEntry, person: User) -> dict[str, Any]:
    """For people outside the desk only what is public: of `data` nothing."""
    incident = entry.incident
    desk = policies.sees_internal(person)
    kind = KINDS.get(EntryKind(entry.kind), OTHERS)
    if kind == "assigned" and delivery.reason not in {Reason.ASSIGNEE, Reason.TEAM}:
        kind = OTHERS
    words = _words(entry, incident)
    return {
        "kind": kind,
        "entry": entry,
        "incident": incident,
        "number": incident.number,
        "title": plain(incident.title),
        "actor": actor_name(entry),
        "reader": plain(person.first_name or person.get_full_name()),
        "desk": desk,
        "reason": delivery.reason,
        "asks_reader": _asks(entry, delivery),
        "state": State(entry.state_after).label,
        "words": words,
        "words_html": prose(words),
        "attachments": _attachments(entry),
        "clock": _clock(entry) if desk else None,
        "facts": list(_facts(incident, entry, desk=desk)),
        "buttons": _buttons(incident, kind, delivery.reason, staff=person.is_staff),
        "stop_url": stop_url(delivery),
        "team": plain(incident.team.name) if incident.team else "",
        "service": plain(incident.service.name) if incident.service else "",
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[0] or _("Service desk"),
        "may_answer": bool(settings.INBOUND_MAIL_URL),
    }


def actor_name(entry: TimelineEntry) -> str:
    if entry.actor is None:
        return _("The service desk")
    return plain(entry.actor.get_full_name() or entry.actor.get_username())


def plain(name: str) -> str:
    """A name that no mail program takes for a link: a word joiner breaks what would look like one."""
    return LOOKS_LIKE_A_LINK.sub("\\1\u2060", " ".join(name.split()))


def prose(text: str) -> SafeString:
    """Paragraphs and line breaks, and nothing else that could be markup."""
    html = nh3.clean(linebreaks(text, autoescape=True), tags={"p", "br"}, attributes={})
    return mark_safe(html)  # noqa: S308 -- escaped, then cleaned to two tags without attributes


def _words(entry: TimelineEntry, incident: Incident) -> str:
    """What was said. An opening says what the report said."""
    if entry.kind == EntryKind.OPENED:
        return entry.text or incident.description
    return entry.text


def _asks(entry: TimelineEntry, delivery: Delivery) -> bool:
    """The incident waits for this reader."""
    held_for_caller = (
        entry.kind == EntryKind.HELD and entry.changes.get("hold_reason", ["", ""])[1] == HoldReason.CALLER
    )
    return held_for_caller and delivery.reason == Reason.REQUESTER


def _attachments(entry: TimelineEntry) -> list[str]:
    return [plain(name) for name in entry.attachments.order_by("pk").values_list("name", flat=True)]


def _clock(entry: TimelineEntry) -> dict[str, Any] | None:
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


def _facts(incident: Incident, entry: TimelineEntry, *, desk: bool) -> list[tuple[str, str]]:
    facts = [(_("State"), str(State(entry.state_after).label))]
    if incident.service:
        facts.append((_("Service"), plain(incident.service.name)))
    if desk:
        facts.append((_("Priority"), f"{incident.priority} {Priority(incident.priority).label}"))
        if incident.requester:
            facts.append((_("Requester"), plain(incident.requester.get_full_name())))
        if incident.team:
            facts.append((_("Team"), plain(incident.team.name)))
        if incident.assignee:
            facts.append((_("Assignee"), plain(incident.assignee.get_full_name())))
    return facts


def _buttons(incident: Incident, kind: str, reason: str, *, staff: bool) -> list[tuple[str, str]]:
    page = f"{settings.BASE_URL}/incidents/{incident.number}/"
    if reason == Reason.REQUESTER and kind == "resolved":
        return [
            (_("It works again, close it"), f"{page}#fixed"),
            (_("It still fails, reopen it"), f"{page}#fixed"),
        ]
    if staff and reason != Reason.REQUESTER:
        return [
            (
                _("Open in the service desk"),
                f"{settings.BASE_URL}/admin/incidents/incident/{incident.pk}/change/",
            )
        ]
    return [(_("Follow or answer"), page)]


def _tidy(text: str) -> str:
    """Templates leave gaps where a part was not needed."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


@cache
def _inliner() -> css_inline.CSSInliner:
    """Mail programs read style attributes; the style sheet in the head stays for dark and narrow ones."""
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)
