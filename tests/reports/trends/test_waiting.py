from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.metrics.survival import EMPTY, LifeTable
from reports.trends.change import Verdict
from reports.trends.waiting import Pace, waiting_change

Cases = list[tuple[int, bool]]
#: Forty cases, one ended each minute.
USUAL: Cases = [(minute, True) for minute in range(1, 41)]


def table(cases: Cases) -> LifeTable:
    minutes = sorted({minute for minute, _ in cases})
    return LifeTable.of(
        [(at, sum(m == at and done for m, done in cases), sum(m == at for m, _ in cases)) for at in minutes]
    )


PAST = [table(USUAL)] * 12
watched = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None)
@given(now=watched, before=watched)
def test_expected_ends_are_the_usual_hazard_over_the_time_each_was_watched(now: Cases, before: Cases) -> None:
    mean = variance = Fraction(0)
    for at in sorted({minute for minute, done in before if done}):
        risk = sum(minute >= at for minute, _ in before)
        ended = sum(minute == at and done for minute, done in before)
        there = sum(minute >= at for minute, _ in now)
        mean += Fraction(there * ended, risk)
        variance += Fraction(there * there * ended, risk * risk)

    found = Pace(table(before)).expected(table(now))

    assert found == pytest.approx((float(mean), float(variance)), rel=1e-9, abs=1e-12)


def test_slower_work_is_seen_behind_open_incidents() -> None:
    """Those that ended were as quick as ever; but most are still waiting."""
    change = waiting_change(
        table([*((minute, True) for minute in range(1, 41, 4)), *[(100, False)] * 30]), PAST
    )

    assert change.verdict == Verdict.WORSE
    assert change.amount is not None
    assert change.amount < -0.5
    assert change.low is not None
    assert change.low > 10


def test_quicker_work_is_better() -> None:
    change = waiting_change(table([(1 + minute // 8, True) for minute in range(40)]), PAST)

    assert change.verdict == Verdict.BETTER
    assert change.amount is not None
    assert change.amount > 0.5


def test_usual_work_is_normal() -> None:
    change = waiting_change(table(USUAL), PAST)

    assert change.verdict == Verdict.NORMAL
    assert change.usual == pytest.approx(40)
    assert change.amount == pytest.approx(0, abs=1e-9)


def test_weeks_that_always_differ_need_more() -> None:
    quick, slow = table([(1 + m // 2, True) for m in range(40)]), table([(m * 2, True) for m in range(1, 41)])
    slower = table([(m * 2, True) for m in range(1, 41)])

    assert waiting_change(slower, PAST).verdict == Verdict.WORSE
    assert waiting_change(slower, [quick, slow] * 6).verdict == Verdict.NORMAL


def test_few_that_ended_tell_nothing() -> None:
    assert waiting_change(table(USUAL), [table([(5, True)])] * 4).verdict == Verdict.TOO_FEW
    assert waiting_change(table(USUAL), [table([(5, False)] * 30)] * 12).verdict == Verdict.TOO_FEW
    assert waiting_change(EMPTY, PAST).verdict == Verdict.TOO_FEW
    assert waiting_change(table(USUAL), PAST[:3]).verdict == Verdict.NO_PAST


def test_two_quick_cases_are_chance() -> None:
    assert waiting_change(table([(1, True), (2, True)]), PAST).verdict == Verdict.NORMAL
