"""How far numbers go up and down when nothing happens, not blinded by storms and growth.

A level and a straight trend are fitted to the counts of the past; what lies far off them weighs less, as
in Farrington et al. (1996) and Noufaily et al. (2013): by the square of 2.58 over its Anscombe residual.
The start is Theil's and Sen's line and the median deviation, which single storms do not move. What is
left of the deviations, against pure chance (Poisson), is the dispersion: at least once, and drawn a
little towards once where the past is short.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reports.trends.chances import Looks

Floats = npt.NDArray[np.float64]

#: Standard deviations within which a count has its full weight.
NEAR = 2.58
#: Median deviation -> standard deviation of a normal distribution.
MEDIAN_TO_SD = 1.4826
#: As if so many more looks had found pure chance.
PRIOR = 4
#: Rounds of weighing; they settle after three.
ROUNDS = 5
#: Of so little nothing can be divided.
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Spread:
    """Of counts with exposures. `level` and `slope` are per unit of exposure and unit of time."""

    level: float
    slope: float
    weights: Floats
    #: At least once what chance alone brings.
    dispersion: float
    looks: Looks
    #: Exposure the level was taken from.
    exposure: float
    #: Weighted squares of the times around their mean: what the slope was taken from.
    lever: float


def spread(counts: Sequence[float], exposures: Sequence[float], *, chance: float = 1.0) -> Spread:
    """At least three counts. `chance`: variance over mean by pure chance, one minus the share for shares."""
    y, e = np.array(counts, dtype=np.float64), np.array(exposures, dtype=np.float64)
    t = np.arange(len(y), dtype=np.float64)
    expected = _start(y, e, t)
    off = _anscombe(y, expected) / np.sqrt(chance)
    dispersion = max(1.0, (MEDIAN_TO_SD * float(np.median(np.abs(off)))) ** 2)
    for _round in range(ROUNDS):
        far = np.abs(_anscombe(y, expected)) / np.sqrt(dispersion * chance)
        weights = (NEAR / np.maximum(far, NEAR)) ** 2
        expected = _line(y, e, t, weights, expected)
        squares = np.minimum((y - expected) ** 2 / expected / chance, NEAR**2 * dispersion)
        df = PRIOR + float(weights.sum()) - 2
        seen = (PRIOR + float((weights * squares).sum())) / df
        dispersion = max(1.0, seen)
    heard = weights * e
    level = float((weights * y).sum() / heard.sum())
    middle = float((heard * t).sum() / heard.sum())
    lever = float((heard * (t - middle) ** 2).sum())
    slope = float((weights * y * (t - middle)).sum() / lever)
    return Spread(level, slope, weights, dispersion, Looks(round(df), seen), float(heard.sum()), lever)


def _anscombe(y: Floats, expected: Floats) -> Floats:
    residuals: Floats = 1.5 * (y ** (2 / 3) - expected ** (2 / 3)) / expected ** (1 / 6)
    return residuals


def _start(y: Floats, e: Floats, t: Floats) -> Floats:
    rates = y / e
    later, earlier = np.triu_indices(len(y), 1)
    slope = float(np.median((rates[later] - rates[earlier]) / (t[later] - t[earlier])))
    return _positive(e * (np.median(rates - slope * t) + slope * t), y)


def _line(y: Floats, e: Floats, t: Floats, weights: Floats, expected: Floats) -> Floats:
    trust = weights * e * e / expected
    middle = (trust * t).sum() / trust.sum()
    rates = y / e
    mean = (trust * rates).sum() / trust.sum()
    slope = (trust * (t - middle) * rates).sum() / (trust * (t - middle) ** 2).sum()
    return _positive(e * (mean + slope * (t - middle)), y)


def _positive(expected: Floats, y: Floats) -> Floats:
    """A line must not fall to nothing: chance of nothing has no spread."""
    floored: Floats = np.maximum(expected, max(float(np.mean(y)) / 10, TINY))
    return floored
