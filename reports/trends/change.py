"""What a comparison with the past comes to."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from reports.trends.chances import ALPHA, Outcomes

#: With fewer cases in all even a doubling would not show.
ENOUGH = 10


class Verdict(StrEnum):
    BETTER = "better"
    WORSE = "worse"
    NORMAL = "normal"
    TOO_FEW = "too_few"
    NO_PAST = "no_past"


@dataclass(frozen=True, slots=True)
class Change:
    verdict: Verdict
    #: The chance of such a difference without any cause; None if it was not tested.
    p: float | None = None
    #: What was to be expected, and between what it lies when nothing happens.
    usual: float | None = None
    low: float | None = None
    high: float | None = None
    #: Of counts and times: how much more or less than usual, 0.5 for half as much again; of shares: points.
    amount: float | None = None
    #: Growth by the period, where that is what was found.
    drift: float | None = None

    @property
    def is_real(self) -> bool:
        return self.verdict in {Verdict.BETTER, Verdict.WORSE}

    def with_p(self, p: float, better: int) -> Self:
        """Judged anew by another chance."""
        return replace(self, p=p, verdict=verdict(p, self.amount or 0.0, better))


UNKNOWN = Change(Verdict.TOO_FEW)
#: Records do not reach back far enough.
NO_PAST = Change(Verdict.NO_PAST)


def verdict(p: float, difference: float, better: int) -> Verdict:
    """`better`: +1 if more is better, -1 if less is."""
    if p >= ALPHA or difference == 0 or better == 0:
        return Verdict.NORMAL
    return Verdict.BETTER if difference * better > 0 else Verdict.WORSE


def judged(seen: int, usual: float, outcomes: Outcomes, better: int) -> Change:
    p, (low, high) = outcomes.p(seen), outcomes.band()
    amount = seen / usual - 1
    return Change(verdict(p, amount, better), p, usual, low, high, amount)
