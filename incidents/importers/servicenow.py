"""One row of a ServiceNow incident event log: text in, typed values out. No database.

The shape is that of the public "Incident management process enriched event log": one comma-separated
row for each modification of an incident, with the whole record as it stood afterwards; `?` means
missing; dates are `d/m/yyyy HH:MM` in the log's own zone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from incidents.enums import Channel, HoldReason, Impact, Priority, State, Urgency
from incidents.importers.reading import Line, NotALog
from incidents.importers.records import Record, columns, records
from incidents.importers.rejects import COLUMNS as REJECTS
from incidents.lines import one_line

Value = TypeVar("Value")

SOURCE_NAME = "servicenow"
MISSING = frozenset({"", "?"})
LONGEST_NAME = 100
LONGEST_NUMBER = 80
#: Where the number of a row is looked for that cannot be read as a whole.
LONGEST_START = 10_000
NUMBER = re.compile(r"[A-Za-z]{1,10}\d{1,30}", re.ASCII)
COUNT = re.compile(r"\d{1,9}", re.ASCII)
#: What a date may say: zones are known and sums do not overflow.
YEARS = range(1970, 2200)
#: By how much a clock elsewhere may be fast, and an hour that came twice be misread.
AHEAD = timedelta(hours=2)
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})", re.ASCII)

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


class BadRow(Exception):
    """This row cannot be taken over. The message says why."""


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
            number=_number(text),
            raw_state=_state(text["incident_state"]),
            at=_required(_moment(text, "sys_updated_at"), "sys_updated_at"),
            updated_by=_name(text, "sys_updated_by"),
            opened_by=_name(text, "opened_by"),
            opened_at=_required(_moment(text, "opened_at"), "opened_at"),
            caller=_name(text, "caller_id"),
            channel=_channel(text["contact_type"]),
            location=_name(text, "location"),
            category=_name(text, "category"),
            subcategory=_name(text, "subcategory"),
            symptom=_name(text, "u_symptom"),
            item=_name(text, "cmdb_ci"),
            impact=Impact(_grade(text, "impact", Impact.LOW) or Impact.MEDIUM),
            urgency=Urgency(_grade(text, "urgency", Urgency.LOW) or Urgency.MEDIUM),
            priority=Priority(grade) if (grade := _grade(text, "priority", Priority.PLANNING)) else None,
            team=_name(text, "assignment_group"),
            assignee=_name(text, "assigned_to"),
            problem=_name(text, "problem_id"),
            met_sla=self._met_sla(cells),
            closed_code=_name(text, "closed_code"),
            resolved_by=_name(text, "resolved_by"),
            resolved_at=_moment(text, "resolved_at"),
            closed_at=_moment(text, "closed_at"),
            rest={name: cells[place] for place, name in self.rest if cells[place] not in MISSING},
        )

    def _met_sla(self, cells: Sequence[str]) -> bool | None:
        said = "" if self.sla is None else cells[self.sla].strip().lower()
        if said in MISSING:
            return None
        if said not in KEPT:
            raise BadRow(f"{SLA} is neither true nor false: {said[:40]!r}")
        return KEPT[said]

    def number_of(self, record: Record) -> str | None:
        """Whose row it is, as far as it can be told also of a row that cannot be read otherwise."""
        place = self.at["number"]
        if record.cells:
            name = one_line(record.cells[place])
            return name if is_number(name) else None
        cells = record.text[:LONGEST_START].split(self.delimiter)
        name = cells[place].strip(' "') if place < len(cells) else ""
        return name if NUMBER.fullmatch(name) else None

    def _check_times(self, text: Mapping[str, str]) -> None:
        """The end of an incident is not before its beginning, and nothing has been written yet tomorrow."""
        opened_at = _moment(text, "opened_at")
        for column in ("resolved_at", "closed_at"):
            ended_at = _moment(text, column)
            if opened_at and ended_at and ended_at < opened_at:
                raise BadRow(f"{column} {text[column]} is before opened_at {text['opened_at']}: impossible")
        for column in ("opened_at", "sys_updated_at", "resolved_at", "closed_at"):
            at = _moment(text, column)
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


def _required(value: Value | None, column: str) -> Value:
    if value is None:
        raise BadRow(f"{column} is missing")
    return value


def _name(text: Mapping[str, str], column: str) -> str | None:
    return None if text[column] in MISSING else _tidy(text[column], column)


@lru_cache(maxsize=20_000)
def _tidy(value: str, column: str) -> str:
    """`Opened by  8` has two spaces in the log and one among people."""
    name = one_line(value)
    if not name or len(name) > LONGEST_NAME:
        raise BadRow(f"{column} is no name: {value[:40]!r}")
    return name


def _number(text: Mapping[str, str]) -> str:
    number = _required(_name(text, "number"), "number")
    if not is_number(number):
        raise BadRow(f"number is longer than {LONGEST_NUMBER} characters: {number[:40]!r}")
    return number


def is_number(name: str) -> bool:
    return name not in MISSING and len(name) <= LONGEST_NUMBER


def _state(text: str) -> str:
    if text not in STATES:
        raise BadRow(f"unknown state {text[:40]!r}")
    return text


def _channel(text: str) -> Channel:
    if text in MISSING:
        return Channel.DIRECT
    if text not in CHANNELS:
        raise BadRow(f"unknown contact_type {text[:40]!r}")
    return CHANNELS[text]


def _grade(text: Mapping[str, str], column: str, lowest: int) -> int | None:
    """`2 - Medium` is 2."""
    value = text[column]
    if value in MISSING:
        return None
    digit, dash, label = value.partition(" - ")
    if not (dash and label and digit in {str(grade) for grade in range(1, lowest + 1)}):
        raise BadRow(f"{column} is no grade of 1 to {lowest}: {value[:40]!r}")
    return int(digit)


def _moment(text: Mapping[str, str], column: str) -> datetime | None:
    return None if text[column] in MISSING else _date(text[column], column)


@lru_cache(maxsize=20_000)
def _date(value: str, column: str) -> datetime:
    match = DATE.fullmatch(value)
    if match is None:
        raise BadRow(f"{column} is no date of the form d/m/yyyy HH:MM: {value[:40]!r}")
    day, month, year, hour, minute = map(int, match.groups())
    if year not in YEARS:
        raise BadRow(f"{column} is not between {YEARS[0]} and {YEARS[-1]}: {value!r}")
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 -- the log is naive; `localize` knows its zone
    except ValueError as error:
        raise BadRow(f"{column} is no date of the calendar: {value!r}") from error
