"""What counts are called changed, and by how much."""

from math import exp, lgamma, log, sqrt
from statistics import NormalDist

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reports.trends.chances import ALPHA, student
from reports.trends.change import Change, Verdict, verdict
from reports.trends.counts import count_change, count_changes, drifting
from reports.trends.spread import spread

STEADY = [140, 151, 132, 139, 147, 128, 143, 150, 136, 141, 131, 142]
UNSTEADY = [40, 160, 90, 180, 60, 150, 70, 140, 50, 170, 80, 130]


@pytest.mark.parametrize(
    ("now", "verdict"),
    [(140, Verdict.NORMAL), (165, Verdict.NORMAL), (210, Verdict.WORSE), (80, Verdict.BETTER)],
)
def test_count_is_changed_if_chance_does_not_explain_it(now: int, verdict: Verdict) -> None:
    change = count_change(now, STEADY)

    assert change.verdict == verdict
    assert change.usual == pytest.approx(140)
    assert change.amount == pytest.approx(now / 140 - 1)


def test_change_begins_where_the_band_ends() -> None:
    low, high = (count_change(140, STEADY).low, count_change(140, STEADY).high)
    assert low is not None
    assert high is not None

    found = [count_change(int(now), STEADY).verdict for now in (low - 1, low, high, high + 1)]

    assert found == [Verdict.BETTER, Verdict.NORMAL, Verdict.NORMAL, Verdict.WORSE]
    assert 95 < low < 110
    assert 175 < high < 190


def pascal(mean: float, variance: float, count: int) -> float:
    """The chance of a count by the negative binomial distribution, or Poisson's."""
    if variance <= mean * (1 + 1e-9):
        return exp(count * log(mean) - mean - lgamma(count + 1))
    size = mean**2 / (variance - mean)
    ways = lgamma(count + size) - lgamma(size) - lgamma(count + 1)
    return exp(ways + size * log(size / (size + mean)) + count * log(mean / (size + mean)))


@settings(max_examples=60, deadline=None)
@given(
    past=st.lists(st.integers(0, 150), min_size=4, max_size=13),
    now=st.integers(0, 200),
    exposure=st.sampled_from([1.0, 0.4, 4.3]),
    doubt=st.sampled_from([None, 0.002]),
)
def test_count_is_judged_by_level_and_spread_of_its_past(
    past: list[int], now: int, exposure: float, doubt: float | None
) -> None:
    assume(now + sum(past) >= 10)
    usual = spread(past, [1.0] * len(past))
    total = max(usual.level * usual.exposure, 0.5)
    mean = total / usual.exposure * exposure
    variance = usual.dispersion * (mean + mean**2 * (doubt or 1 / total))
    below = sum(pascal(mean, variance, count) for count in range(now + 1))
    above = sum(pascal(mean, variance, count) for count in range(now, now + 3000))

    change = count_change(now, past, exposure=exposure, doubt=doubt)

    assert (change.usual, change.amount) == pytest.approx((mean, now / mean - 1))
    assert change.p == pytest.approx(student(2 * min(below, above), usual.looks), rel=1e-6, abs=1e-7)


def test_change_is_called_by_its_chance_its_sign_and_what_is_better() -> None:
    assert verdict(ALPHA, 0.5, -1) == Verdict.NORMAL
    assert verdict(ALPHA / 2, 0.5, -1) == Verdict.WORSE
    assert verdict(ALPHA / 2, -0.5, -1) == verdict(ALPHA / 2, 0.5, 1) == Verdict.BETTER
    assert verdict(ALPHA / 2, 0.0, 1) == verdict(ALPHA / 2, 0.5, 0) == Verdict.NORMAL


def test_change_judged_anew_keeps_its_amount() -> None:
    lower = Change(Verdict.NORMAL, p=0.5, usual=40, amount=-0.5)

    assert lower.with_p(0.0, -1) == Change(Verdict.BETTER, p=0.0, usual=40, amount=-0.5)
    assert Change(Verdict.TOO_FEW).with_p(0.0, -1).verdict == Verdict.NORMAL


def test_nothing_tested_is_not_real() -> None:
    assert [name for name in Verdict if Change(name).is_real] == [Verdict.BETTER, Verdict.WORSE]


@settings(max_examples=60, deadline=None)
@given(
    counts=st.lists(st.integers(0, 90), min_size=2, max_size=14),
    growth=st.integers(0, 12),
    exposures=st.lists(st.sampled_from([1.0, 0.7]), min_size=14, max_size=14),
)
def test_drift_is_the_slope_over_its_error(counts: list[int], growth: int, exposures: list[float]) -> None:
    grown, exposures = [count + growth * i for i, count in enumerate(counts)], exposures[: len(counts)]
    calm = Change(Verdict.NORMAL, p=0.7)

    change = drifting(calm, grown, exposures)

    if len(grown) < 5 or sum(grown) < 10:
        assert change == calm
        return
    line = spread(grown, exposures)
    z = line.slope / sqrt(line.dispersion * line.level / line.lever)
    p = student(2 * NormalDist().cdf(-abs(z)), line.looks)
    if p >= ALPHA:
        assert change == calm
    else:
        assert (change.p, change.drift) == pytest.approx((p, line.slope / line.level))
        assert change.verdict == (Verdict.WORSE if z > 0 else Verdict.BETTER)


def test_week_four_times_the_usual_is_real_though_a_storm_lies_behind() -> None:
    change = count_change(560, [140, 140, 140, 900, *[140] * 8])

    assert change.verdict == Verdict.WORSE
    assert change.amount == pytest.approx(3, abs=0.1)


