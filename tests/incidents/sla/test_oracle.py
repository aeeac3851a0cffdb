"""Clocks against an oracle that knows no fold: it counts minutes off the states an incident was in.

Stories are random: holds, answers, resolutions, reopenings, priorities, services and categories that
change, before and after a target fits, and scans in between. The oracle reads the whole story anew.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from incidents.enums import EntryKind, Metric
from incidents.models import Clock, Target
from incidents.sla import clocks as sla_clocks
from incidents.sla.calendar import BusinessCalendar, Day, Hours
from incidents.sla.policy import PolicyBook

#: A Friday; in Berlin clocks are put forward on the Sunday.
OPENED = datetime(2026, 3, 27, 12, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
FAR = 45 * 1440
ALWAYS, OFFICE = 1, 2
WHOLE: Day = ((0, 1440),)
DAY: Day = ((540, 1020),)
CALENDARS = {
    ALWAYS: BusinessCalendar(ZoneInfo("UTC"), [Hours(date(2000, 1, 1), (WHOLE,) * 7)]),  # type: ignore[arg-type]
    OFFICE: BusinessCalendar(BERLIN, [Hours(date(2000, 1, 1), (DAY, DAY, DAY, DAY, DAY, (), ()))]),
}
NETWORK, VPN, PHONES = 10, 11, 20  # VPN is a subcategory of Network


def target(pk: int, metric: Metric, minutes: int, calendar: int, **fits: int) -> Target:
    """Only from the second day of the year on, so that all are in force."""
    return Target(
        pk=pk, metric=metric, minutes=minutes, calendar_id=calendar, valid_from=date(2026, 1, 2), **fits
    )


#: Priority 3 without service and category fits no target to resolve: clocks begin late.
TARGETS = [
    target(1, Metric.ACKNOWLEDGE, 40, ALWAYS, priority=1),
    target(2, Metric.ACKNOWLEDGE, 200, OFFICE, priority=2),
    target(3, Metric.RESOLVE, 240, ALWAYS, priority=1),
    target(4, Metric.RESOLVE, 1200, OFFICE, priority=2),
    target(5, Metric.RESOLVE, 80, OFFICE, service_id=7),
    target(6, Metric.RESOLVE, 120, OFFICE, category_id=VPN),
    target(7, Metric.RESOLVE, 600, ALWAYS, category_id=NETWORK),
    target(8, Metric.ACKNOWLEDGE, 60, OFFICE, category_id=NETWORK, priority=3),
]
BOOK = PolicyBook(TARGETS, CALENDARS, {VPN: NETWORK})


@dataclass(frozen=True)
class Facts:
    """The incident at one moment."""

    state: str = "new"
    priority: int = 3
    service_id: int | None = None
    category_id: int | None = None
    opened_at: datetime = OPENED
    acknowledged_at: datetime | None = None


@dataclass
class Story:
    """What happened: facts by minute, and scans of the clocks among them."""

    told: list[tuple[int, Facts | None]] = field(default_factory=list)

    def until(self, minute: int) -> list[tuple[int, Facts]]:
        return [(at, facts) for at, facts in self.told if facts is not None and at <= minute]


LEGAL = {
    "acknowledge": ({"new"}, "in_progress"),
    "hold": ({"new", "in_progress"}, "on_hold"),
    "resume": ({"on_hold"}, "in_progress"),
    "resolve": ({"new", "in_progress", "on_hold"}, "resolved"),
    "reopen": ({"resolved"}, "in_progress"),
    "close": ({"resolved"}, "closed"),
    "cancel": ({"new", "in_progress", "on_hold"}, "cancelled"),
}
acts = st.one_of(
    st.tuples(st.sampled_from([*LEGAL, "hold", "resume", "resolve", "reopen"]), st.none()),
    st.tuples(st.just("priority"), st.sampled_from([1, 2, 3])),
    st.tuples(st.just("service_id"), st.sampled_from([None, 7, 8])),
    st.tuples(st.just("category_id"), st.sampled_from([None, NETWORK, VPN, PHONES])),
    st.tuples(st.just("scan"), st.none()),
)
gaps = st.one_of(st.integers(0, 90), st.integers(0, 1500))
beginnings = st.builds(
    Facts,
    priority=st.sampled_from([1, 2, 3]),
    service_id=st.sampled_from([None, 7]),
    category_id=st.sampled_from([None, VPN]),
)


def after(facts: Facts, act: str, value: Any, at: datetime) -> Facts:
    """The same facts where the act is not allowed."""
    if act not in LEGAL:
        return replace(facts, **{act: value})
    states, state = LEGAL[act]
    if facts.state not in states:
        return facts
    taken = facts.acknowledged_at or (at if act == "acknowledge" else None)
    return replace(facts, state=state, acknowledged_at=taken)


# --- the program, fed entry by entry, each clock stored and read again in between


class Program:
    def __init__(self, first: Facts) -> None:
        self.rows: dict[str, Clock] = {}
        self.steps: list[sla_clocks.Step] = []
        names = ("opened_at", "state", "priority", "service", "category")
        self.write(first, 0, EntryKind.OPENED, {"changes": {name: [None, 1] for name in names}})

    def write(self, facts: Facts, minute: int, kind: str, data: dict[str, Any]) -> None:
        at = OPENED + timedelta(minutes=minute)
        clocks = {metric: sla_clocks.from_row(row) for metric, row in self.rows.items()}
        past = list(self.steps)
        sla_clocks.advance(clocks, facts=facts, at=at, kind=kind, data=data, past=lambda: past, book=BOOK)
        self.steps.append((facts, at, kind, data))
        self.rows = {metric: row_of(metric, clock) for metric, clock in clocks.items()}

    def scan(self, facts: Facts, minute: int) -> None:
        """As `workflow.notice_clock` writes it."""
        at = OPENED + timedelta(minutes=minute)
        for metric, row in self.rows.copy().items():
            if row.notice_at is not None and row.notice_at <= at:
                percent = sla_clocks.from_row(row).percent_at(CALENDARS[row.calendar_id], at)
                notice = {"clock": {"metric": metric, "percent": percent}}
                self.write(facts, minute, EntryKind.SLA_WARNED, notice)


def row_of(metric: str, clock: sla_clocks.Running) -> Clock:
    return Clock(metric=metric, **clock.columns(CALENDARS[clock.terms.calendar_id]))


def play(first: Facts, events: list[tuple[int, tuple[str, Any]]]) -> tuple[Program, Story, int]:
    program, story = Program(first), Story([(0, first)])
    facts, minute = first, 0
    for gap, (act, value) in events:
        minute += gap
        if act == "scan":
            program.scan(facts, minute)
            story.told.append((minute, None))
            continue
        changed = after(facts, act, value, OPENED + timedelta(minutes=minute))
        if changed != facts:
            names = {"service_id": "service", "category_id": "category"}
            moved = [name for name in vars(changed) if getattr(changed, name) != getattr(facts, name)]
            data = {"changes": {names.get(name, name): [None, 1] for name in moved}}
            program.write(changed, minute, EntryKind.EDITED, data)
            story.told.append((minute, changed))
            facts = changed
    return program, story, minute


# --- the oracle: definitions, read off the story minute by minute


@cache
def open_minutes(calendar: int) -> list[bool]:
    """Whether the desk is open in each minute since the opening, read off the wall clock."""

    def is_open(at: datetime) -> bool:
        local = at.astimezone(BERLIN)
        return local.weekday() < 5 and 540 <= local.hour * 60 + local.minute < 1020

    if calendar == ALWAYS:
        return [True] * FAR
    return [is_open(OPENED + timedelta(minutes=minute)) for minute in range(FAR)]


def best(metric: str, facts: Facts) -> Target | None:
    """Service before subcategory before category before priority."""

    def rank(row: Target) -> tuple[int, ...]:
        own = row.category_id is not None and row.category_id == facts.category_id
        return (
            int(row.service_id is not None),
            2 * own or int(row.category_id is not None),
            row.priority or 0,
        )

    lineage = {None, facts.category_id, NETWORK if facts.category_id == VPN else None}
    fits = [
        row
        for row in TARGETS
        if row.metric == metric
        and row.priority in (None, facts.priority)
        and row.service_id in (None, facts.service_id)
        and row.category_id in lineage
    ]
    return max(fits, key=rank) if fits else None


def has_ended(metric: str, facts: Facts) -> bool:
    is_met = metric == Metric.ACKNOWLEDGE and facts.acknowledged_at is not None
    return is_met or facts.state in {"resolved", "closed", "cancelled"}


def is_running(metric: str, facts: Facts) -> bool:
    return not has_ended(metric, facts) and facts.state in {"new", "in_progress"}


@dataclass
class Truth:
    """Everything about one clock as the story stands at minute `now`."""

    metric: str
    told: list[tuple[int, Facts]]
    now: int

    def __post_init__(self) -> None:
        self.terms: Target | None = None
        for _, facts in self.told:
            self.terms = best(self.metric, facts) or self.terms
        last = self.told[-1][1]
        self.ends = has_ended(self.metric, last)
        self.runs = is_running(self.metric, last)
        self.cancelled = last.state == "cancelled" and not (
            self.metric == Metric.ACKNOWLEDGE and last.acknowledged_at
        )
        self.stop = self.since(has_ended) if self.ends else None
        self.ran = [False] * self.now
        for (begun, facts), (ended, _) in zip(self.told, [*self.told[1:], (self.now, last)], strict=True):
            for minute in range(begun, ended):
                self.ran[minute] = is_running(self.metric, facts)

    def since(self, holds: Any) -> int:
        """The minute from which on it holds to the end."""
        begun = 0
        for position, (minute, facts) in enumerate(self.told):
            if holds(self.metric, facts) and (
                position == 0 or not holds(self.metric, self.told[position - 1][1])
            ):
                begun = minute
        return begun

    def elapsed(self) -> int:
        return sum(self.ran[: self.since(is_running) if self.runs else self.now])

    def spent(self) -> int:
        assert self.terms is not None
        is_open = open_minutes(self.terms.calendar_id)
        ended = self.since(is_running) if self.runs else self.now
        return sum(ran and is_open[minute] for minute, ran in enumerate(self.ran[:ended]))

    def reached(self, amount: float) -> int | None:
        """The minute at whose beginning so much was used up, or would be."""
        assert self.terms is not None
        is_open = open_minutes(self.terms.calendar_id)
        used = 0
        for minute, ran in enumerate(self.ran):
            used += ran and is_open[minute]
            if ran and used == amount:
                return minute + 1
        if not (self.runs or self.ends):
            return None
        goes_on = self.now if self.stop is None else self.stop
        for minute in range(goes_on, FAR):
            used += is_open[minute]
            if used == amount:
                return minute + 1
        raise AssertionError("The oracle looks too short a way ahead.")

    def percent(self, minute: int) -> int:
        assert self.terms is not None
        total = self.terms.minutes
        moments = {percent: self.reached(total * percent / 100) for percent in (50, 75, 100)}
        return max((percent for percent, at in moments.items() if at is not None and at <= minute), default=0)


def noticed(metric: str, story: Story) -> int:
    """The threshold told at a scan, taken back when it turns out that it was not reached."""
    told, before = 0, (None, None)
    for position, (minute, facts) in enumerate(story.told):
        past = [(at, known) for at, known in story.told[: position + 1] if known is not None]
        truth = Truth(metric, past, minute)
        if truth.terms is None:
            continue
        if facts is None:
            told = max(told, truth.percent(minute)) if truth.stop is None else told
        elif (truth.terms.pk, truth.stop) != before:
            told = min(told, truth.percent(minute if truth.stop is None else truth.stop))
        before = (truth.terms.pk, truth.stop)
    return told


def expected(metric: str, story: Story, now: int) -> dict[str, Any] | None:
    truth = Truth(metric, story.until(now), now)
    if truth.terms is None:
        return None
    told = noticed(metric, story)
    later = next((percent for percent in (50, 75, 100) if percent > told), None)
    due = truth.reached(truth.terms.minutes)
    notice = None if later is None or truth.ends else truth.reached(truth.terms.minutes * later / 100)
    return {
        "target_minutes": truth.terms.minutes,
        "calendar_id": truth.terms.calendar_id,
        "started_at": OPENED,
        "due_at": None if truth.cancelled else moment(due),
        "stopped_at": moment(truth.stop),
        "cancelled": truth.cancelled,
        "breached": not truth.cancelled and (truth.spent() > truth.terms.minutes or told == 100),
        "noticed_percent": told,
        "notice_at": moment(notice),
        "business_seconds": truth.spent() * 60,
        "elapsed_seconds": truth.elapsed() * 60,
    }


def moment(minute: int | None) -> datetime | None:
    return None if minute is None else OPENED + timedelta(minutes=minute)


Events = list[tuple[int, tuple[str, Any]]]
#: Case 3 of the Core: resolved after 10 minutes without a target, filed under one 5 hours later.
LATE_SERVICE: Events = [(10, ("resolve", None)), (300, ("service_id", 7))]
LATE_ON_HOLD: Events = [(5, ("hold", None)), (300, ("service_id", 7))]
TOLD_TOO_EARLY: Events = [(300, ("scan", None)), (10, ("priority", 2)), (10, ("resolve", None))]
LOOSENED_AFTER_THE_STOP: Events = [(200, ("scan", None)), (10, ("resolve", None)), (9000, ("priority", 2))]
JUST_IN_TIME: Events = [(240, ("resolve", None))]


@settings(max_examples=400, deadline=None)
@given(beginnings, st.lists(st.tuples(gaps, acts), max_size=14))
@example(Facts(), LATE_SERVICE)
@example(Facts(), LATE_ON_HOLD)
@example(Facts(priority=1), TOLD_TOO_EARLY)
@example(Facts(priority=1), LOOSENED_AFTER_THE_STOP)
@example(Facts(priority=1), JUST_IN_TIME)
def test_stored_clocks_are_what_the_story_says(first: Facts, events: Events) -> None:
    program, story, now = play(first, events)

    for metric in sla_clocks.MEASURED:
        wanted = expected(metric, story, now)
        row = program.rows.get(metric)
        found = row and {name: getattr(row, name) for name in wanted or ()}
        assert found == wanted, metric


@settings(max_examples=150, deadline=None)
@given(beginnings, st.lists(st.tuples(gaps, acts), max_size=14))
def test_replaying_gives_the_stored_clocks_again(first: Facts, events: Events) -> None:
    program, _, _ = play(first, events)

    replayed = sla_clocks.replay(program.steps, BOOK)

    assert {metric: columns(row_of(metric, clock)) for metric, clock in replayed.items()} == {
        metric: columns(row) for metric, row in program.rows.items()
    }


def columns(row: Clock) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_state"}


@pytest.mark.parametrize(("events", "spent", "stopped"), [(LATE_SERVICE, 600, 10), (LATE_ON_HOLD, 300, None)])
def test_a_clock_that_begins_late_has_the_past_of_its_incident(
    events: Events, spent: int, stopped: int | None
) -> None:
    program, _, _ = play(Facts(), events)

    late = program.rows[Metric.RESOLVE]
    assert (late.elapsed_seconds, late.stopped_at) == (spent, moment(stopped))
