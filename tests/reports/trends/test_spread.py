import numpy as np
import pytest

from reports.trends.spread import PRIOR, Spread, spread

EVEN = [1.0] * 12
STEADY = [140, 151, 132, 139, 147, 128, 143, 150, 136, 141, 131, 142]


def of(counts: list[int], exposures: list[float] | None = None) -> Spread:
    return spread(counts, exposures or [1.0] * len(counts))


def test_steady_counts_go_up_and_down_by_chance_alone() -> None:
    found = of(STEADY)

    assert found.level == pytest.approx(140)
    assert found.dispersion == 1.0
    assert found.weights.min() == 1.0
    assert (found.looks.df, found.exposure) == (PRIOR + 10, 12)
    assert found.looks.seen < 1


@pytest.mark.parametrize("place", [0, 5, 11])
def test_one_storm_neither_lifts_the_level_nor_widens_the_spread(place: int) -> None:
    stormy = [900 if i == place else count for i, count in enumerate(STEADY)]

    found = of(stormy)

    assert found.level == pytest.approx(140, abs=2)
    assert found.dispersion < 1.8
    assert found.weights[place] < 0.02


def test_three_storms_of_twelve_are_still_storms() -> None:
    found = of([900, 640, *STEADY[2:11], 700])

    assert found.level == pytest.approx(141, abs=6)
    assert found.dispersion < 4


def test_a_week_of_holidays_weighs_as_little_as_a_storm() -> None:
    found = of([*STEADY[:6], 12, *STEADY[7:]])

    assert found.level == pytest.approx(140, abs=2)
    assert found.weights[6] < 0.15


def test_growth_is_no_spread() -> None:
    grown = of([round(100 * 1.05**week) for week in range(12)])

    assert grown.dispersion == 1.0
    assert grown.slope / grown.level == pytest.approx(0.05, abs=0.005)


def test_counts_that_swing_are_spread_wide() -> None:
    found = of([40, 160, 90, 180, 60, 150, 70, 140, 50, 170, 80, 130])

    assert found.dispersion > 15


def test_spread_equals_pearsons_drawn_towards_chance_where_nothing_stands_out() -> None:
    counts = [110, 90, 115, 85, 108, 92, 113, 87]
    line = np.polynomial.Polynomial.fit(range(8), counts, 1)
    squares = sum((count - line(i)) ** 2 / line(i) for i, count in enumerate(counts))

    assert of(counts).dispersion == pytest.approx((PRIOR + squares) / (PRIOR + 8 - 2), rel=0.01)


def test_longer_parts_count_for_more_and_are_no_storm() -> None:
    found = of([100, 102, 98, 31, 29, 101, 99, 30], [1, 1, 1, 0.3, 0.3, 1, 1, 0.3])

    assert found.level == pytest.approx(590 / 5.9)
    assert found.dispersion == 1.0
    assert found.weights.min() == 1.0


def test_slope_of_a_straight_line_is_found() -> None:
    found = of([10, 20, 30, 40, 50])

    assert (found.level, found.slope, found.lever) == pytest.approx((30, 10, 10))


def test_shares_go_up_and_down_less_than_counts() -> None:
    parts, wholes = [30, 70, 32, 68, 30, 70, 31, 69], [100.0] * 8

    assert spread(parts, wholes, chance=0.5).dispersion > 1.8 * spread(parts, wholes).dispersion


def test_nothing_has_a_spread_of_chance() -> None:
    found = of([0] * 12)

    assert (found.level, found.slope, found.dispersion) == (0, 0, 1.0)
