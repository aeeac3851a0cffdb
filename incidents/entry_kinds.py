"""Each kind of timeline entry, once: what desk and portal say of it, and how it is drawn.

Who is told of it by mail is the matter of those who listen; see `notifications/kinds.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents import sentences
from incidents.enums import EntryKind
from incidents.sentences import Names

if TYPE_CHECKING:
    from incidents.models import TimelineEntry


class Tab(StrEnum):
    """Of the timeline at the desk."""

    TALK = "talk"
    CHANGES = "changes"
    FINDINGS = "evidence"


class Look(StrEnum):
    """How the desk draws it."""

    EVENT = "event"
    #: As what somebody said to the requester, where it has words and the requester reads them.
    SPEECH = "speech"
    NOTE = "note"
    ITEM = "item"


Sentence: TypeAlias = "Promise | Callable[[TimelineEntry, Names], str]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    #: At the desk, after the name of who did it.
    desk: Sentence
    #: In the portal, in the words of the person it concerns. Kinds that are never public have none.
    portal: Promise | None = None
    icon: str
    tab: Tab = Tab.CHANGES
    look: Look = Look.EVENT
    #: Class of its colour: red calls for somebody, green is good news.
    tone: str = ""
    #: Changed fields that the sentence tells already.
    tells: frozenset[str] = frozenset()
    #: Retold in the review of a major incident.
    in_review: bool = False
    #: Written by a machine by itself: it contradicts nobody's typing.
    is_notice: bool = False


def _nothing(_entry: "TimelineEntry", _names: Names) -> str:
    return ""


_OVER = frozenset({"hold_reason"})

ENTRY_KINDS: Mapping[EntryKind, Definition] = {
    EntryKind.OPENED: Definition(
        desk=sentences.opened,
        portal=_("Reported"),
        icon="incident",
        tab=Tab.TALK,
        look=Look.SPEECH,
        in_review=True,
    ),
    EntryKind.ACKNOWLEDGED: Definition(
        desk=_("acknowledged it and started"),
        portal=_("We are looking at it"),
        icon="eye",
        in_review=True,
    ),
    EntryKind.ASSIGNED: Definition(
        desk=sentences.assigned,
        portal=_("It is being worked on"),
        icon="user",
        tells=frozenset({"team", "assignee"}),
    ),
    EntryKind.HELD: Definition(
        desk=sentences.held,
        portal=_("On hold"),
        icon="pause",
        look=Look.SPEECH,
        tells=_OVER,
    ),
    EntryKind.RESUMED: Definition(
        desk=_("went on with it"), portal=_("Work goes on"), icon="pencil", tells=_OVER
    ),
    EntryKind.MITIGATED: Definition(
        desk=_("noted that the service is back"),
        portal=_("The service is back"),
        icon="heart",
        look=Look.SPEECH,
        in_review=True,
    ),
    EntryKind.RESOLVED: Definition(
        desk=sentences.resolved,
        portal=_("Solved"),
        icon="check",
        look=Look.SPEECH,
        tone="green",
        tells=frozenset({"hold_reason", "resolution_code"}),
        in_review=True,
    ),
    EntryKind.REOPENED: Definition(
        desk=_("reopened it"),
        portal=_("Not solved after all"),
        icon="pencil",
        look=Look.SPEECH,
        tells=frozenset({"resolution_code"}),
        in_review=True,
    ),
    EntryKind.CLOSED: Definition(
        desk=_("closed it"),
        portal=_("Closed"),
        icon="check-circle",
        look=Look.SPEECH,
        tells=_OVER,
        in_review=True,
    ),
    EntryKind.CANCELLED: Definition(
        desk=_("cancelled it"), portal=_("Withdrawn"), icon="close", look=Look.SPEECH, tells=_OVER
    ),
    EntryKind.MERGED: Definition(
        desk=sentences.merged, portal=_("Joined with another report"), icon="children", tells=_OVER
    ),
    EntryKind.ABSORBED: Definition(desk=sentences.absorbed, icon="children"),
    EntryKind.COMMENTED: Definition(
        desk=sentences.replied,
        portal=_("Reply"),
        icon="reply",
        tab=Tab.TALK,
        look=Look.SPEECH,
        tells=_OVER,
    ),
    EntryKind.NOTED: Definition(desk=_nothing, icon="note", tab=Tab.TALK, look=Look.NOTE),
    EntryKind.EDITED: Definition(desk=_("changed"), icon="pencil"),
    EntryKind.PRIORITY_OVERRIDDEN: Definition(desk=_("overrode the priority"), icon="priority"),
    EntryKind.SEVERITY_ASSESSED: Definition(desk=_("assessed the severity"), icon="priority"),
    EntryKind.MAJOR_DECLARED: Definition(
        desk=_("declared a major incident"),
        portal=_("Treated as a major incident"),
        icon="major",
        look=Look.SPEECH,
        tone="red",
        in_review=True,
    ),
    EntryKind.STOOD_DOWN: Definition(
        desk=_("stood the major incident down"),
        portal=_("No major incident any more"),
        icon="major",
        look=Look.SPEECH,
        in_review=True,
    ),
    EntryKind.EVIDENCE_ADDED: Definition(
        desk=sentences.evidence, icon="evidence", tab=Tab.FINDINGS, look=Look.ITEM
    ),
    EntryKind.HYPOTHESIS_ADDED: Definition(
        desk=sentences.suspects, icon="search", tab=Tab.FINDINGS, in_review=True
    ),
    EntryKind.HYPOTHESIS_WEIGHED: Definition(
        desk=sentences.weighed, icon="search", tab=Tab.FINDINGS, in_review=True
    ),
    EntryKind.ROOT_CAUSE_RECORDED: Definition(
        desk=_("wrote the root cause down"), icon="search", tab=Tab.FINDINGS, in_review=True
    ),
    EntryKind.ACTION_PLANNED: Definition(desk=sentences.action, icon="calendar", look=Look.ITEM),
    EntryKind.ACTION_TAKEN: Definition(
        desk=sentences.action,
        portal=_("Something was done"),
        icon="action",
        look=Look.ITEM,
        in_review=True,
    ),
    EntryKind.WATCHER_ADDED: Definition(desk=sentences.lets_watch, icon="bell"),
    EntryKind.WATCHER_REMOVED: Definition(desk=sentences.ended_watching, icon="bell"),
    EntryKind.LINKED: Definition(desk=_("linked it"), icon="link"),
    EntryKind.REVIEW_PUBLISHED: Definition(desk=_("published the review"), icon="review"),
    EntryKind.REDACTED: Definition(desk=_("removed words that must not be kept"), icon="close"),
    EntryKind.ALERTED: Definition(
        desk=_("noted what monitoring reports"),
        icon="alert",
        tab=Tab.FINDINGS,
        tone="red",
        is_notice=True,
    ),
    EntryKind.WORSENED: Definition(
        desk=_("noted that an alert got worse"), icon="alert", tab=Tab.FINDINGS, tone="red"
    ),
    EntryKind.STILL_FIRING: Definition(
        desk=_("noted that an alert goes on"),
        icon="alert",
        tab=Tab.FINDINGS,
        tone="red",
        is_notice=True,
    ),
    EntryKind.SLA_WARNED: Definition(desk=sentences.warned, icon="clock", is_notice=True),
    EntryKind.SLA_BREACHED: Definition(desk=sentences.breached, icon="late", tone="red", is_notice=True),
    EntryKind.IMPORTED: Definition(desk=_("recorded elsewhere"), icon="upload"),
}


def kinds_where(holds: Callable[[Definition], bool]) -> tuple[EntryKind, ...]:
    """In the order of the table."""
    return tuple(kind for kind, definition in ENTRY_KINDS.items() if holds(definition))


def sentence_of(entry: "TimelineEntry", names: Names) -> str:
    says = ENTRY_KINDS[EntryKind(entry.kind)].desk
    return str(says) if isinstance(says, Promise) else says(entry, names)
