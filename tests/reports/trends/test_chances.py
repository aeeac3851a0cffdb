"""Chances against slow, plain sums and published tables."""

from math import comb, exp, lgamma, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.trends import chances
from reports.trends.chances import Looks

NINE = Looks(9, 1.0)
#: The spread is known: Student corrects nothing.
KNOWN = Looks(50, seen=1e-9)


@pytest.mark.parametrize(
    ("mean", "seen"), [(4.0, 0), (4.0, 4), (4.0, 12), (0.3, 3), (140.0, 180), (140.0, 90)]
)
def test_chance_of_a_count_without_more_spread_is_poissons(mean: float, seen: int) -> None:
    chance = [exp(k * log(mean) - mean - lgamma(k + 1)) for k in range(seen + 1)]

    p = chances.count_outcomes(mean, mean, seen=seen, looks=KNOWN).p(seen)

    assert p == pytest.approx(min(1.0, 2 * min(sum(chance), 1 - sum(chance[:-1]))), rel=1e-3)


@pytest.mark.parametrize(("mean", "variance"), [(4.0, 12.0), (140.0, 420.0), (0.5, 0.6)])
def test_counts_have_the_mean_and_the_variance_that_they_were_given(mean: float, variance: float) -> None:
    found = chances.count_outcomes(mean, variance, seen=0, looks=NINE).chances
    places = range(len(found))

    assert found.sum() == pytest.approx(1)
    assert (found * places).sum() == pytest.approx(mean)
    assert (found * places * places).sum() - mean**2 == pytest.approx(variance, rel=1e-6)


@pytest.mark.parametrize(("share", "whole", "times"), [(0.2, 30, 1.0), (0.2, 30, 3.0), (0.95, 200, 2.0)])
def test_shares_have_the_mean_and_the_variance_that_they_were_given(
    share: float, whole: int, times: float
) -> None:
    variance = times * whole * share * (1 - share)

    found = chances.share_outcomes(share, variance, whole=whole, looks=NINE).chances
    places = range(len(found))

    assert len(found) == whole + 1
    assert (found * places).sum() == pytest.approx(whole * share, rel=1e-5)
    assert (found * places * places).sum() - (whole * share) ** 2 == pytest.approx(variance, rel=1e-4)


def test_shares_without_more_spread_are_binomial() -> None:
    found = chances.share_outcomes(0.25, 12 * 0.25 * 0.75, whole=12, looks=NINE).chances

    assert list(found) == pytest.approx(
        [comb(12, k) * 0.25**k * 0.75 ** (12 - k) for k in range(13)], rel=1e-5
    )


def test_one_case_is_a_share_too() -> None:
    assert list(chances.share_outcomes(0.3, 0.21, whole=1, looks=NINE).chances) == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize(
    ("t", "df", "both"),
    # Two-sided critical values of Student's table.
    [(12.706, 1, 0.05), (4.303, 2, 0.05), (3.182, 3, 0.05), (5.841, 3, 0.01), (2.228, 10, 0.05),
     (3.169, 10, 0.01), (4.587, 10, 0.001), (2.131, 15, 0.05), (2.947, 15, 0.01), (2.042, 30, 0.05)],
)  # fmt: skip
def test_tails_are_those_of_students_table(t: float, df: int, both: float) -> None:
    assert chances.student_tails(t, df) == pytest.approx(both, rel=2e-3)


def test_few_looks_at_the_spread_make_a_chance_larger() -> None:
    assert chances.student(0.01, Looks(8, 1.0)) > chances.student(0.01, Looks(40, 1.0)) > 0.0115
    assert chances.student(1.0, Looks(8, 1.0)) == 1.0
    assert 0 <= chances.student(0.0, Looks(8, 1.0)) < 1e-6


def test_calm_past_needs_less_but_never_less_than_chance_allows() -> None:
    assert chances.student(0.01, Looks(8, 1.0)) == chances.student(0.01, Looks(8, 3.0))
    assert 0.01 < chances.student(0.01, Looks(8, 0.8)) < chances.student(0.01, Looks(8, 1.0))
    assert chances.student(0.01, Looks(8, 0.1)) == 0.01


@settings(max_examples=40, deadline=None)
@given(
    mean=st.floats(0.2, 400),
    times=st.floats(1, 5),
    df=st.integers(6, 30),
    alpha=st.sampled_from([0.0045, 0.05]),
)
def test_band_ends_where_a_change_begins(mean: float, times: float, df: int, alpha: float) -> None:
    outcomes = chances.count_outcomes(mean, mean * times, seen=0, looks=Looks(df, 1.0))

    low, high = outcomes.band(alpha)

    assert outcomes.p(low) >= alpha
    assert outcomes.p(high) >= alpha
    assert outcomes.p(high + 1) < alpha
    assert low == 0 or outcomes.p(low - 1) < alpha


@settings(max_examples=40, deadline=None)
@given(
    share=st.floats(0.01, 0.99),
    whole=st.integers(1, 60),
    times=st.floats(0.5, 80),
    looks=st.builds(Looks, st.integers(2, 30), st.floats(0.3, 3)),
)
def test_band_of_shares_holds_all_that_is_not_called_real(
    share: float, whole: int, times: float, looks: Looks
) -> None:
    outcomes = chances.share_outcomes(share, times * whole * share * (1 - share), whole=whole, looks=looks)

    low, high = outcomes.band(0.05)

    assert outcomes.chances.sum() == pytest.approx(1)
    assert (outcomes.chances * range(whole + 1)).sum() == pytest.approx(whole * share, rel=1e-3)
    assert [low <= part <= high for part in range(whole + 1)] == [
        outcomes.p(part) >= 0.05 for part in range(whole + 1)
    ]


def test_chances_are_raised_as_in_the_paper_of_benjamini_and_hochberg() -> None:
    found = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
             0.6528, 0.7590, 1.0000]  # fmt: skip

    raised = chances.adjusted(found)

    # Table 1 of the paper of 1995: four of them are found at five percent.
    assert sum(p <= 0.05 for p in raised) == 4
    assert raised[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])
    assert raised == sorted(raised)


def test_all_that_one_report_tests_shares_the_stated_rate() -> None:
    assert chances.ALPHA * chances.TESTS == pytest.approx(chances.REPORT_RATE) == pytest.approx(0.05)
