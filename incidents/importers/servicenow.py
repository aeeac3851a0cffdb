"""One row of a ServiceNow incident event log: text in, typed values out. No database.

The shape is that of the public "Incident management process enriched event log": one comma-separated
row for each modification of an incident, with the whole record as it stood afterwards; `?` means
missing; dates are `d/m/yyyy HH:MM` in the log's own zone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from incidents.enums import Channel, HoldReason, Impact, Priority, State, Urgency
from incidents.importers import cell
from incidents.importers.cell import BadRow
from incidents.importers.reading import Line, NotALog
from incidents.importers.records import Record, columns, records
from incidents.importers.rejects import COLUMNS as REJECTS
from incidents.lines import one_line

SOURCE_NAME = "servicenow"
#: Where the number of a row is looked for that cannot be read as a whole.
LONGEST_START = 10_000
NUMBER = re.compile(r"[A-Za-z]{1,10}\d{1,30}", re.ASCII)
COUNT = re.compile(r"\d{1,9}", re.ASCII)
#: By how much a clock elsewhere may be fast, and an hour that came twice be misread.
AHEAD = timedelta(hours=2)

#: Raw state -> ours, with the reason of a hold. A raw state of None changes nothing: ServiceNow
#: writes the bare number when a state has no label any more.
STATES: Mapping[str, tuple[State | None, str]] = {
    "New": (State.NEW, ""),
    "Active": (State.IN_PROGRESS, ""),
    "In Progress": (State.IN_PROGRESS, ""),
    "On Hold": (State.ON_HOLD, ""),
    "Awaiting User Info": (State.ON_HOLD, HoldReason.CALLER),
    "Awaiting Caller": (State.ON_HOLD, HoldReason.CALLER),
    "Awaiting Vendor": (State.ON_HOLD, HoldReason.VENDOR),
    "Awaiting Problem": (State.ON_HOLD, HoldReason.PROBLEM),
    "Awaiting Change": (State.ON_HOLD, HoldReason.CHANGE),
    "Awaiting Evidence": (State.ON_HOLD, HoldReason.EVIDENCE),
    "Resolved": (State.RESOLVED, ""),
    "Closed": (State.CLOSED, ""),
    "Canceled": (State.CANCELLED, ""),
    "-100": (None, ""),
}
CHANNELS: Mapping[str, Channel] = {
    "Phone": Channel.PHONE,
    "Self service": Channel.PORTAL,
    "Email": Channel.EMAIL,
    "IVR": Channel.IVR,
    "Direct opening": Channel.DIRECT,
}
REQUIRED = (
    *("number", "incident_state", "sys_updated_by", "sys_updated_at", "opened_by", "opened_at"),
    *("caller_id", "contact_type", "location", "category", "subcategory", "u_symptom", "cmdb_ci"),
    *("impact", "urgency", "priority", "assignment_group", "assigned_to", "problem_id"),
    *("closed_code", "resolved_by", "resolved_at", "closed_at"),
)
SLA = "made_sla"
KEPT = {"true": True, "false": False}
#: Where the log has more columns than we have fields: what is not told by another value of the row.
TOLD_ELSEWHERE = frozenset(REQUIRED) - {"subcategory", "u_symptom"} | {"active", SLA} | set(REJECTS)


@dataclass(frozen=True, slots=True)
class Row:
    """The record as it stood after one modification. Times are naive, in the log's zone."""

    line: int
    number: str
    raw_state: str
    at: datetime
    updated_by: str | None
    opened_by: str | None
    opened_at: datetime
    caller: str | None
    channel: Channel
    location: str | None
    category: str | None
    subcategory: str | None
    symptom: str | None
    item: str | None
    impact: Impact
    urgency: Urgency
    priority: Priority | None
    team: str | None
    assignee: str | None
    problem: str | None
    #: Whether its desk kept its own target, as far as it went; None where the log does not say.
    met_sla: bool | None
    #: These five hold the last value of the incident on every row, the first one too.
    closed_code: str | None
    resolved_by: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    #: The columns that have no field of ours, raw, without the missing ones.
    rest: Mapping[str, str]

    @property
    def changes(self) -> int:
        """How often the record had been changed, by its own count; -1 where it does not say."""
        told = self.rest.get("sys_mod_count", "")
        return int(told) if COUNT.fullmatch(told) else -1

    @property
    def is_new(self) -> bool:
        return self.raw_state == "New"


