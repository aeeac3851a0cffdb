"""Small histories drawn at random, and each number of theirs against a loop over their incidents."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.enums import EntryKind, Metric, State, Via
from incidents.models import Calendar, Clock, Incident, TimelineEntry
from reports.metrics import backlog, counts, durations, flow, sla, volume
from reports.metrics.flow import Share
from reports.periods import Period, iso_week
from tests.insider import tamper
from tests.reports.rows import MONDAY, WEEK, row, save

pytestmark = pytest.mark.django_db
HALF_DAY = timedelta(hours=12)
#: Two that are neighbours, and one apart.
SPELLS = [iso_week(name, ZoneInfo("UTC")) for name in ("2026-W10", "2026-W09", "2026-W12")]
FIRST, LAST = MONDAY - WEEK, MONDAY + WEEK * 3
DONE = {State.RESOLVED, State.CLOSED}
STATE_AFTER = {
    EntryKind.RESOLVED: State.RESOLVED,
    EntryKind.REOPENED: State.IN_PROGRESS,
    EntryKind.CLOSED: State.CLOSED,
    EntryKind.NOTED: State.IN_PROGRESS,
}

History = tuple[Incident, list[TimelineEntry]]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Imported ones lack the time of their resolution; those that came back keep that of the first one."""
    opened_at = MONDAY + HALF_DAY * draw(st.integers(-20, 50))
    worked, waited = draw(st.integers(0, 30)), draw(st.integers(0, 6))
    state = draw(st.sampled_from([State.NEW, State.IN_PROGRESS, *DONE, State.CLOSED, State.CANCELLED]))
    resolved_at = opened_at + HALF_DAY * worked if draw(st.booleans()) and state != State.NEW else None
    closed_at = opened_at + HALF_DAY * (worked + waited) if state in {State.CLOSED, State.CANCELLED} else None
    facts = {"opened_at": opened_at, "resolved_at": resolved_at, "closed_at": closed_at, "state": state}
    incident = row(**facts, priority=draw(st.integers(1, 3)), reassignment_count=draw(st.integers(0, 2)))
    steps = draw(
        st.lists(st.tuples(st.integers(0, worked + waited), st.sampled_from(list(STATE_AFTER))), max_size=4)
    )
    entries = [
        TimelineEntry(
            incident=incident, seq=seq, kind=kind, via=Via.ADMIN, at=opened_at + HALF_DAY * step,
            state_after=STATE_AFTER[kind], hash=uuid.uuid4().hex,
        )
        for seq, (step, kind) in enumerate(sorted(steps), start=1)
    ]  # fmt: skip
    return incident, entries


def kept(drawn: list[History]) -> None:
    tamper(lambda: (TimelineEntry.objects.all().delete(), Incident.objects.all().delete()))
    save(incident for incident, _ in drawn)
    TimelineEntry.objects.bulk_create([entry for _, entries in drawn for entry in entries])


def resolved_at(history: History) -> datetime | None:
    """The recorded time, else the last entry of a resolution, else the closing; of what is done."""
    incident, entries = history
    noted = [entry.at for entry in entries if entry.state_after == State.RESOLVED]
    if incident.state not in DONE:
        return None
    return incident.resolved_at or (noted[-1] if noted else incident.closed_at)


def is_in(at: datetime | None, period: Period) -> bool:
    return at is not None and period.start <= at < period.end


def each(count: Callable[[Period], int]) -> list[int]:
    return [count(period) for period in SPELLS]


drawn_histories = st.lists(histories(), max_size=14)


@settings(max_examples=30)
@given(drawn=drawn_histories)
def test_what_comes_in_and_goes_out(drawn: list[History]) -> None:
    kept(drawn)
    rows, incidents = Incident.objects.all(), [incident for incident, _ in drawn]

    found = volume.opened_in(rows, SPELLS), volume.resolved_in(rows, SPELLS)

    assert found == (
        each(lambda period: sum(is_in(case.opened_at, period) for case in incidents)),
        each(lambda period: sum(is_in(resolved_at(history), period) for history in drawn)),
    )
    assert list(volume.opened_times(rows, MONDAY, MONDAY + WEEK)) == sorted(
        int(case.opened_at.timestamp()) for case in incidents if MONDAY <= case.opened_at < MONDAY + WEEK
    )
    levels = {case.priority for case in incidents if FIRST <= case.opened_at < LAST}
    by_priority = {
        level: [sum(is_in(c.opened_at, spell) and c.priority == level for c in incidents) for spell in SPELLS]
        for level in levels
    }
    assert list(counts.count_in(rows, "priority", SPELLS).items()) == sorted(
        by_priority.items(), key=lambda line: ([-n for n in line[1]], line[0])
    )


