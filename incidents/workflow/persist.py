"""The one guarded write: row, clocks and entry, or nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any, cast

from django.db.models import F, Q
from django.utils.translation import gettext as _

from incidents import limits, timeline
from incidents.enums import EntryKind, Visibility
from incidents.errors import Invalid, StaleIncident
from incidents.models import Clock, Incident, TimelineEntry
from incidents.policies import Actor
from incidents.sla import clocks as sla_clocks
from incidents.sla.clocks import Step
from incidents.sla.policy import FACTS, Facts, load_policy_book
from incidents.sla.rebuild import ClockRows


def expect(incident: Incident, version: int) -> None:
    """Raises StaleIncident when a door read another version than the one loaded now."""
    if incident.version != version:
        raise StaleIncident(incident.number)


def differing(incident: Incident, wanted: Mapping[str, object]) -> dict[str, Any]:
    """The part of `wanted` that would change the row."""
    return {
        name: value
        for name, value in wanted.items()
        if timeline.plain(getattr(incident, timeline.attname(name))) != timeline.plain(value)
    }


def write(
    incident: Incident,
    *,
    kind: EntryKind,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, object] | None = None,
    text: str = "",
    visibility: Visibility = Visibility.INTERNAL,
    data: Mapping[str, object] | None = None,
) -> TimelineEntry:
    """Inside the verb's transaction: change the row, move the clocks, append the entry.

    `changes` are field values; those that change nothing are left out. `incident` takes the new
    values. Raises StaleIncident when its version is no longer the row's.
    """
    clean_text("text", text)
    new = differing(incident, changes or {})
    told = {
        name: [timeline.plain(getattr(incident, timeline.attname(name))), timeline.plain(value)]
        for name, value in new.items()
    }
    entry = timeline.compose(
        incident=incident,
        kind=kind,
        actor=actor,
        at=at,
        text=text,
        visibility=visibility,
        changes=told,
        data=data,
        state_after=new.get("state", incident.state),
    )
    clocks = move_clocks(incident, entry, new)
    due = {} if clocks is None else {"next_due_at": clocks.next_due_at}
    touched = Incident.objects.filter(pk=incident.pk, version=incident.version).update(
        **new, **due, version=F("version") + 1, chain_head=entry.hash, updated_at=at
    )
    if touched != 1:
        raise StaleIncident(incident.number)
    for name, value in (*new.items(), *due.items()):
        setattr(incident, name, value)
    incident.version, incident.chain_head, incident.updated_at = entry.seq, entry.hash, at
    if clocks is not None:
        clocks.save()
    return timeline.record(entry)


def lock(rows: Q) -> dict[int, Incident]:
    """The rows of several incidents, fresh and locked until the transaction ends, by key.

    Always in the order of the keys: two verbs on the same incidents wait for each other in a line
    and never in a ring. On SQLite the transaction itself keeps others out.
    """
    locked = Incident.objects.select_for_update(no_key=True).filter(rows).order_by("pk")
    return {row.pk: row for row in locked}


@dataclass(frozen=True, slots=True)
class Birth:
    """An incident that is not there yet, and what its first entry says besides."""

    incident: Incident
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)


def create(incident: Incident, *, actor: Actor, text: str, data: Mapping[str, Any]) -> TimelineEntry:
    """The first write: insert the row as its own first entry tells it, start the clocks."""
    return create_all([Birth(incident, text, data)], actor=actor)[0]


def create_all(births: Sequence[Birth], *, actor: Actor) -> list[TimelineEntry]:
    """As `create`, of many in as many statements as of one: rows, clocks, entries."""
    entries, clocks = [], []
    for birth in births:
        entry = _first_entry(birth, actor)
        incident = birth.incident
        incident.version, incident.chain_head = entry.seq, entry.hash
        rows = move_clocks(incident, entry, {})
        if rows is not None:
            incident.next_due_at = rows.next_due_at
            clocks += rows.made
        entries.append(entry)
    Incident.objects.bulk_create([birth.incident for birth in births])
    if clocks:
        Clock.objects.bulk_create(clocks)
    return timeline.record_all(entries)


def _first_entry(birth: Birth, actor: Actor) -> TimelineEntry:
    incident = birth.incident
    clean_text("description", incident.description)
    clean_text("title", incident.title)
    before, after = timeline.blank_values(), timeline.row_values(incident)
    return timeline.compose(
        incident=incident,
        kind=EntryKind.OPENED,
        actor=actor,
        at=incident.updated_at,
        text=birth.text,
        visibility=Visibility.PUBLIC,
        changes={name: [before[name], after[name]] for name in after if before[name] != after[name]},
        data=birth.data,
        state_after=incident.state,
    )


def clean_text(field: str, text: str) -> None:
    """Raises Invalid for what no database and no reader can take."""
    if fault := text_fault(text):
        raise Invalid({field: fault})


def text_fault(text: str) -> str:
    """Why it cannot be kept; empty if it can."""
    if len(text) > limits.TEXT:
        words = _("That is too long (%(length)d characters, %(limit)d fit). Attach it as a file instead.")
        return words % {"length": len(text), "limit": limits.TEXT}
    if "\x00" in text or any(0xD800 <= ord(char) <= 0xDFFF for char in text):
        return _("The text holds characters that cannot be stored (NUL or half a character pair).")
    return ""


def facts_after(incident: Incident, new: Mapping[str, Any]) -> Facts:
    """What its clocks go by once the row has these values."""
    changed = {timeline.attname(name): getattr(value, "pk", value) for name, value in new.items()}
    facts: Any = SimpleNamespace(**{name: changed.get(name, getattr(incident, name)) for name in FACTS})
    return cast("Facts", facts)


def move_clocks(incident: Incident, entry: TimelineEntry, new: Mapping[str, Any]) -> ClockRows | None:
    """The incident's clocks taken over this entry, not saved; None where it does not touch them."""
    if entry.kind not in sla_clocks.NOTICES and sla_clocks.RELEVANT.isdisjoint(entry.changes):
        return None
    is_first = entry.seq == 1

    def past() -> Iterable[Step]:
        if is_first:
            return ()
        before = TimelineEntry.objects.filter(incident=incident, seq__lt=entry.seq)
        return timeline.steps(before.order_by("seq"))

    rows = [] if is_first else list(Clock.objects.filter(incident=incident))
    book = load_policy_book()
    moved = {row.metric: sla_clocks.from_row(row) for row in rows}
    sla_clocks.advance(
        moved,
        facts=facts_after(incident, new),
        at=entry.at,
        kind=entry.kind,
        data=entry.data,
        past=past,
        book=book,
    )
    return ClockRows(incident, moved, rows=rows, book=book)
