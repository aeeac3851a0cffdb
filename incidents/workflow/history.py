"""Incidents that happened elsewhere: whole timelines at once, as our own verbs would have left them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q

from incidents import timeline
from incidents.enums import EntryKind, State, Via, Visibility
from incidents.errors import StaleIncident
from incidents.models import Clock, Incident, TimelineEntry
from incidents.policies import Actor
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import PolicyBook
from incidents.sla.rebuild import ClockRows, rebuild

#: What the requester may read of a record, as of our own (the rest of an entry is the desk's).
PUBLIC_KINDS = frozenset(
    {
        EntryKind.OPENED,
        EntryKind.ACKNOWLEDGED,
        EntryKind.HELD,
        EntryKind.RESUMED,
        EntryKind.RESOLVED,
        EntryKind.REOPENED,
        EntryKind.CLOSED,
        EntryKind.CANCELLED,
        EntryKind.COMMENTED,
    }
)

#: Fields that are younger than imports that are still here; nothing but an import writes them.
LATER_FIELDS = ("source_met_sla",)


@dataclass(frozen=True, slots=True)
class Moment:
    """The incident as one recorded change left it.

    `values` are tracked fields, rows by primary key; what is the same as before is no change.
    """

    at: datetime
    kind: EntryKind
    actor: User | None
    values: Mapping[str, object]
    text: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    source_state: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """One incident from its first moment on. At least one moment; the first says `opened_at`."""

    source_name: str
    source_number: str
    moments: Sequence[Moment]


class TakenOver(NamedTuple):
    """What is here of an incident."""

    moments: int
    met_sla: bool | None


def recorded(source_name: str, numbers: Iterable[str]) -> dict[str, TakenOver]:
    """Of those that are here already, by their number there. One query.

    A moment of the source carries the state it left there. An entry of an import without one is
    what was learnt afterwards (see `_missed`).
    """
    rows = Incident.objects.filter(source_name=source_name, source_number__in=list(numbers))
    moments = Count("entries", filter=Q(entries__via=Via.IMPORT, entries__source_state__gt=""))
    found = rows.annotate(moments=moments).values_list("source_number", "moments", "source_met_sla")
    return {number: TakenOver(moments, met_sla) for number, moments, met_sla in found}


@transaction.atomic
def record_history(histories: Iterable[History], *, at: datetime, book: PolicyBook) -> int:
    """Write incidents with their timelines and clocks; all of `histories` or none. Returns the entries made.

    They are written as announced `at`: nobody is told of the past, and no signal is sent. Raises
    IntegrityError when one of them is here already (see `recorded`).
    """
    incidents, entries, clocks = [], [], []
    for history in histories:
        incident = Incident(source_name=history.source_name, source_number=history.source_number)
        told = _tell(incident, history.moments, _from_blank(incident), announced_at=at)
        incidents.append(incident)
        entries.extend(told)
        clocks.extend(_clocks(incident, told, book))
    Incident.objects.bulk_create(incidents)
    TimelineEntry.objects.bulk_create(entries)
    Clock.objects.bulk_create(clocks)
    return len(entries)


class Diverged(Exception):
    """What is here is not what the history continues. The message says why."""


@transaction.atomic
def continue_history(history: History, *, at: datetime, book: PolicyBook) -> int:
    """Append what an earlier import of the same incident did not have yet. Returns the entries made.

    Announced as in `record_history`. Raises Diverged when there are moments to append and somebody has
    worked on it here, or when the first moments are not those that were taken over.
    """
    incident = Incident.objects.get(source_name=history.source_name, source_number=history.source_number)
    entries = list(incident.entries.order_by("seq"))
    taken_over = [entry for entry in entries if entry.via == Via.IMPORT and entry.source_state]
    moments = history.moments[len(taken_over) :]
    if moments and any(entry.via not in {Via.IMPORT, Via.SYSTEM} for entry in entries):
        raise Diverged(f"{incident.number} has been worked on here since it was imported")
    for entry, moment in zip(taken_over, history.moments, strict=False):
        if (entry.at, entry.source_state) != (moment.at, moment.source_state):
            raise Diverged("its first rows are not those that were imported")
    seen = incident.version
    told = _tell(incident, moments or _missed(incident, history.moments[-1], at), {}, announced_at=at)
    row = {name: getattr(incident, timeline.attname(name)) for name in timeline.TRACKED}
    touched = Incident.objects.filter(pk=incident.pk, version=seen).update(
        **row,
        version=incident.version,
        chain_head=incident.chain_head,
        updated_at=incident.updated_at,
    )
    if touched != 1:
        raise StaleIncident(incident.number)
    TimelineEntry.objects.bulk_create(told)
    rebuild(incident, book)
    return len(told)


def _missed(incident: Incident, last: Moment, at: datetime) -> list[Moment]:
    """What the last moment says of fields that an import of long ago had no place for, learnt `at`."""
    values = {
        name: last.values[name]
        for name in LATER_FIELDS
        if last.values.get(name) is not None and getattr(incident, name) is None
    }
    return [Moment(at, EntryKind.IMPORTED, None, values)] if values else []


def _from_blank(incident: Incident) -> dict[str, list[object]]:
    """What the first entry tells beyond its moment: where the row differs from an empty one already."""
    values = timeline.row_values(incident)
    return {name: [old, values[name]] for name, old in timeline.blank_values().items() if old != values[name]}


def _tell(
    incident: Incident,
    moments: Sequence[Moment],
    changes: dict[str, list[object]],
    *,
    announced_at: datetime,
) -> list[TimelineEntry]:
    """The entries of the moments, chained; `incident` becomes the row they tell of."""
    entries = []
    values = timeline.row_values(incident)
    for moment in moments:
        state_before = values["state"]
        for name, value in moment.values.items():
            old, new = values[name], timeline.plain(value)
            if old != new:
                setattr(incident, timeline.attname(name), value)
                values[name] = new
                changes[name] = [old, new]
        entry = timeline.compose(
            incident=incident,
            kind=moment.kind,
            actor=Actor(moment.actor, Via.IMPORT),
            at=moment.at,
            text=moment.text,
            visibility=_visibility(moment.kind, state_before, values["state"]),
            changes=changes,
            data=moment.data,
            state_after=values["state"],
            source_state=moment.source_state,
        )
        entry.announced_at = announced_at
        incident.version, incident.chain_head, incident.updated_at = entry.seq, entry.hash, moment.at
        entries.append(entry)
        changes = {}
    return entries


def _visibility(kind: EntryKind, before: str, after: str) -> Visibility:
    taken_up = kind == EntryKind.ASSIGNED and (before, after) == (State.NEW, State.IN_PROGRESS)
    return Visibility.PUBLIC if taken_up or kind in PUBLIC_KINDS else Visibility.INTERNAL


def _clocks(incident: Incident, entries: Sequence[TimelineEntry], book: PolicyBook) -> list[Clock]:
    rows = ClockRows(incident, sla_clocks.replay(timeline.steps(entries), book), rows=(), book=book)
    incident.next_due_at = rows.next_due_at
    return rows.made
