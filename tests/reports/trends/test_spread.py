from math import sqrt
from statistics import mean, median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def fitted(places: list[int], values: list[float], trust: list[float]) -> tuple[float, float]:
    """Height at nought and slope of the line of least squares, by the normal equations."""
    n, t, tt = (sum(w * place**power for w, place in zip(trust, places, strict=True)) for power in (0, 1, 2))
    v, tv = (
        sum(w * place**power * value for w, place, value in zip(trust, places, values, strict=True))
        for power in (0, 1)
    )
    return (v * tt - tv * t) / (n * tt - t * t), (n * tv - t * v) / (n * tt - t * t)


def slow(counts: list[int], exposures: list[float], chance: float) -> dict[str, object]:
    """What the module says it does, one count after the other."""
    places = list(range(len(counts)))
    rates = [count / much for count, much in zip(counts, exposures, strict=True)]
    floor = max(mean(counts) / 10, 1e-9)

    def on(line: tuple[float, float]) -> list[float]:
        return [max((line[0] + line[1] * i) * exposures[i], floor) for i in places]

    def off(expected: list[float]) -> list[float]:
        """Anscombe's residuals of Poisson counts."""
        return [
            3 / 2 * (y ** (2 / 3) - m ** (2 / 3)) / m ** (1 / 6)
            for y, m in zip(counts, expected, strict=True)
        ]

    steep = median((rates[j] - rates[i]) / (j - i) for j in places for i in range(j))
    expected = on((median(rate - steep * i for i, rate in enumerate(rates)), steep))
    dispersion = max(1.0, (1.4826 * median(map(abs, off(expected)))) ** 2 / chance)
    for _round in range(5):
        scale = sqrt(dispersion * chance)
        weights = [min(1.0, (2.58 * scale / abs(r)) ** 2) if r else 1.0 for r in off(expected)]
        trust = [w * e**2 / m for w, e, m in zip(weights, exposures, expected, strict=True)]
        expected = on(fitted(places, rates, trust))
        squares = [
            min((y - m) ** 2 / (m * chance), 2.58**2 * dispersion)
            for y, m in zip(counts, expected, strict=True)
        ]
        df = 4 + sum(weights) - 2
        seen = (4 + sum(w * square for w, square in zip(weights, squares, strict=True))) / df
        dispersion = max(1.0, seen)
    heard = [w * e for w, e in zip(weights, exposures, strict=True)]
    base, slope = fitted(places, rates, heard)
    middle = sum(h * i for h, i in zip(heard, places, strict=True)) / sum(heard)
    lever = sum(h * i * i for h, i in zip(heard, places, strict=True)) - sum(heard) * middle**2
    return {"level": base + slope * middle, "slope": slope, "dispersion": dispersion, "weights": weights,
            "seen": seen, "df": df, "exposure": sum(heard), "lever": lever}  # fmt: skip


@given(
    cases=st.lists(
        st.tuples(
            st.one_of(st.integers(0, 60), st.integers(0, 2000)), st.sampled_from([1.0, 1.0, 0.3, 2.0, 31.0])
        ),
        min_size=3,
        max_size=14,
    ),
    chance=st.sampled_from([1.0, 0.5, 0.93]),
)
def test_spread_equals_plain_sums(cases: list[tuple[int, float]], chance: float) -> None:
    counts, exposures = map(list, zip(*cases, strict=True))

    found, plain = spread(counts, exposures, chance=chance), slow(counts, exposures, chance)

    close = {"rel": 1e-6, "abs": 1e-7}
    assert (found.level, found.slope, found.dispersion, found.exposure, found.lever) == pytest.approx(
        tuple(plain[name] for name in ("level", "slope", "dispersion", "exposure", "lever")), **close
    )
    assert list(found.weights) == pytest.approx(plain["weights"], **close)
    assert found.looks.seen == pytest.approx(plain["seen"], **close)
    assert abs(found.looks.df - plain["df"]) <= 0.5 + 1e-6


def test_slope_of_a_straight_line_is_found() -> None:
    found = of([10, 20, 30, 40, 50])

    assert (found.level, found.slope, found.lever) == pytest.approx((30, 10, 10))


def test_shares_go_up_and_down_less_than_counts() -> None:
    parts, wholes = [30, 70, 32, 68, 30, 70, 31, 69], [100.0] * 8

    assert spread(parts, wholes, chance=0.5).dispersion > 1.8 * spread(parts, wholes).dispersion


def test_nothing_has_a_spread_of_chance() -> None:
    found = of([0] * 12)

    assert (found.level, found.slope, found.dispersion) == (0, 0, 1.0)
