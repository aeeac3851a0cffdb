"""The rows of one incident, told as our own verbs would have left them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from incidents import limits
from incidents.enums import OPEN_STATES, Channel, EntryKind, Priority, ResolutionCode, State
from incidents.importers.catalogue import Names, pk_in
from incidents.importers.servicenow import SOURCE_NAME, STATES, Row, localize
from incidents.lines import one_line
from incidents.workflow.history import History, Moment
from incidents.workflow.priority import desk_day, matrix_on

ENDED = frozenset({State.RESOLVED, State.CLOSED})
FINAL = frozenset({State.CLOSED, State.CANCELLED})
REACHED: Mapping[Channel, str] = {
    Channel.PHONE: "by phone",
    Channel.PORTAL: "through self service",
    Channel.EMAIL: "by e-mail",
    Channel.IVR: "through the voice menu",
    Channel.DIRECT: "directly",
}


@dataclass
class Telling:
    """Tells the histories of one run: knows the names, the log's zone and the matrix of each day."""

    names: Names
    zone: ZoneInfo
    _matrices: dict[date, Mapping[tuple[int, int], Priority]] = field(default_factory=dict)

    def history(self, rows: Sequence[Row]) -> History:
        """`rows` are all of one incident, in the order of the log."""
        return History(SOURCE_NAME, rows[0].number, list(self._moments(rows)))

    def _moments(self, rows: Sequence[Row]) -> Iterator[Moment]:
        first, last = rows[0], rows[-1]
        ending = _last_resolved(rows) or last
        before: Row | None = None
        values: dict[str, Any] = {"title": _title(first), "description": _description(first)}
        at = None
        for row in rows:
            state = STATES[row.raw_state][0] or values.get("state", State.NEW)
            at = localize(row.at, self.zone, not_before=at)
            known = dict(values)
            values |= self._recorded(row) | _progress(known, row, before, state, at)
            if row is ending and state in ENDED:
                values["resolution"] = _resolution(row)
            if row is last:
                values |= self._last_word(row, values, at)
            yield Moment(
                at=at,
                kind=_kind(known, values),
                actor=self.names.people.named(row.updated_by),
                values=dict(values),
                text=values["description"] if before is None else "",
                data={"source": _source(row, before, is_last=row is last)},
                source_state=row.raw_state,
            )
            before = row

    def _recorded(self, row: Row) -> dict[str, object]:
        """The fields that simply stand in the row."""
        names, people = self.names, self.names.people
        opened_at = localize(row.opened_at, self.zone)
        priority = self._matrix(desk_day(opened_at)).get((row.impact, row.urgency))
        requester, opened_by, assignee = (
            people.named(name) for name in (row.caller, row.opened_by, row.assignee)
        )
        return {
            "opened_at": opened_at,
            "requester": requester and requester.pk,
            "opened_by": opened_by and opened_by.pk,
            "assignee": assignee and assignee.pk,
            "team": pk_in(names.teams, row.team),
            "location": pk_in(names.locations, row.location),
            "configuration_item": pk_in(names.items, row.item),
            "problem": pk_in(names.problems, row.problem),
            "category": names.category(row.category, row.subcategory),
            "channel": row.channel,
            "impact": row.impact,
            "urgency": row.urgency,
            "priority": row.priority or priority or Priority.MODERATE,
            "priority_overridden": row.priority not in {None, priority},
            **({} if row.met_sla is None else {"source_met_sla": row.met_sla}),
        }

    def _matrix(self, day: date) -> Mapping[tuple[int, int], Priority]:
        if day not in self._matrices:
            self._matrices[day] = matrix_on(day)
        return self._matrices[day]

    def _last_word(self, row: Row, values: Mapping[str, Any], at: datetime) -> dict[str, object]:
        """The times the record itself gives for the end, over those of its rows."""
        told: dict[str, object] = {}
        if values["state"] in ENDED:
            told["resolved_at"] = self._recorded_time(row.resolved_at, values.get("resolved_at"))
        if values["state"] in FINAL:
            told["closed_at"] = self._recorded_time(row.closed_at, at) or at
        return told

    def _recorded_time(self, naive: datetime | None, not_before: datetime | None) -> datetime | None:
        return naive and localize(naive, self.zone, not_before=not_before)


