"""Whether waiting takes longer than usual, those who still wait included.

How many of the present cases would have ended by now at the usual pace (Nelson and Aalen's hazard of the
past, summed over the time each case was watched), against how many did: the one-sample log-rank test of
Breslow (1975). A slow period among those before weighs as a storm does among counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from reports.metrics.survival import LifeTable
from reports.periods import PERIODS
from reports.trends.chances import count_outcomes
from reports.trends.change import ENOUGH, NO_PAST, UNKNOWN, Change, judged
from reports.trends.spread import TINY, spread

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pace:
    """The usual pace: at these minutes so many of a hundred who waited until then ended."""

    usual: LifeTable

    def expected(self, table: LifeTable) -> tuple[float, float]:
        """(ends to be expected of them, variance because the pace is known from finitely many)."""
        minutes, ended, risk = self.usual.minutes, self.usual.ended, self.usual.at_risk()
        gone = np.concatenate([[0], np.cumsum(table.left)])[np.searchsorted(table.minutes, minutes)]
        watched: Floats = (table.n - gone).astype(np.float64)
        return float((watched * ended / risk).sum()), float((watched**2 * ended / risk**2).sum())


def waiting_change(now: LifeTable, past: Sequence[LifeTable], *, better: int = -1) -> Change:
    """`usual`, `low`, `high` and `amount` are of the number that ended; more of them is a shorter wait."""
    if len(past) < PERIODS:
        return NO_PAST
    pace = Pace(LifeTable.merged(past))
    before = [(int(table.ended.sum()), pace.expected(table)[0]) for table in past]
    known = [(ended, due) for ended, due in before if due > TINY]
    due, unsure = pace.expected(now)
    if len(known) < PERIODS or sum(ended for ended, _ in known) < ENOUGH or due <= TINY:
        return UNKNOWN
    seen = spread([ended for ended, _ in known], [due for _, due in known])
    ended, mean = int(now.ended.sum()), seen.level * due
    variance = seen.dispersion * (mean + unsure * seen.level**2)
    return judged(ended, mean, count_outcomes(mean, variance, seen=ended, looks=seen.looks), -better)
