"""What came in, against what usually does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from reports.content.measures import Content
from reports.periods import PERIODS, Period
from reports.trends.change import NO_PAST, UNKNOWN, Change
from reports.trends.counts import count_change, drifting, expected
from reports.trends.spread import Spread, spread
from reports.trends.weekdays import Weekdays

if TYPE_CHECKING:
    from reports.metrics.volume import Integers


@dataclass(frozen=True, slots=True)
class Opened:
    """`usual` is None where the records are too young to know it."""

    now: Period
    past: Sequence[Period]
    counts: Mapping[Period, int]
    weekdays: Weekdays | None
    usual: Spread | None
    #: The periods in usual weeks.
    exposure: float = 1.0
    exposures: Sequence[float] = ()

    @classmethod
    def of(cls, now: Period, past: Sequence[Period], counts: Mapping[Period, int], times: "Integers") -> Self:
        """`times`: unix seconds of all openings of the past, rising."""
        if len(past) < PERIODS:
            return cls(now, past, counts, None, None)
        weekdays = Weekdays.of(times, past)
        exposures = [weekdays.weeks(part) for part in past]
        usual = spread([counts[part] for part in past], exposures)
        return cls(now, past, counts, weekdays, usual, weekdays.weeks(now), exposures)

    def change(self, slots: Sequence[Period]) -> Change:
        """All of a sudden, or along the slots that are over."""
        if self.weekdays is None:
            return NO_PAST
        change = count_change(
            self.counts[self.now],
            [self.counts[part] for part in self.past],
            exposure=self.exposure,
            exposures=self.exposures,
            doubt=self.weekdays.doubt(self.now),
        )
        if change == UNKNOWN:
            return change
        over = [slot for slot in slots if slot.cut is None and slot.start >= self.past[0].start]
        return drifting(
            change, [self.counts[slot] for slot in over], [self.weekdays.weeks(slot) for slot in over]
        )

    def usual_in(self, period: Period) -> Content:
        """What a period usually brings, and between what it lies by chance."""
        if self.weekdays is None or self.usual is None:
            return {"usual": None, "usual_low": None, "usual_high": None}
        mean, outcomes = expected(self.usual, self.weekdays.weeks(period), doubt=self.weekdays.doubt(period))
        low, high = outcomes.band()
        return {"usual": mean, "usual_low": low, "usual_high": high}