def test_usual_week_after_a_storm_is_no_improvement() -> None:
    assert count_change(140, [*STEADY[:11], 900]).verdict == Verdict.NORMAL


def test_unsteady_desk_needs_more() -> None:
    assert count_change(165, UNSTEADY).verdict == Verdict.NORMAL
    assert count_change(165, [100] * 12).verdict == Verdict.WORSE


def test_count_is_compared_with_all_periods_before_not_with_the_last() -> None:
    assert count_change(140, [*STEADY[:11], 95]).verdict == Verdict.NORMAL


def test_short_part_is_compared_with_as_much_of_the_usual() -> None:
    part = count_change(70, STEADY, exposure=0.5)

    assert (part.verdict, part.usual) == (Verdict.NORMAL, pytest.approx(70))
    assert count_change(70, STEADY).verdict == Verdict.BETTER


def test_doubt_about_the_usual_widens_the_band() -> None:
    sure, unsure = (count_change(20, STEADY, exposure=0.14, doubt=doubt) for doubt in (0.0005, 0.05))

    assert unsure.high is not None
    assert sure.high is not None
    assert unsure.high > sure.high


def test_past_of_too_few_periods_is_none() -> None:
    assert count_change(300, [100] * 3).verdict == Verdict.NO_PAST
    assert count_change(300, [100] * 4).verdict == Verdict.WORSE


def test_few_cases_tell_nothing() -> None:
    few = count_change(5, [1, 0, 2, 1])

    assert (few.verdict, few.p, few.amount) == (Verdict.TOO_FEW, None, None)
    assert count_change(6, [1, 0, 2, 1]).p is not None


def test_many_where_there_were_none_are_a_change() -> None:
    assert count_change(30, [0] * 12).verdict == Verdict.WORSE


def test_nothing_where_there_were_many_is_a_change() -> None:
    change = count_change(0, STEADY)

    assert (change.verdict, change.amount) == (Verdict.BETTER, -1)


def test_more_can_be_better() -> None:
    assert count_change(210, STEADY, better=1).verdict == Verdict.BETTER
    assert count_change(210, STEADY, better=0).verdict == Verdict.NORMAL


@pytest.mark.parametrize(
    ("now", "past", "verdict"),
    [
        (41, [32, 23, 14, 5][::-1], Verdict.WORSE),
        (41, [*[23] * 10, 23, 32], Verdict.WORSE),
        (41, [*[14] * 9, 14, 23, 32], Verdict.WORSE),
        (25, [23, 26, 21, 24, 22, 25, 27, 20, 23, 24, 22, 26], Verdict.NORMAL),
        (5, [23, 26, 21, 24, 22, 25, 27, 20, 23, 24, 22, 26], Verdict.BETTER),
    ],
)
def test_backlog_is_compared_with_what_was_open_before(now: int, past: list[int], verdict: Verdict) -> None:
    assert count_change(now, past).verdict == verdict


def test_steady_growth_is_found_though_no_single_week_stands_out() -> None:
    grown = [*[140] * 6, 144, 149, 153, 157, 162, 166, 170]
    alone = count_change(grown[-1], grown[:-1])

    change = drifting(alone, grown, [1.0] * 13)

    assert alone.verdict == Verdict.NORMAL
    assert change.verdict == Verdict.WORSE
    assert change.drift == pytest.approx(0.018, abs=0.004)
    assert drifting(alone, grown[::-1], [1.0] * 13).verdict == Verdict.BETTER


def test_one_high_week_is_no_growth() -> None:
    counts = [*STEADY, 176]
    alone = count_change(counts[-1], STEADY)

    assert drifting(alone, counts, [1.0] * 13) == alone
    assert alone.verdict == Verdict.NORMAL


def test_sudden_change_is_not_told_as_growth() -> None:
    sudden = count_change(560, STEADY)

    assert drifting(sudden, [*STEADY, 560], [1.0] * 13) == sudden


def test_unequal_months_are_no_growth() -> None:
    days = [28, 28, 28, 28, 29, 29, 29, 30, 30, 30, 31, 31, 31]
    steady = count_change(
        620, [20 * n for n in days[:-1]], exposure=31, exposures=[float(n) for n in days[:-1]]
    )

    assert steady.verdict == Verdict.NORMAL
    assert drifting(steady, [20 * n for n in days], [float(n) for n in days]).verdict == Verdict.NORMAL


def test_growth_every_week_is_told_by_each_of_the_later_reports() -> None:
    weeks = [round(140 * 1.05**week) for week in range(26)]

    told = [
        drifting(count_change(weeks[i], weeks[i - 12 : i]), weeks[i - 12 : i + 1], [1.0] * 13)
        for i in range(13, 26)
    ]

    assert {change.verdict for change in told} == {Verdict.WORSE}
    assert all((change.drift or change.amount or 0) > 0 for change in told)


def test_long_list_finds_fewer_changes_than_each_line_alone() -> None:
    lines = [(67, [40] * 12), *[(40, [40] * 12)] * 19]

    alone = count_change(67, [40] * 12)
    among = count_changes(lines, exposures=[1.0] * 12)

    assert alone.verdict == Verdict.WORSE
    assert among[0].verdict == Verdict.NORMAL
    assert among[0].amount == alone.amount
    assert count_changes([(97, [40] * 12), *lines[1:]], exposures=[1.0] * 12)[0].verdict == Verdict.WORSE


def test_lines_of_a_list_that_are_too_few_keep_their_place() -> None:
    found = count_changes([(1, [0] * 12), (90, [40] * 12), (2, [0] * 12)], exposures=[1.0] * 12)

    assert [change.verdict for change in found] == [Verdict.TOO_FEW, Verdict.WORSE, Verdict.TOO_FEW]
