"""Clocks as a pure function of the timeline, the targets and the calendars.

`advance` takes the clocks one entry further. The verbs call it for the entry they write, `replay`
for all entries of an incident; so a stored clock and its recomputation come from the same steps.

A clock is two things that do not know each other: when it ran, which follows from the states of the
incident alone, and the terms it is measured by. So when the incident is filed or weighed anew, only
the terms change. The clock keeps its past (start, pauses, stop) and is measured by the new target
from the start on, also when it has stopped: what is found out after the resolution decides whether
it was in time. Where no target fits any more the last one holds. Where none fitted until now, the
past is read from the timeline (`catch_up`), as if the target had been there all along.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from incidents.enums import EntryKind, Metric, State
from incidents.models.sla import Clock
from incidents.sla.calendar import BusinessCalendar
from incidents.sla.policy import Facts, PolicyBook, Terms

THRESHOLDS = (50, 75, 100)
MEASURED = (Metric.ACKNOWLEDGE, Metric.RESOLVE)
RUNNING_STATES = frozenset({State.NEW, State.IN_PROGRESS})
NOTICES = frozenset({EntryKind.SLA_WARNED, EntryKind.SLA_BREACHED})
#: Changes of these fields make another target fit.
FILING = frozenset({"priority", "service", "category"})
#: Changes of these fields touch a clock; all others leave them alone.
RELEVANT = FILING | {"opened_at", "state", "acknowledged_at"}

Clocks = dict[str, "Running"]
#: The facts after an entry, with its time, kind and data (see `timeline.steps`).
Step = tuple[Facts, datetime, str, dict[str, Any]]


@dataclass
class Running:
    """A clock in work. `intervals` are the times it ran; the last end is None while it runs."""

    terms: Terms
    started_at: datetime
    intervals: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    stopped_at: datetime | None = None
    cancelled: bool = False
    noticed_percent: int = 0

    @property
    def runs(self) -> bool:
        return bool(self.intervals) and self.intervals[-1][1] is None

    def start(self, at: datetime) -> None:
        self.stopped_at = None
        if not self.runs:
            self.intervals.append((self._not_before(at), None))

    def pause(self, at: datetime) -> None:
        self.stopped_at = None
        if self.runs:
            begun = self.intervals[-1][0]
            self.intervals[-1] = (begun, max(begun, at))

    def stop(self, at: datetime) -> None:
        if self.stopped_at is None:
            self.pause(at)
            self.stopped_at = self._not_before(at)

    def _not_before(self, at: datetime) -> datetime:
        """Records from elsewhere may step back in time; a clock does not."""
        return max(at, self.intervals[-1][1] or self.intervals[-1][0]) if self.intervals else at

    def spent(self, calendar: BusinessCalendar) -> timedelta:
        """Business time of the intervals that ended."""
        return sum((calendar.between(a, b) for a, b in self.intervals if b), timedelta(0))

    def reaches(self, calendar: BusinessCalendar, amount: timedelta) -> datetime | None:
        """When `amount` of business time was or will be used up; None if paused before that.

        A stopped clock answers as if it had run on from its stop.
        """
        used = timedelta(0)
        for begun, ended in self.intervals:
            inside = timedelta(0) if ended is None else calendar.between(begun, ended)
            if ended is None or used + inside >= amount:
                return calendar.add(begun, amount - used)
            used += inside
        return None if self.stopped_at is None else calendar.add(self.stopped_at, amount - used)

    def columns(self, calendar: BusinessCalendar) -> dict[str, object]:
        """The values of the `Clock` row."""
        target = timedelta(minutes=self.terms.minutes)
        spent = self.spent(calendar)
        elapsed = sum((b - a for a, b in self.intervals if b), timedelta(0))
        return {
            "target_minutes": self.terms.minutes,
            "calendar_id": self.terms.calendar_id,
            "started_at": self.started_at,
            "intervals": [[a.isoformat(), b and b.isoformat()] for a, b in self.intervals],
            "due_at": None if self.cancelled else self.reaches(calendar, target),
            "stopped_at": self.stopped_at,
            "cancelled": self.cancelled,
            "breached": not self.cancelled and (spent > target or self.noticed_percent == THRESHOLDS[-1]),
            "noticed_percent": self.noticed_percent,
            "notice_at": self._next_notice(calendar),
            "business_seconds": int(spent.total_seconds()),
            "elapsed_seconds": int(elapsed.total_seconds()),
        }

    def _next_notice(self, calendar: BusinessCalendar) -> datetime | None:
        if self.stopped_at is not None:
            return None
        threshold = next((percent for percent in THRESHOLDS if percent > self.noticed_percent), None)
        if threshold is None:
            return None
        return self.reaches(calendar, timedelta(minutes=self.terms.minutes) * threshold / 100)

    def percent_at(self, calendar: BusinessCalendar, at: datetime) -> int:
        """The highest threshold reached at `at`, 0 if none."""
        target = timedelta(minutes=self.terms.minutes)
        moments = ((percent, self.reaches(calendar, target * percent / 100)) for percent in THRESHOLDS)
        return max((percent for percent, moment in moments if moment is not None and moment <= at), default=0)


def advance(
    clocks: Clocks,
    *,
    facts: Facts,
    at: datetime,
    kind: str,
    data: dict[str, Any],
    past: Callable[[], Iterable[Step]],
    book: PolicyBook,
) -> None:
    """Take the clocks over one entry. `facts` are the incident's after it; `clocks` is changed in place.

    `past` gives the steps before it; it is asked only when a clock begins.
    """
    if kind in NOTICES:
        notice = data["clock"]
        if notice["metric"] in clocks:
            clocks[notice["metric"]].noticed_percent = notice["percent"]
        return
    changed = data.get("changes", {})
    if RELEVANT.isdisjoint(changed):
        return
    is_filed_anew = not FILING.isdisjoint(changed)
    for metric in MEASURED:
        clock = clocks.get(metric)
        terms = book.terms_for(metric, facts) if clock is None or is_filed_anew else None
        if clock is None and terms is not None:
            clock = clocks[metric] = catch_up(metric, terms, facts, past())
        if clock is None:
            continue
        before = (clock.terms, clock.stopped_at)
        clock.terms = terms or clock.terms
        _move(clock, metric, facts, at)
        if (clock.terms, clock.stopped_at) != before:
            _take_back_notices(clock, book.calendars[clock.terms.calendar_id], clock.stopped_at or at)


def _take_back_notices(clock: Running, calendar: BusinessCalendar, at: datetime) -> None:
    """By another target, or with an earlier stop, a threshold that was told may not be reached at all."""
    if clock.noticed_percent:
        clock.noticed_percent = min(clock.noticed_percent, clock.percent_at(calendar, at))


def catch_up(metric: str, terms: Terms, facts: Facts, past: Iterable[Step]) -> Running:
    """The clock as it would stand now, had `terms` been there from the opening on."""
    clock: Running | None = None
    for then, at, _kind, data in past:
        if clock is None:
            clock = Running(terms, then.opened_at, [(then.opened_at, None)])
        if not RELEVANT.isdisjoint(data.get("changes", {})):
            _move(clock, metric, then, at)
    return clock or Running(terms, facts.opened_at, [(facts.opened_at, None)])


def _move(clock: Running, metric: str, facts: Facts, at: datetime) -> None:
    met_at = facts.acknowledged_at if metric == Metric.ACKNOWLEDGE else None
    clock.cancelled = facts.state == State.CANCELLED and met_at is None
    if met_at is not None:
        clock.stop(met_at)
    elif facts.state in RUNNING_STATES:
        clock.start(at)
    elif facts.state == State.ON_HOLD:
        clock.pause(at)
    else:
        clock.stop(at)


def replay(steps: Iterable[Step], book: PolicyBook) -> Clocks:
    """The clocks after all steps of one incident."""
    clocks: Clocks = {}
    known = list(steps)
    for position, (facts, at, kind, data) in enumerate(known):
        past = partial(islice, known, position)
        advance(clocks, facts=facts, at=at, kind=kind, data=data, past=past, book=book)
    return clocks


def from_row(row: Clock) -> Running:
    """The clock as it was stored."""
    return Running(
        terms=Terms(row.metric, row.target_minutes, row.calendar_id),
        started_at=row.started_at,
        intervals=[(_moment(a), _moment(b) if b else None) for a, b in row.intervals],
        stopped_at=row.stopped_at,
        cancelled=row.cancelled,
        noticed_percent=row.noticed_percent,
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
