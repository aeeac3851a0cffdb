"""Whether a share differs from the usual one."""

from collections.abc import Sequence
from math import sqrt

from reports.metrics.flow import Share
from reports.metrics.survival import Z
from reports.periods import PERIODS
from reports.trends.chances import share_outcomes
from reports.trends.change import ENOUGH, NO_PAST, UNKNOWN, Change, verdict
from reports.trends.spread import spread


def share_change(now: Share, past: Sequence[Share], *, better: int = -1) -> Change:
    """Against the shares of the past; how far those differ among themselves counts."""
    known = [share for share in past if share.whole]
    whole = sum(share.whole for share in known)
    if len(past) < PERIODS:
        return NO_PAST
    if len(known) < PERIODS or not now.whole or now.whole + whole < ENOUGH:
        return UNKNOWN
    often = sum(share.part for share in known) * 2 > whole
    rare = [share.whole - share.part if often else share.part for share in known]
    binomial = 1 - sum(rare) / whole
    seen = spread(rare, [share.whole for share in known], chance=binomial)
    usual = (seen.level * seen.exposure + 0.5) / (seen.exposure + 1)
    usual = 1 - usual if often else usual
    variance = seen.dispersion * now.whole * usual * (1 - usual) * (1 + now.whole / seen.exposure)
    outcomes = share_outcomes(usual, variance, whole=now.whole, looks=seen.looks)
    p, (low, high) = outcomes.p(now.part), outcomes.band()
    points = now.part / now.whole - usual
    return Change(verdict(p, points, better), p, usual, low / now.whole, high / now.whole, points)


def share_interval(share: Share) -> tuple[float | None, float | None]:
    """Wilson's 95 % interval."""
    if not share.whole:
        return None, None
    n, hat = share.whole, share.part / share.whole
    middle = (hat + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * sqrt(hat * (1 - hat) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
