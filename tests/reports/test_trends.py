"""The tests of change against slow, plain oracles, and what they call real."""

from fractions import Fraction
from math import comb, erfc, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import trends
from reports.metrics.flow import Share
from reports.metrics.survival import EMPTY, LifeTable
from reports.trends import Verdict


@settings(max_examples=60, deadline=None)
@given(total=st.integers(0, 60), place=st.integers(0, 60), ways=st.sampled_from([(1, 2), (1, 3), (3, 4)]))
def test_binomial_chance_equals_all_outcomes_added_up(total: int, place: int, ways: tuple[int, int]) -> None:
    seen, share = min(place, total), Fraction(*ways)
    chances = [comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(total + 1)]

    p = trends.binomial_p(seen, total, float(share))

    assert p == pytest.approx(float(sum(c for c in chances if c <= chances[seen])), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(whole=st.integers(1, 25), other=st.integers(1, 25), data=st.data())
def test_fisher_chance_equals_all_tables_added_up(whole: int, other: int, data: st.DataObject) -> None:
    part, other_part = data.draw(st.integers(0, whole)), data.draw(st.integers(0, other))
    hits = part + other_part
    tables = {
        k: comb(whole, k) * comb(other, hits - k) for k in range(min(hits, whole) + 1) if hits - k <= other
    }

    p = trends.fisher_p(part, whole, other_part, other)

    expected = Fraction(sum(n for n in tables.values() if n <= tables[part]), sum(tables.values()))
    assert p == pytest.approx(float(expected), rel=1e-6)


watched = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=25)


def table(cases: list[tuple[int, bool]]) -> LifeTable:
    minutes = sorted({minute for minute, _ in cases})
    return LifeTable.of(
        [(at, sum(m == at and done for m, done in cases), sum(m == at for m, _ in cases)) for at in minutes]
    )


@settings(max_examples=60, deadline=None)
@given(now=watched, before=watched)
def test_log_rank_equals_the_sum_over_all_times(
    now: list[tuple[int, bool]], before: list[tuple[int, bool]]
) -> None:
    surplus = spread = Fraction(0)
    for at in sorted({minute for minute, done in [*now, *before] if done}):
        risk, other = (sum(minute >= at for minute, _ in cases) for cases in (now, before))
        ended = sum(minute == at and done for minute, done in now)
        total, both = ended + sum(minute == at and done for minute, done in before), risk + other
        surplus += ended - Fraction(total * risk, both)
        if both > 1:
            spread += Fraction(total * risk * other * (both - total), both * both * (both - 1))

    found, p = trends.log_rank(table(now), table(before))

    assert found == pytest.approx(float(surplus), abs=1e-9)
    assert p == pytest.approx(
        erfc(abs(float(surplus)) / sqrt(2 * float(spread))) if spread else 1.0, abs=1e-9
    )


def test_benjamini_and_hochberg_of_their_paper() -> None:
    chances = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
               0.6528, 0.7590, 1.0000]  # fmt: skip

    raised = trends.adjusted(chances)

    # Table 1 of the paper of 1995: four of them are found at five percent.
    assert sum(p <= 0.05 for p in raised) == 4
    assert raised[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert raised == sorted(raised)


@pytest.mark.parametrize(
    ("now", "before", "verdict"),
    [
        (100, 95, Verdict.NORMAL),
        (160, 95, Verdict.WORSE),
        (95, 160, Verdict.BETTER),
        (6, 3, Verdict.TOO_FEW),
        (20, 0, Verdict.WORSE),
    ],
)
def test_count_change_says_what_chance_does_not_explain(now: int, before: int, verdict: Verdict) -> None:
    assert trends.count_change(now, before).verdict == verdict


def test_count_change_knows_that_months_differ_in_length() -> None:
    assert trends.count_change(1240, 1120, exposure=31 / 28).verdict == Verdict.NORMAL
    assert trends.count_change(1240, 1120, exposure=1.0).p < 0.02  # type: ignore[operator]


def test_count_change_of_an_unsteady_desk_needs_more() -> None:
    unsteady = trends.dispersion([40, 160, 90, 180, 60, 150])

    assert unsteady > 10
    assert trends.count_change(160, 95, dispersion=unsteady).verdict == Verdict.NORMAL


@pytest.mark.parametrize("counts", [[], [3], [0, 0, 0, 0], [5, 5, 5, 5, 5]])
def test_dispersion_is_never_less_than_by_chance(counts: list[int]) -> None:
    assert trends.dispersion(counts) == 1.0


def test_share_change_knows_which_way_is_better() -> None:
    few, many = Share(20, 400), Share(70, 400)

    assert trends.share_change(many, few, better=-1).verdict == Verdict.WORSE
    assert trends.share_change(many, few, better=1).verdict == Verdict.BETTER
    assert trends.share_change(few, few).verdict == Verdict.NORMAL
    assert trends.share_change(Share(1, 2), Share(1, 3)).verdict == Verdict.TOO_FEW
    assert trends.share_change(Share(5, 50), Share(0, 0)).verdict == Verdict.TOO_FEW


def test_waiting_change_sees_slower_work_behind_open_incidents() -> None:
    """Those resolved were as quick as before; but most are still waiting."""
    before = table([(minute, True) for minute in range(1, 41)])
    now = table([*((minute, True) for minute in range(1, 41, 4)), *((100, False),) * 30])

    assert trends.waiting_change(now, before).verdict == Verdict.WORSE
    assert trends.waiting_change(before, now).verdict == Verdict.BETTER
    assert trends.waiting_change(before, before).verdict == Verdict.NORMAL
    assert trends.waiting_change(EMPTY, before).verdict == Verdict.TOO_FEW


@pytest.mark.parametrize(
    ("came", "went", "verdict"),
    [(100, 95, Verdict.NORMAL), (140, 80, Verdict.WORSE), (80, 140, Verdict.BETTER), (4, 1, Verdict.TOO_FEW)],
)
def test_backlog_change_weighs_what_came_against_what_went(came: int, went: int, verdict: Verdict) -> None:
    assert trends.backlog_change(came, went).verdict == verdict


def test_long_list_finds_fewer_changes_than_each_line_alone() -> None:
    lines = [(62, 34), *((50, 50),) * 19]

    alone = trends.count_change(62, 34)
    among = trends.count_changes(lines)[0]

    assert alone.verdict == Verdict.WORSE
    assert among.verdict == Verdict.NORMAL


@pytest.mark.parametrize(
    ("share", "low", "high"), [(Share(0, 10), 0.0, 0.2775), (Share(81, 263), 0.2553, 0.3662)]
)
def test_share_interval_is_wilsons(share: Share, low: float, high: float) -> None:
    # Both from Newcombe's comparison of intervals (1998).
    assert trends.share_interval(share) == pytest.approx((low, high), abs=5e-5)


def test_share_of_nothing_has_no_interval() -> None:
    assert trends.share_interval(Share(0, 0)) == (None, None)
