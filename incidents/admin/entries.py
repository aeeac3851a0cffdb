"""The timeline as the page draws it: each entry with its look, words, files and evidence."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from incidents.admin.wording import Names, label, sentence_of
from incidents.enums import (
    ActionOutcome,
    EntryKind,
)
from incidents.models import Attachment, Evidence, Incident, TimelineEntry

TALK = (EntryKind.OPENED, EntryKind.COMMENTED, EntryKind.NOTED)
FINDINGS = (
    EntryKind.EVIDENCE_ADDED,
    EntryKind.ALERTED,
    EntryKind.WORSENED,
    EntryKind.STILL_FIRING,
    EntryKind.HYPOTHESIS_ADDED,
    EntryKind.HYPOTHESIS_WEIGHED,
    EntryKind.ROOT_CAUSE_RECORDED,
)
#: Kinds whose text speaks to the requester: drawn as what somebody said.
SPEECH = frozenset(
    {
        EntryKind.OPENED,
        EntryKind.COMMENTED,
        EntryKind.HELD,
        EntryKind.MITIGATED,
        EntryKind.RESOLVED,
        EntryKind.REOPENED,
        EntryKind.CLOSED,
        EntryKind.CANCELLED,
        EntryKind.MAJOR_DECLARED,
        EntryKind.STOOD_DOWN,
    }
)
#: Drawn in red: they call for somebody.
ALARMS = frozenset(
    {
        EntryKind.SLA_BREACHED,
        EntryKind.MAJOR_DECLARED,
        EntryKind.ALERTED,
        EntryKind.WORSENED,
        EntryKind.STILL_FIRING,
    }
)
ICONS: Mapping[str, str] = {
    EntryKind.ACKNOWLEDGED: "eye",
    EntryKind.ACTION_PLANNED: "calendar",
    EntryKind.ACTION_TAKEN: "action",
    EntryKind.ALERTED: "alert",
    EntryKind.ASSIGNED: "user",
    EntryKind.CANCELLED: "close",
    EntryKind.CLOSED: "check-circle",
    EntryKind.COMMENTED: "reply",
    EntryKind.EDITED: "pencil",
    EntryKind.EVIDENCE_ADDED: "evidence",
    EntryKind.HELD: "pause",
    EntryKind.HYPOTHESIS_ADDED: "search",
    EntryKind.HYPOTHESIS_WEIGHED: "search",
    EntryKind.ROOT_CAUSE_RECORDED: "search",
    EntryKind.IMPORTED: "upload",
    EntryKind.LINKED: "link",
    EntryKind.MAJOR_DECLARED: "major",
    EntryKind.MERGED: "children",
    EntryKind.ABSORBED: "children",
    EntryKind.MITIGATED: "heart",
    EntryKind.NOTED: "note",
    EntryKind.OPENED: "incident",
    EntryKind.PRIORITY_OVERRIDDEN: "priority",
    EntryKind.REDACTED: "close",
    EntryKind.RESOLVED: "check",
    EntryKind.REVIEW_PUBLISHED: "review",
    EntryKind.SEVERITY_ASSESSED: "priority",
    EntryKind.SLA_BREACHED: "late",
    EntryKind.SLA_WARNED: "clock",
    EntryKind.STILL_FIRING: "alert",
    EntryKind.STOOD_DOWN: "major",
    EntryKind.WORSENED: "alert",
    EntryKind.WATCHER_ADDED: "bell",
    EntryKind.WATCHER_REMOVED: "bell",
}


@dataclass(slots=True)
class Line:
    """One entry as the page draws it. `look` is its CSS class: public, note, item or event."""

    entry: TimelineEntry
    look: str
    icon: str
    tone: str
    sentence: str
    changes: list[str]
    text: str
    by_requester: bool
    files: list[Attachment]
    evidence: Evidence | None = None
    facts: list[tuple[str, str]] = field(default_factory=list)


def group_of(kind: str) -> str:
    """The tab of the timeline it belongs to."""
    return "talk" if kind in TALK else "evidence" if kind in FINDINGS else "changes"


def lines_of(incident: Incident, entries: list[TimelineEntry], reader: User) -> list[Line]:
    """The entries of one page, told to this person. One query for each kind of thing that they name."""
    files = attachments_of(entries)
    evidence = evidence_of(entries)
    names = Names(entries, reader)
    return [
        _line(incident, entry, names, files[entry.pk], evidence.get(_evidence_id(entry))) for entry in entries
    ]


def _line(
    incident: Incident, entry: TimelineEntry, names: "Names", files: list[Attachment], proof: Evidence | None
) -> Line:
    says = bool(entry.text) and entry.kind in SPEECH and entry.is_public
    look = "public" if says or (files and entry.kind == EntryKind.COMMENTED) else "event"
    if entry.kind == EntryKind.NOTED:
        look = "note"
    elif entry.kind in {EntryKind.ACTION_TAKEN, EntryKind.ACTION_PLANNED, EntryKind.EVIDENCE_ADDED}:
        look = "item"
    changes = [] if entry.kind == EntryKind.OPENED else names.changes(entry)
    sentence = sentence_of(entry, names)
    if len(changes) == 1 and look == "event":
        joint = " " if entry.kind == EntryKind.EDITED else ": "
        sentence, changes = f"{sentence}{joint}{changes[0]}", []
    return Line(
        entry=entry,
        look=look,
        icon=ICONS.get(entry.kind, "pencil"),
        tone=_tone(entry),
        sentence=sentence,
        changes=changes,
        text=entry.text or str(entry.data.get("note") or entry.data.get("reason") or ""),
        by_requester=entry.actor_id is not None and entry.actor_id == incident.requester_id,
        files=files,
        evidence=proof,
        facts=_action_facts(entry),
    )


def _tone(entry: TimelineEntry) -> str:
    if entry.kind in ALARMS:
        return "red"
    outcome = entry.data.get("action", {}).get("outcome")
    return "green" if outcome == ActionOutcome.SUCCEEDED or entry.kind == EntryKind.RESOLVED else ""


def _action_facts(entry: TimelineEntry) -> list[tuple[str, str]]:
    action = entry.data.get("action")
    if not action:
        return []
    facts = [(action["outcome"], label(ActionOutcome, action["outcome"]))]
    return [*facts, ("reference", action["reference"])] if action.get("reference") else facts


def _evidence_id(entry: TimelineEntry) -> Any:
    return entry.data.get("evidence", {}).get("id")


def attachments_of(entries: list[TimelineEntry]) -> dict[int, list[Attachment]]:
    files: dict[int, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(entry__in=[entry.pk for entry in entries]).order_by("pk"):
        files[file.entry_id].append(file)
    return files


def evidence_of(entries: list[TimelineEntry]) -> dict[int, Evidence]:
    ids = [pk for entry in entries if (pk := _evidence_id(entry))]
    return Evidence.objects.in_bulk(ids) if ids else {}
