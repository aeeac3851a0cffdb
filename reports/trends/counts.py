"""Whether more or fewer came than usual, all of a sudden or little by little."""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from statistics import NormalDist

from reports.periods import PERIODS
from reports.trends.chances import Outcomes, adjusted, count_outcomes, student
from reports.trends.change import ENOUGH, NO_PAST, UNKNOWN, Change, judged, verdict
from reports.trends.spread import Spread, spread

#: Cases added to a past that has none: nothing is never quite impossible.
HALF = 0.5


def count_change(
    now: int,
    past: Sequence[int],
    *,
    exposure: float = 1.0,
    exposures: Sequence[float] | None = None,
    doubt: float | None = None,
    better: int = -1,
) -> Change:
    """A count against those of the past. Exposures: how much of a week each one is.

    `doubt`: relative variance of the expected count, for the time of one case; None: by the past's sum.
    """
    if len(past) < PERIODS:
        return NO_PAST
    if now + sum(past) < ENOUGH:
        return UNKNOWN
    usual = spread(past, exposures or [1.0] * len(past))
    return judged(now, *expected(usual, exposure, seen=now, doubt=doubt), better)


def expected(
    usual: Spread, exposure: float, *, seen: int = 0, doubt: float | None = None
) -> tuple[float, Outcomes]:
    """How many are usual in so much time, and how likely each number is."""
    total = max(usual.level * usual.exposure, HALF)
    mean = total / usual.exposure * exposure
    variance = usual.dispersion * mean * (1 + mean * (1 / total if doubt is None else doubt))
    return mean, count_outcomes(mean, variance, seen=seen, looks=usual.looks)


def drifting(
    change: Change, counts: Sequence[int], exposures: Sequence[float], *, better: int = -1
) -> Change:
    """The change, or if it is none, the growth that the counts show all along, the present one last."""
    if change.is_real or len(counts) <= PERIODS or sum(counts) < ENOUGH:
        return change
    line = spread(counts, exposures)
    unlikely = abs(line.slope) / sqrt(line.dispersion * line.level / line.lever)
    p = student(2 * NormalDist().cdf(-unlikely), line.looks)
    growth = line.slope / line.level
    found = verdict(p, growth, better)
    return replace(change, verdict=found, p=p, drift=growth) if found != "normal" else change


def count_changes(
    rows: Sequence[tuple[int, Sequence[int]]], *, exposure: float = 1.0, exposures: Sequence[float]
) -> list[Change]:
    """The changes of a list of (now, past), chances raised for its length."""
    single = [count_change(now, past, exposure=exposure, exposures=exposures) for now, past in rows]
    raised = iter(adjusted([change.p for change in single if change.p is not None]))
    return [change if change.p is None else change.with_p(next(raised), -1) for change in single]