def _progress(
    known: Mapping[str, Any], row: Row, before: Row | None, state: State, at: datetime
) -> dict[str, object]:
    """What follows from the step that this row is. `known` are the values before it."""
    progress: dict[str, object] = {"state": state}
    if STATES[row.raw_state][0] is not None:
        progress["hold_reason"] = STATES[row.raw_state][1]
    if not row.is_new and not known.get("acknowledged_at"):
        progress["acknowledged_at"] = at
    if row.assignee and not known.get("first_assigned_at"):
        progress["first_assigned_at"] = at
    if before and before.team and row.team and before.team != row.team:
        progress["reassignment_count"] = known.get("reassignment_count", 0) + 1
    if _reopens(known.get("state"), state):
        progress["reopen_count"] = known.get("reopen_count", 0) + 1
    if state in OPEN_STATES:
        progress |= {"resolved_at": None, "closed_at": None, "resolution_code": "", "resolution": ""}
    if state in ENDED:
        progress["resolution_code"] = ResolutionCode.RECORDED
    if row.raw_state == "Resolved":
        # Where the record does not say when it was resolved, the time of a row is no better witness.
        progress["resolved_at"] = at if row.resolved_at else None
    if state in FINAL and known.get("state") != state:
        progress["closed_at"] = at
    return progress


def _reopens(before: State | None, after: State) -> bool:
    return before in ENDED and after not in ENDED and after != State.CANCELLED


def _kind(before: Mapping[str, object], after: Mapping[str, object]) -> EntryKind:
    """The verb that would have made this step; IMPORTED for a row that tells nothing of ours."""
    if "state" not in before:
        return EntryKind.OPENED
    if before["state"] != after["state"]:
        return _kind_of_move(before, after)
    if before["hold_reason"] != after["hold_reason"]:
        return EntryKind.HELD
    changed = {name for name in after if before.get(name) != after[name]} - {"source_met_sla"}
    if changed & {"team", "assignee"}:
        return EntryKind.ASSIGNED
    return EntryKind.EDITED if changed else EntryKind.IMPORTED


def _kind_of_move(before: Mapping[str, Any], after: Mapping[str, Any]) -> EntryKind:
    old, new = before["state"], after["state"]
    if _reopens(old, new):
        return EntryKind.REOPENED
    if new == State.IN_PROGRESS and old == State.NEW:
        taken = after["assignee"] is not None and after["assignee"] != before["assignee"]
        return EntryKind.ASSIGNED if taken else EntryKind.ACKNOWLEDGED
    moves = {
        State.IN_PROGRESS: EntryKind.RESUMED,
        State.ON_HOLD: EntryKind.HELD,
        State.RESOLVED: EntryKind.RESOLVED,
        State.CLOSED: EntryKind.CLOSED,
        State.CANCELLED: EntryKind.CANCELLED,
    }
    return moves.get(new, EntryKind.IMPORTED)


def _last_resolved(rows: Sequence[Row]) -> Row | None:
    return next((row for row in reversed(rows) if row.raw_state == "Resolved"), None)


def _source(row: Row, before: Row | None, *, is_last: bool) -> dict[str, str | None]:
    """The raw columns without a field of ours: all on the first row, afterwards those that changed.

    How it ended is known to the log on every row; here it stands on the last, where it was known.
    """
    told: dict[str, str | None] = dict(row.rest)
    if before is not None:
        gone = {name: None for name in before.rest if name not in row.rest}
        told = {name: value for name, value in row.rest.items() if before.rest.get(name) != value} | gone
    if is_last:
        ends = {"closed_code": row.closed_code, "resolved_by": row.resolved_by}
        told |= {name: value for name, value in ends.items() if value}
    return told


def _title(row: Row) -> str:
    named = " / ".join(name for name in (row.category, row.subcategory) if name)
    if row.symptom:
        named = f"{row.symptom}: {named}" if named else row.symptom
    return one_line(named[: limits.LINE]) or f"Incident {row.number}"


def _description(row: Row) -> str:
    who = row.caller or "Somebody"
    where = f" from {row.location}" if row.location else ""
    kinds = ", ".join(name for name in (row.category, row.subcategory, row.symptom) if name)
    what = f" It was filed under {kinds}." if kinds else ""
    return (
        f"{who} reported this{where} {REACHED[row.channel]}.{what} Taken over from ServiceNow, {row.number}."
    )


def _resolution(row: Row) -> str:
    told = ", ".join(name for name in (row.closed_code, row.resolved_by) if name)
    return f"As recorded in ServiceNow: {told or 'no code, nobody named'}."
