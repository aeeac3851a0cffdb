"""A made-up desk where nothing changes, and what its reports would call changed.

No database: the numbers go straight into the comparisons that a report makes.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from reports import periods
from reports.content.compose import slots_of
from reports.content.opened import Opened
from reports.metrics.flow import Share
from reports.metrics.survival import LifeTable
from reports.periods import Period
from reports.trends.change import Change
from reports.trends.counts import count_change, count_changes
from reports.trends.shares import share_change
from reports.trends.waiting import waiting_change

ZONE = ZoneInfo("UTC")
DAY = 86_400
#: More in the week than at its end, as on a desk of an office.
OFFICE = np.array([1.3, 1.2, 1.2, 1.2, 1.1, 0.6, 0.4])
EVEN = np.ones(7)
WEEK, MONTH = periods.week_of(date(2026, 3, 2), ZONE), periods.month_of(date(2026, 3, 2), ZONE)

Floats = npt.NDArray[np.float64]
Growth = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Desk:
    """`rate`: incidents a day. `unsteady`: variance over mean of a day; 1 is chance alone (Poisson)."""

    rate: float
    unsteady: float = 1.0
    weekdays: Floats = field(default_factory=EVEN.copy)
    #: Days that an incident stays open, on average.
    stay: float = 2.0
    #: Days to the end of the report -> times the rate.
    growth: Growth | None = None

    def openings(self, first: date, after: date, rng: np.random.Generator) -> Floats:
        """Unix seconds, rising; by day as many as its weekday brings, in office hours."""
        days = np.arange((after - first).days)
        mean = self.rate * self.weekdays[(first.weekday() + days) % 7]
        if self.growth:
            mean = mean * self.growth(days - len(days) + 1.0)
        if self.unsteady > 1:
            tied = self.unsteady - 1
            found = rng.negative_binomial(np.maximum(mean / tied, 1e-9), 1 / self.unsteady)
        else:
            found = rng.poisson(mean)
        hours = rng.triangular(7, 10, 19, found.sum()) * 3600
        start = datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()
        return np.sort(start + np.repeat(days, found) * DAY + hours)


def findings(desk: Desk, period: Period, at: datetime, rng: np.random.Generator) -> dict[str, Change]:
    """What the report of the period, made `at`, says of each number."""
    past = periods.past_of(period, datetime(2020, 1, 1, tzinfo=UTC))
    now, slots = periods.so_far(period, at), [periods.so_far(slot, at) for slot in slots_of(period)]
    times = desk.openings(past[0].first - timedelta(days=60), period.after, rng)
    ended = times + rng.exponential(desk.stay * DAY, len(times))
    met, reopened, moved = (rng.random(len(times)) < often for often in (0.85, 0.05, 0.2))
    service = rng.choice(5, len(times), p=[0.4, 0.3, 0.15, 0.1, 0.05])

    def within(spell: Period) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (times >= spell.start.timestamp()) & (times < spell.end.timestamp())
        return found

    def opened(spell: Period, among: npt.NDArray[np.bool_] | None = None) -> int:
        return int(np.count_nonzero(within(spell) if among is None else within(spell) & among))

    def table(spell: Period, ends: Floats) -> LifeTable:
        here, until = within(spell), now.end.timestamp()
        minutes = ((np.minimum(ends, until) - times)[here] // 60).astype(int)
        seen = Counter(zip(minutes.tolist(), (ends[here] < until).tolist(), strict=True))
        return LifeTable.of(
            [(m, seen[m, True], seen[m, True] + seen[m, False]) for m in sorted({m for m, _ in seen})]
        )

    def share(spell: Period, hit: npt.NDArray[np.bool_]) -> Share:
        return Share(opened(spell, hit), opened(spell))

    def waiting(ends: Floats) -> Change:
        return waiting_change(table(now, ends), [table(part, ends) for part in past])

    def stock(at: datetime) -> int:
        return int(np.count_nonzero((times < at.timestamp()) & (ended >= at.timestamp())))

    counts = {spell: opened(spell) for spell in {now, *past, *slots}}
    came = Opened.of(now, past, counts, times.astype(np.int64))
    rows = [
        (opened(now, service == each), [opened(part, service == each) for part in past]) for each in range(5)
    ]
    listed = count_changes(rows, exposure=came.exposure, exposures=came.exposures)
    return {
        "opened": came.change(slots),
        "open at the end": count_change(
            stock(now.end), [stock(then) for then in periods.same_times(now, past)]
        ),
        "time to acknowledge": waiting(times + rng.exponential(3600, len(times))),
        "time to resolve": waiting(ended),
        "acknowledge target": share_change(share(now, met), [share(part, met) for part in past], better=1),
        "reopened": share_change(share(now, reopened), [share(part, reopened) for part in past]),
        "moved": share_change(share(now, moved), [share(part, moved) for part in past]),
        **{f"service {i}": change for i, change in enumerate(listed)},
    }


def moments(period: Period, runs: int, rng: np.random.Generator, *, unfinished: bool) -> Sequence[datetime]:
    """When the reports are made: after its end, or at any time in it."""
    if not unfinished:
        return [period.end] * runs
    length = (period.end - period.start).total_seconds()
    return [
        period.start + timedelta(seconds=float(at)) for at in rng.uniform(DAY / 2, length - DAY / 2, runs)
    ]


@dataclass(frozen=True)
class Tally:
    runs: int
    #: Reports that name any change.
    named: int
    #: Reports that call the number of openings changed.
    opened: int


def tally(desk: Desk, period: Period, *, runs: int, unfinished: bool = False, seed: int = 1) -> Tally:
    rng = np.random.default_rng(seed)
    found = [findings(desk, period, at, rng) for at in moments(period, runs, rng, unfinished=unfinished)]
    real = [{name for name, change in report.items() if change.is_real} for report in found]
    return Tally(runs, sum(map(bool, real)), sum("opened" in names for names in real))


def week_found(desk: Desk, times: float, *, runs: int, seed: int = 1) -> int:
    """Of so many weeks of that many times the usual, those called more."""
    rng = np.random.default_rng(seed)
    past = periods.past_of(WEEK, datetime(2020, 1, 1, tzinfo=UTC))
    burst = Desk(desk.rate, desk.unsteady, desk.weekdays, growth=lambda days: np.where(days > -7, times, 1.0))
    found = 0
    for _run in range(runs):
        openings = burst.openings(past[0].first, WEEK.after, rng).astype(np.int64)
        change = _change(openings, WEEK)
        found += change.is_real and (change.amount or 0) > 0
    return found


def growth_told(desk: Desk, a_week: float, weeks: int, *, runs: int, seed: int = 1) -> int:
    """Of so many desks that begin to grow, those that a weekly report tells by that week."""
    rng = np.random.default_rng(seed)
    grown = Desk(
        desk.rate,
        desk.unsteady,
        desk.weekdays,
        growth=lambda days: (1 + a_week) ** np.maximum(np.floor(days / 7) + weeks + 1, 0),
    )
    told = 0
    for _run in range(runs):
        openings = grown.openings(WEEK.first - timedelta(weeks=weeks + 12), WEEK.after, rng).astype(np.int64)
        told += any(_change(openings, week).is_real for week in periods.run_up(WEEK, weeks))
    return told


def _change(openings: npt.NDArray[np.int64], week: Period) -> Change:
    past = periods.past_of(week, datetime(2020, 1, 1, tzinfo=UTC))
    slots = slots_of(week)
    edges = {
        slot: np.searchsorted(openings, [slot.start.timestamp(), slot.end.timestamp()]) for slot in slots
    }
    counts = {slot: int(high - low) for slot, (low, high) in edges.items()}
    return Opened.of(week, past, counts, openings).change(slots)