class Format:
    """Reads rows by the columns that the header line names, in any order."""

    def __init__(self, header: Line, *, now: datetime | None = None) -> None:
        """Raises NotALog. `now` is what the log's wall clock shows: no row can be younger."""
        self.delimiter, names = columns(header)
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            raise NotALog(
                "This is no ServiceNow incident event log: its first line does not name "
                f"{len(missing)} of the columns it must have, such as {', '.join(missing[:3])}."
            )
        self.width = len(names)
        self.at = {name: names.index(name) for name in REQUIRED}
        self.rest = [(place, name) for place, name in enumerate(names) if name not in TOLD_ELSEWHERE]
        self.sla = names.index(SLA) if SLA in names else None
        self.latest = now and now + AHEAD

    def records(self, lines: Iterator[Line]) -> Iterator[Record]:
        return records(lines, self.delimiter, self.width)

    def row(self, record: Record) -> Row:
        """Raises BadRow."""
        if record.fault:
            raise BadRow(record.fault)
        cells = record.cells
        text = {name: cells[place] for name, place in self.at.items()}
        self._check_times(text)
        return Row(
            line=record.line,
            number=cell.number(text),
            raw_state=_state(text["incident_state"]),
            at=cell.required(cell.moment(text, "sys_updated_at"), "sys_updated_at"),
            updated_by=cell.name(text, "sys_updated_by"),
            opened_by=cell.name(text, "opened_by"),
            opened_at=cell.required(cell.moment(text, "opened_at"), "opened_at"),
            caller=cell.name(text, "caller_id"),
            channel=_channel(text["contact_type"]),
            location=cell.name(text, "location"),
            category=cell.name(text, "category"),
            subcategory=cell.name(text, "subcategory"),
            symptom=cell.name(text, "u_symptom"),
            item=cell.name(text, "cmdb_ci"),
            impact=Impact(cell.grade(text, "impact", Impact.LOW) or Impact.MEDIUM),
            urgency=Urgency(cell.grade(text, "urgency", Urgency.LOW) or Urgency.MEDIUM),
            priority=Priority(grade) if (grade := cell.grade(text, "priority", Priority.PLANNING)) else None,
            team=cell.name(text, "assignment_group"),
            assignee=cell.name(text, "assigned_to"),
            problem=cell.name(text, "problem_id"),
            met_sla=self._met_sla(cells),
            closed_code=cell.name(text, "closed_code"),
            resolved_by=cell.name(text, "resolved_by"),
            resolved_at=cell.moment(text, "resolved_at"),
            closed_at=cell.moment(text, "closed_at"),
            rest={name: cells[place] for place, name in self.rest if cells[place] not in cell.MISSING},
        )

    def _met_sla(self, cells: Sequence[str]) -> bool | None:
        said = "" if self.sla is None else cells[self.sla].strip().lower()
        if said in cell.MISSING:
            return None
        if said not in KEPT:
            raise BadRow(f"{SLA} is neither true nor false: {cell.quoted(said)}")
        return KEPT[said]

    def number_of(self, record: Record) -> str | None:
        """Whose row it is, as far as it can be told also of a row that cannot be read otherwise."""
        place = self.at["number"]
        if record.cells:
            name = one_line(record.cells[place])
            return name if cell.is_number(name) else None
        cells = record.text[:LONGEST_START].split(self.delimiter)
        name = cells[place].strip(' "') if place < len(cells) else ""
        return name if NUMBER.fullmatch(name) else None

    def _check_times(self, text: Mapping[str, str]) -> None:
        """The end of an incident is not before its beginning, and nothing has been written yet tomorrow."""
        opened_at = cell.moment(text, "opened_at")
        for column in ("resolved_at", "closed_at"):
            ended_at = cell.moment(text, column)
            if opened_at and ended_at and ended_at < opened_at:
                raise BadRow(f"{column} {text[column]} is before opened_at {text['opened_at']}: impossible")
        for column in ("opened_at", "sys_updated_at", "resolved_at", "closed_at"):
            at = cell.moment(text, column)
            if at and self.latest and at > self.latest:
                raise BadRow(f"{column} {text[column]} lies in the future: impossible")


def localize(naive: datetime, zone: ZoneInfo, *, not_before: datetime | None = None) -> datetime:
    """The moment in UTC that the log's wall clock showed `naive`.

    An hour that the zone skipped is read as if the clocks had not been put forward yet. An hour that
    happened twice is the first one, unless only the second keeps the order after `not_before`.
    """
    moment = naive.replace(tzinfo=zone).astimezone(UTC)
    if not_before is not None and moment < not_before:
        second = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
        return second if second >= not_before else moment
    return moment


def _state(text: str) -> str:
    if text not in STATES:
        raise BadRow(f"unknown state {cell.quoted(text)}")
    return text


def _channel(text: str) -> Channel:
    if text in cell.MISSING:
        return Channel.DIRECT
    if text not in CHANNELS:
        raise BadRow(f"unknown contact_type {cell.quoted(text)}")
    return CHANNELS[text]
