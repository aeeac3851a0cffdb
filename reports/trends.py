"""Whether a number really changed against the period before, or only as numbers do.

Each test gives the chance that a difference at least as unlikely comes up though nothing changed.
Below ALPHA the change is called real: so of a hundred comparisons in a steady desk about one is called
wrongly. Counts are tested exactly, given their sum (binomial), after taking out how much more than by
pure chance they went up and down in the periods before. Shares by Fisher's exact test. Waiting times by
the log-rank test, which compares the whole courses and knows of the incidents still open. Backlog by
what came in against what went out. Where a list is searched for changes (services, categories), the
chances are raised by Benjamini and Hochberg's rule, so that long lists do not find changes by length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import erfc, sqrt

import numpy as np
import numpy.typing as npt

from reports.metrics.flow import Share
from reports.metrics.survival import LifeTable, Z

ALPHA = 0.01
#: With fewer cases in both periods together even a doubling would not show.
ENOUGH = 10
#: Outcomes as likely as the one seen count with it, whatever rounding says.
TOLERANCE = 1e-7

Floats = npt.NDArray[np.float64]


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


UNKNOWN = Change(Verdict.TOO_FEW)
#: The desk's records do not reach back over the period before.
NO_PAST = Change(Verdict.NO_PAST)


def count_change(
    now: int, before: int, *, exposure: float = 1.0, dispersion: float = 1.0, better: int = -1
) -> Change:
    """Two counts; `exposure`: how many times longer the present period is than the one before."""
    if now + before < ENOUGH:
        return UNKNOWN
    seen, total = round(now / dispersion), round((now + before) / dispersion)
    share = exposure / (1 + exposure)
    p = binomial_p(seen, total, share)
    return _judged(p, now - before * exposure, better)


def share_change(now: Share, before: Share, *, better: int = -1) -> Change:
    if min(now.whole, before.whole) == 0 or now.whole + before.whole < ENOUGH:
        return UNKNOWN
    p = fisher_p(now.part, now.whole, before.part, before.whole)
    return _judged(p, now.part / now.whole - before.part / before.whole, better)


def waiting_change(now: LifeTable, before: LifeTable, *, better: int = -1) -> Change:
    """Two courses of waiting; ending earlier than expected is a shorter wait."""
    if int(now.ended.sum()) + int(before.ended.sum()) < ENOUGH or not (now.n and before.n):
        return UNKNOWN
    surplus, p = log_rank(now, before)
    return _judged(p, -surplus, better)


def backlog_change(came: int, went: int) -> Change:
    """A backlog grows if more comes than goes."""
    if came + went < ENOUGH:
        return UNKNOWN
    return _judged(binomial_p(came, came + went, 0.5), came - went, -1)


def share_interval(share: Share) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval."""
    if not share.whole:
        return None, None
    n, hat = share.whole, share.part / share.whole
    middle = (hat + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(hat * (1 - hat) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def _judged(p: float, difference: float, better: int) -> Change:
    if p >= ALPHA or difference == 0 or better == 0:
        return Change(Verdict.NORMAL, p)
    return Change(Verdict.BETTER if difference * better > 0 else Verdict.WORSE, p)


def dispersion(counts: Sequence[int]) -> float:
    """How many times more than by chance alone counts went up and down; at least once."""
    if len(counts) < 4 or not sum(counts):
        return 1.0
    mean = sum(counts) / len(counts)
    return max(1.0, sum((count - mean) ** 2 for count in counts) / mean / (len(counts) - 1))


def adjusted(chances: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg: raised so that of the changes called real few are none."""
    order = sorted(range(len(chances)), key=lambda i: chances[i], reverse=True)
    raised, lowest = [1.0] * len(chances), 1.0
    for place, i in enumerate(order):
        lowest = min(lowest, chances[i] * len(chances) / (len(chances) - place))
        raised[i] = lowest
    return raised


def count_changes(
    pairs: Sequence[tuple[int, int]], *, exposure: float = 1.0, dispersion: float = 1.0
) -> list[Change]:
    """The changes of a list of (now, before), chances raised for its length."""
    single = [count_change(now, before, exposure=exposure, dispersion=dispersion) for now, before in pairs]
    tested = [change.p for change in single if change.p is not None]
    raised = iter(adjusted(tested))
    return [
        change if change.p is None else _judged(next(raised), now - before * exposure, -1)
        for change, (now, before) in zip(single, pairs, strict=True)
    ]


def binomial_p(seen: int, total: int, share: float) -> float:
    """Exact, two-sided: all outcomes no likelier than the one seen."""
    outcomes = np.arange(total + 1)
    chances = _choose(total, outcomes) + outcomes * np.log(share) + (total - outcomes) * np.log1p(-share)
    return _no_likelier(chances, min(seen, total))


def fisher_p(part: int, whole: int, other_part: int, other_whole: int) -> float:
    """Exact, two-sided, for two shares."""
    hits = part + other_part
    outcomes = np.arange(max(0, hits - other_whole), min(hits, whole) + 1)
    chances = _choose(whole, outcomes) + _choose(other_whole, hits - outcomes)
    return _no_likelier(chances, part - int(outcomes[0]))


def _choose(n: int, k: npt.NDArray[np.int64]) -> Floats:
    factorials: Floats = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    ways: Floats = factorials[n] - factorials[k] - factorials[n - k]
    return ways


def _no_likelier(logs: Floats, place: int) -> float:
    chances = np.exp(logs - logs.max())
    return min(1.0, float(chances[chances <= chances[place] * (1 + TOLERANCE)].sum() / chances.sum()))


def log_rank(now: LifeTable, before: LifeTable) -> tuple[float, float]:
    """(ends in `now` beyond the expected, chance of that much)."""
    minutes = np.union1d(now.minutes, before.minutes)
    ended, risk = _at(now, minutes)
    other_ended, other_risk = _at(before, minutes)
    all_ended, all_risk = ended + other_ended, risk + other_risk
    expected = all_ended * risk / all_risk
    spread = np.where(
        all_risk > 1,
        expected * other_risk / all_risk * (all_risk - all_ended) / np.maximum(all_risk - 1, 1),
        0.0,
    ).sum()
    surplus = float((ended - expected).sum())
    return surplus, erfc(abs(surplus) / sqrt(2 * spread)) if spread > 0 else 1.0


def _at(table: LifeTable, minutes: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """(ends at, still watched just before) each of these minutes."""
    places = np.searchsorted(table.minutes, minutes)
    gone = np.concatenate([[0], np.cumsum(table.left)])[places]
    ended = np.zeros(len(minutes))
    ended[np.searchsorted(minutes, table.minutes)] = table.ended
    return ended, (table.n - gone).astype(np.float64)
