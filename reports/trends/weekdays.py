"""How much of a usual week lies in some days: weekday by weekday, and by the hour on the last of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import numpy.typing as npt

from reports.periods import DAY, Period, day_start
from reports.trends.spread import TINY, spread

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Cases added to each weekday: one without any so far is not impossible.
HALF = 0.5
#: Fewer cases of a weekday do not tell its course: the whole week's is taken.
FEW = 20
NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Learned from the openings in the parts of the past; a part that stands out weighs less."""

    #: Cases of each weekday, Monday first, weighed.
    cases: Floats
    #: Each day's part of a week.
    shares: Floats
    #: Openings of the past by weekday: seconds since its midnight.
    hours: Sequence[Integers]

    @classmethod
    def of(cls, times: Integers, parts: Sequence[Period]) -> Self:
        """`times`: unix seconds of all openings, rising; `parts`: at least three, in order."""
        cut = [_by_day(times, part) for part in parts]
        weights = spread([sum(map(len, days)) for days in cut], [len(days) for days in cut]).weights
        cases, looks, hours = np.full(7, HALF), np.zeros(7), [list[Integers]() for _ in range(7)]
        for part, days, weight in zip(parts, cut, weights, strict=True):
            for day, found in zip(_days(part), days, strict=True):
                cases[day.weekday()] += weight * len(found)
                looks[day.weekday()] += weight
                hours[day.weekday()].append(found)
        rates = cases / np.maximum(looks, TINY)
        rates[looks == 0] = rates[looks > 0].mean()
        return cls(cases, rates / rates.sum(), [np.sort(np.concatenate([NONE, *those])) for those in hours])

    def weeks(self, period: Period) -> float:
        """Its length in usual weeks, up to where it is cut."""
        return float(self._looked(period).sum())

    def doubt(self, period: Period) -> float:
        """Relative variance of what is expected of it, for a dispersion of one."""
        looked = self._looked(period)
        return float((looked**2 / self.cases).sum() / looked.sum() ** 2)

    def _looked(self, period: Period) -> Floats:
        """By weekday: how much of a usual week."""
        looked = np.zeros(7)
        for day in _days(period):
            looked[day.weekday()] += self.shares[day.weekday()] * self._passed(day, period)
        return np.maximum(looked, 1e-12)

    def _passed(self, day: date, period: Period) -> float:
        """How much of the day's cases comes before the cut."""
        if period.cut is None:
            return 1.0
        if day != period.cut.astimezone(period.zone).date():
            return 1.0
        hour = period.cut.astimezone(period.zone).time()
        seconds = hour.hour * 3600 + hour.minute * 60 + hour.second
        hours = self.hours[day.weekday()]
        if len(hours) < FEW:
            hours = np.sort(np.concatenate(list(self.hours)))
        if len(hours) < FEW:
            return seconds / 86_400
        return float(np.searchsorted(hours, seconds)) / len(hours)


def _days(period: Period) -> Sequence[date]:
    """Its days, up to the one it is cut on."""
    last = period.after if period.cut is None else min(period.after, _day_of_cut(period) + DAY)
    return [period.first + DAY * n for n in range((last - period.first).days)]


def _day_of_cut(period: Period) -> date:
    return period.cut.astimezone(period.zone).date() if period.cut else period.last


def _by_day(times: Integers, part: Period) -> Sequence[Integers]:
    """For each of its days the seconds since midnight of what was opened on it."""
    edges = np.array([int(day_start(day, part.zone).timestamp()) for day in [*_days(part), part.after]])
    places = np.searchsorted(times, edges)
    return [times[low:high] - start for low, high, start in zip(places, places[1:], edges, strict=False)]
