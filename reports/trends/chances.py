"""Chances of what was seen, if nothing changed. All are two-sided: twice the smaller tail."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, log, pi, sin, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

#: At most this share of the reports of a desk where nothing changes names any change.
REPORT_RATE = 0.05
#: What one report tests: eight measures, the drift of what comes in, two lists.
TESTS = 11
#: Below this a single change is called real (Bonferroni).
ALPHA = REPORT_RATE / TESTS
#: Tails smaller than this are all alike.
LEAST = 1e-290

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Looks:
    """How well the spread is known: from so many looks, that found `seen` times what chance alone brings."""

    df: int
    seen: float

    @property
    def calm(self) -> float:
        """How much less than by chance; 1 where more."""
        return min(1.0, self.seen)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What may come: counts from 0 on with their chances."""

    chances: Floats
    looks: Looks

    def p(self, seen: int) -> float:
        """The chance of something at least as far out as `seen`."""
        return student(2 * min(self.chances[: seen + 1].sum(), self.chances[seen:].sum()), self.looks)

    def band(self, alpha: float = ALPHA) -> tuple[int, int]:
        """The least and the most that is not called real."""
        places = range(len(self.chances))
        middle = int(np.searchsorted(np.cumsum(self.chances), 0.5))
        low = bisect_left(places, x=True, hi=middle, key=lambda place: self.p(place) >= alpha)
        above = bisect_left(places, x=True, lo=middle, key=lambda place: self.p(place) < alpha)
        return low, above - 1


def count_outcomes(mean: float, variance: float, *, seen: int, looks: Looks) -> Outcomes:
    """Negative binomial of that mean and variance; Poisson's where the variance is no larger.

    Reaches beyond `seen` and far beyond what is likely.
    """
    reach = max(seen, int(mean + 40 * sqrt(variance)) + 40) + 1
    steps = np.arange(1, reach)
    if variance <= mean * (1 + 1e-9):
        logs = np.concatenate([[-mean], log(mean) - np.log(steps)])
    else:
        size = mean * mean / (variance - mean)
        growth = np.log((size + steps - 1) / steps) + log(mean / (size + mean))
        logs = np.concatenate([[size * log(size / (size + mean))], growth])
    return Outcomes(np.exp(np.cumsum(logs)), looks)


def share_outcomes(share: float, variance: float, *, whole: int, looks: Looks) -> Outcomes:
    """Beta-binomial of that mean share, its variance that of the count of `whole`."""
    plain = whole * share * (1 - share)
    tied = min(max((variance / plain - 1) / (whole - 1), 1e-9), 0.999) if whole > 1 else 1e-9
    yes, no = share * (1 / tied - 1), (1 - share) * (1 / tied - 1)
    steps = np.arange(whole)
    growth = np.log((whole - steps) / (steps + 1)) + np.log((yes + steps) / (no + whole - steps - 1))
    logs = np.concatenate([[0.0], np.cumsum(growth)])
    chances = np.exp(logs - logs.max())
    return Outcomes(chances / chances.sum(), looks)


def student(p: float, looks: Looks) -> float:
    """A chance under a known spread -> that under one estimated from so many looks (Student).

    Never less than the known one's: a past that was calmer than chance allows does not stay so.
    """
    known = min(max(p, LEAST), 1.0)
    return max(known, student_tails(-NormalDist().inv_cdf(known / 2) / sqrt(looks.calm), looks.df))


def student_tails(t: float, df: int) -> float:
    """Both tails beyond t (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = atan(t / sqrt(df))
    term = cos(angle) if df % 2 else 1.0
    total = term if df > 1 or not df % 2 else 0.0
    for k in range(3 if df % 2 else 2, df - 1, 2):
        term *= cos(angle) ** 2 * (k - 1) / k
        total += term
    inside = 2 / pi * (angle + sin(angle) * total) if df % 2 else sin(angle) * total
    return min(1.0, max(0.0, 1 - inside))


def adjusted(chances: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg (1995): raised so that of the changes called real few are none."""
    order = sorted(range(len(chances)), key=lambda i: chances[i], reverse=True)
    raised, lowest = {}, 1.0
    for place, i in enumerate(order):
        lowest = min(lowest, chances[i] * len(chances) / (len(chances) - place))
        raised[i] = lowest
    return [raised[i] for i in range(len(chances))]
