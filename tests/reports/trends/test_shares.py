from math import comb, exp, lgamma

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.metrics.flow import Share
from reports.trends.chances import student
from reports.trends.change import Verdict
from reports.trends.shares import share_change, share_interval
from reports.trends.spread import spread

TWENTY = [Share(20 + swing, 100) for swing in (0, 3, -2, 1, -4, 2, 0, -1, 4, -3, 1, -1)]
WILD = [Share(20 + swing, 100) for swing in (15, -15, 12, -14, 16, -12, 14, -16, 13, -13, 15, -15)]


@pytest.mark.parametrize(
    ("part", "verdict"),
    [(20, Verdict.NORMAL), (29, Verdict.NORMAL), (42, Verdict.WORSE), (5, Verdict.BETTER)],
)
def test_share_is_changed_if_chance_does_not_explain_it(part: int, verdict: Verdict) -> None:
    change = share_change(Share(part, 100), TWENTY)

    assert change.verdict == verdict
    assert change.usual == pytest.approx(0.2, abs=0.002)
    assert change.amount == pytest.approx(part / 100 - 0.2, abs=0.002)


def polya(whole: int, share: float, variance: float) -> list[float]:
    """Chances of each part by the beta-binomial distribution."""
    tied = min(max((variance / (whole * share * (1 - share)) - 1) / (whole - 1), 1e-9), 0.999)
    yes, no = share * (1 - tied) / tied, (1 - share) * (1 - tied) / tied

    def beta(a: float, b: float) -> float:
        return lgamma(a) + lgamma(b) - lgamma(a + b)

    return [comb(whole, k) * exp(beta(k + yes, whole - k + no) - beta(yes, no)) for k in range(whole + 1)]


@settings(max_examples=60, deadline=None)
@given(
    past=st.lists(
        st.integers(4, 60).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n))),
        min_size=4,
        max_size=12,
    ),
    now=st.integers(2, 40).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n))),
)
def test_share_is_judged_by_level_and_spread_of_its_past(past: list[Share], now: Share) -> None:
    """Of what is the rarer, so that a share and what it leaves are judged alike."""
    parts, whole = sum(share.part for share in past), sum(share.whole for share in past)
    turned = parts > whole - parts
    rare = [share.whole - share.part if turned else share.part for share in past]
    line = spread(rare, [share.whole for share in past], chance=1 - sum(rare) / whole)
    usual = (line.level * line.exposure + 1 / 2) / (line.exposure + 1)
    variance = line.dispersion * now.whole * usual * (1 - usual) * (1 + now.whole / line.exposure)
    chances = polya(now.whole, usual, variance)
    part = now.whole - now.part if turned else now.part
    p = student(2 * min(sum(chances[: part + 1]), sum(chances[part:])), line.looks)

    change = share_change(now, past)

    assert change.usual == pytest.approx(1 - usual if turned else usual)
    assert change.amount == pytest.approx(now.part / now.whole - change.usual, abs=1e-9)
    assert change.p == pytest.approx(p, rel=1e-4, abs=1e-6)


def test_share_knows_which_way_is_better() -> None:
    assert share_change(Share(42, 100), TWENTY, better=1).verdict == Verdict.BETTER


def test_high_share_is_compared_like_the_low_one_it_leaves() -> None:
    high = [Share(100 - share.part, 100) for share in TWENTY]

    change, mirror = share_change(Share(58, 100), high, better=1), share_change(Share(42, 100), TWENTY)

    assert (change.verdict, change.p) == (Verdict.WORSE, pytest.approx(mirror.p))
    assert (change.usual, change.amount) == pytest.approx((0.8, -0.22), abs=0.003)


def test_band_of_a_share_ends_where_a_change_begins() -> None:
    change = share_change(Share(20, 100), TWENTY)
    assert change.low is not None
    assert change.high is not None

    verdicts = [
        share_change(Share(round(share * 100) + step, 100), TWENTY).verdict
        for share, step in ((change.low, 0), (change.low, -1), (change.high, 0), (change.high, 1))
    ]

    assert verdicts == [Verdict.NORMAL, Verdict.BETTER, Verdict.NORMAL, Verdict.WORSE]


def test_shares_that_always_swing_need_more() -> None:
    assert share_change(Share(42, 100), WILD).verdict == Verdict.NORMAL


def test_one_bad_week_behind_hides_no_other() -> None:
    stormy = [*TWENTY[:5], Share(90, 100), *TWENTY[6:]]

    change = share_change(Share(45, 100), stormy)

    assert change.verdict == Verdict.WORSE
    assert change.usual == pytest.approx(0.2, abs=0.02)


def test_share_of_nothing_tells_nothing() -> None:
    assert share_change(Share(0, 0), TWENTY).verdict == Verdict.TOO_FEW
    assert share_change(Share(1, 3), [Share(0, 1)] * 6).verdict == Verdict.TOO_FEW
    assert share_change(Share(9, 30), [Share(2, 20), *[Share(0, 0)] * 11]).verdict == Verdict.TOO_FEW
    assert share_change(Share(9, 30), TWENTY[:3]).verdict == Verdict.NO_PAST


def test_fewest_that_tell_something() -> None:
    """Four periods, four of them with cases, ten cases in all."""
    assert share_change(Share(9, 30), TWENTY[:4]).p is not None
    assert share_change(Share(9, 30), [*[Share(2, 20)] * 4, Share(0, 0)]).p is not None
    assert share_change(Share(9, 30), [*[Share(2, 20)] * 3, Share(0, 0)]).verdict == Verdict.TOO_FEW
    assert share_change(Share(1, 2), [Share(1, 2)] * 4).p is not None
    assert share_change(Share(1, 1), [Share(1, 2)] * 4).verdict == Verdict.TOO_FEW


def test_half_is_no_more_often_than_not() -> None:
    """Either way would do; but the two must be the same change."""
    half = [Share(6, 12), Share(5, 10), Share(7, 14), Share(8, 16)]

    more, fewer = share_change(Share(38, 40), half), share_change(Share(2, 40), half)

    assert (more.p, more.usual) == pytest.approx((fewer.p, 0.5))


def test_share_that_was_always_none_may_become_some() -> None:
    never = [Share(0, 50)] * 12

    assert share_change(Share(0, 50), never).verdict == Verdict.NORMAL
    assert share_change(Share(10, 50), never).verdict == Verdict.WORSE


@pytest.mark.parametrize(
    ("share", "low", "high"), [(Share(0, 10), 0.0, 0.2775), (Share(81, 263), 0.2553, 0.3662)]
)
def test_share_interval_is_wilsons(share: Share, low: float, high: float) -> None:
    # Both from Newcombe's comparison of intervals (1998).
    assert share_interval(share) == pytest.approx((low, high), abs=5e-5)


def test_share_of_nothing_has_no_interval() -> None:
    assert share_interval(Share(0, 0)) == (None, None)
