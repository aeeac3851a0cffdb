import pytest

from reports.metrics.flow import Share
from reports.trends.change import Verdict
from reports.trends.shares import share_change, share_interval

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
