"""The timeline as the page draws it: each entry with its look, words, files and evidence."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User

from incidents.admin.names import Names
from incidents.entry_kinds import ENTRY_KINDS, Look, sentence_of
from incidents.enums import ActionOutcome, EntryKind
from incidents.models import Attachment, Evidence, Incident, TimelineEntry
from incidents.sentences import label


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


def lines_of(incident: Incident, entries: list[TimelineEntry], reader: User) -> list[Line]:
    """The entries of one page, told to this person. One query for each kind of thing that they name."""
    files = attachments_of(entries)
    evidence = evidence_of(entries)
    names = Names(entries, reader)
    return [
        _line(incident, entry, names, files[entry.pk], evidence.get(_evidence_id(entry))) for entry in entries
    ]


def _line(
    incident: Incident, entry: TimelineEntry, names: Names, files: list[Attachment], proof: Evidence | None
) -> Line:
    kind = ENTRY_KINDS[EntryKind(entry.kind)]
    look = _look(entry, kind.look, has_files=bool(files))
    changes = [] if entry.kind == EntryKind.OPENED else names.changes(entry)
    sentence = sentence_of(entry, names)
    if len(changes) == 1 and look == "event":
        joint = " " if entry.kind == EntryKind.EDITED else ": "
        sentence, changes = f"{sentence}{joint}{changes[0]}", []
    return Line(
        entry=entry,
        look=look,
        icon=kind.icon,
        tone=_tone(entry, kind.tone),
        sentence=sentence,
        changes=changes,
        text=entry.text or str(entry.data.get("note") or entry.data.get("reason") or ""),
        by_requester=entry.actor_id is not None and entry.actor_id == incident.requester_id,
        files=files,
        evidence=proof,
        facts=_action_facts(entry),
    )


def _look(entry: TimelineEntry, look: Look, *, has_files: bool) -> str:
    if look != Look.SPEECH:
        return look
    says = bool(entry.text) and entry.is_public
    return "public" if says or (has_files and entry.kind == EntryKind.COMMENTED) else Look.EVENT


def _tone(entry: TimelineEntry, tone: str) -> str:
    """Of an action by how it went."""
    outcome = entry.data.get("action", {}).get("outcome")
    return tone or ("green" if outcome == ActionOutcome.SUCCEEDED else "")


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