@settings(max_examples=30)
@given(drawn=drawn_histories)
def test_what_is_open_at_an_instant(drawn: list[History]) -> None:
    kept(drawn)
    instants = [MONDAY, MONDAY + WEEK, MONDAY - WEEK, MONDAY + HALF_DAY * 3]

    found = backlog.backlog(Incident.objects.all(), instants)

    def still(at: datetime, end: Callable[[History], datetime | None]) -> int:
        return sum(h[0].opened_at < at and ((over := end(h)) is None or over >= at) for h in drawn)

    assert [(level.at, level.unresolved, level.not_closed) for level in found] == [
        (
            at,
            still(at, lambda h: h[0].closed_at if h[0].state == State.CANCELLED else resolved_at(h)),
            still(at, lambda h: h[0].closed_at),
        )
        for at in instants
    ]


@settings(max_examples=30)
@given(drawn=drawn_histories)
def test_what_moves_and_comes_back(drawn: list[History]) -> None:
    kept(drawn)
    rows, entries = Incident.objects.all(), TimelineEntry.objects.all()
    pairs = [[(a.state_after, b.state_after) for a, b in pairwise(steps)] for _, steps in drawn]

    assert flow.state_transitions(entries) == Counter(pair for steps in pairs for pair in steps)
    assert flow.reopened_by_transition(entries) == sum(
        any(a in DONE and b not in DONE for a, b in steps) for steps in pairs
    )
    assert flow.reassignments(rows) == Counter(case.reassignment_count for case, _ in drawn)
    kinds = [
        [{entry.kind for entry in steps if is_in(entry.at, period)} for _, steps in drawn]
        for period in SPELLS
    ]
    assert flow.reopened_in(entries, SPELLS) == [
        Share(
            sum(EntryKind.REOPENED in seen for seen in spell),
            sum(bool({EntryKind.REOPENED, EntryKind.RESOLVED} & seen) for seen in spell),
        )
        for spell in kinds
    ]
    done = [
        [case for case, _ in drawn if case.state in DONE and is_in(case.resolved_at, period)]
        for period in SPELLS
    ]
    assert flow.reassigned_in(rows, SPELLS) == [
        Share(sum(case.reassignment_count > 0 for case in spell), len(spell)) for spell in done
    ]


@settings(max_examples=20)
@given(drawn=drawn_histories)
def test_how_long_resolving_took(drawn: list[History]) -> None:
    kept(drawn)
    ends = [(case, resolved_at((case, steps))) for case, steps in drawn]
    lengths = [(end - case.opened_at) / timedelta(minutes=1) for case, end in ends if end is not None]

    found = durations.time_to_resolve(Incident.objects.all())[None]

    assert (found.n, found.missing) == (len(lengths), len(drawn) - len(lengths))
    assert found.mean == (pytest.approx(sum(lengths) / len(lengths)) if lengths else None)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """Started, then perhaps stopped; without a due time while it is paused."""
    started_at = MONDAY + HALF_DAY * draw(st.integers(-20, 50))
    due_at, stopped_at = (
        draw(st.none() | st.integers(0, 30).map(lambda n: started_at + HALF_DAY * n)) for _ in range(2)
    )
    return Clock(
        metric=draw(st.sampled_from(Metric)),
        target_minutes=60,
        started_at=started_at,
        due_at=due_at,
        stopped_at=stopped_at,
        breached=draw(st.booleans()),
        cancelled=draw(st.sampled_from([False, False, True])),
    )


@settings(max_examples=40)
@given(drawn=st.lists(clocks(), max_size=16))
def test_which_targets_are_met(drawn: list[Clock]) -> None:
    Clock.objects.all().delete()
    kept([])
    calendar = Calendar.objects.get()
    for clock, case in zip(drawn, save(row() for _ in drawn), strict=True):
        clock.incident, clock.calendar = case, calendar
    Clock.objects.bulk_create(drawn)

    found = sla.targets_met_in(Clock.objects.all(), SPELLS)

    def is_late(clock: Clock, end: datetime) -> bool:
        runs = clock.started_at < end and not (clock.stopped_at and clock.stopped_at < end)
        return runs and (clock.due_at < end if clock.due_at else clock.breached)

    for metric in Metric.values:
        promised = [clock for clock in drawn if clock.metric == metric and not clock.cancelled]
        stopped = [[clock for clock in promised if is_in(clock.stopped_at, period)] for period in SPELLS]
        assert found[metric] == [
            Share(
                sum(not clock.breached for clock in spell),
                len(spell) + sum(is_late(clock, period.end) for clock in promised),
            )
            for spell, period in zip(stopped, SPELLS, strict=True)
        ]
