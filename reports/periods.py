"""Stretches of local time as half-open pairs of instants, and the wall-clock slots of a schedule.

Weeks are ISO weeks. A day begins at its first valid minute in the zone, so a period may be an hour
shorter or longer than its days say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: Periods a report is compared with.
PAST = 12
#: Days of each part of the past of a long span, and of all of it.
LONG_PART, LONG_PAST = timedelta(days=28), timedelta(days=364)
#: Three years: what one page can show.
LONGEST = timedelta(days=3 * 366)
#: Days a report may be of: with room for its past on one side and for time zones on the other.
EARLIEST, LATEST = date(1980, 1, 1), date(2199, 12, 31)


#: With fewer periods before it is not known how far numbers go up and down.
PERIODS = 4


@dataclass(frozen=True, slots=True)
class Period:
    """All instants from `start` on and before `end`, called by a name people use."""

    name: str
    first: date
    #: The day after the last one.
    after: date
    zone: ZoneInfo
    #: Where it is cut off, if it is not over.
    cut: datetime | None = None

    @property
    def start(self) -> datetime:
        return day_start(self.first, self.zone)

    @property
    def end(self) -> datetime:
        whole = day_start(self.after, self.zone)
        return whole if self.cut is None else min(whole, self.cut)

    @property
    def last(self) -> date:
        return self.after - timedelta(days=1)

    @property
    def days(self) -> float:
        """Its length in days of 24 hours: the exposure that counts are compared by."""
        return (self.end - self.start) / timedelta(days=1)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC."""
    return wall_clock(day, time(0), zone)


def wall_clock(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant when clocks on the wall show that time: in a gap the first valid one, of two the first."""
    before = datetime.combine(day, at.replace(fold=0), zone).astimezone(UTC)
    if before.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, at):
        return before
    after = datetime.combine(day, at.replace(fold=1), zone).astimezone(UTC)
    return _transition(after, before, zone)


def _transition(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """When the offset changes between two instants, to the second."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low).total_seconds() // 2)
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def week_name(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def iso_week(name: str, zone: ZoneInfo) -> Period:
    """`2026-W47`; ValueError if there is no such week."""
    year, _, week = name.partition("-W")
    if len(year) != 4 or len(week) != 2:
        raise ValueError(name)
    return _week(date.fromisocalendar(int(year), int(week), 1), zone)


def month(name: str, zone: ZoneInfo) -> Period:
    """`2026-11`; ValueError if there is no such month."""
    return _month(date.fromisoformat(f"{name}-01"), zone)


def _week(monday: date, zone: ZoneInfo) -> Period:
    return Period(week_name(monday), monday, monday + WEEK, zone)


def _month(first: date, zone: ZoneInfo) -> Period:
    return Period(f"{first:%Y-%m}", first, (first + timedelta(days=32)).replace(day=1), zone)


def week_of(day: date, zone: ZoneInfo) -> Period:
    return _week(day - timedelta(days=day.weekday()), zone)


def month_of(day: date, zone: ZoneInfo) -> Period:
    return _month(day.replace(day=1), zone)


def span(first: date, after: date, zone: ZoneInfo) -> Period:
    """Any run of days."""
    return Period(f"{first.isoformat()}..{(after - timedelta(days=1)).isoformat()}", first, after, zone)


def is_month(period: Period) -> bool:
    return period.first.day == 1 and period.after == (period.first + timedelta(days=32)).replace(day=1)


def is_week(period: Period) -> bool:
    return period.first.weekday() == 0 and period.after - period.first == WEEK


def previous(period: Period) -> Period:
    """The period before: the month before a month, else as many days."""
    if is_month(period):
        return month_of(period.last - timedelta(days=period.last.day), period.zone)
    length = period.after - period.first
    before = span(period.first - length, period.first, period.zone)
    return week_of(before.first, period.zone) if is_week(period) else before


def run_up(period: Period, count: int) -> Sequence[Period]:
    """That many periods of the same kind, in order, ending with this one."""
    found = [period]
    while len(found) < count:
        found.append(previous(found[-1]))
    return found[::-1]


def so_far(period: Period, at: datetime, *, like: Period | None = None) -> Period:
    """The period up to `at`; with `like` up to the day and hour that `like` has come to at `at`.

    So a Thursday noon is compared with Thursday noons, by the clock on the wall.
    """
    measure = like or period
    if at >= day_start(measure.after, measure.zone):
        return period
    at = max(at, measure.start)
    days = at.astimezone(measure.zone).date() - measure.first
    hour = at.astimezone(measure.zone).time()
    return replace(period, cut=wall_clock(period.first + days, hour, period.zone))


def past_of(period: Period, since: datetime) -> Sequence[Period]:
    """What the period is compared with, oldest first: parts of the time before it, begun after `since`.

    The twelve weeks before a week, the twelve months before a month, a year in parts of four weeks before
    a long span. Where records are too young for that, the weeks there are.
    """
    parts = _past(period)
    known = [part for part in parts if part.start >= since]
    if len(known) < PAST / 2 and len(parts[0].name) != len("2026-W01"):
        known = [part for part in _parts_before(period, WEEK, WEEK * PAST) if part.start >= since]
    return known


def _past(period: Period) -> Sequence[Period]:
    if is_week(period) or is_month(period):
        return run_up(period, PAST + 1)[:-1]
    length = period.after - period.first
    if length < LONG_PART:
        return _parts_before(period, WEEK, WEEK * PAST)
    return _parts_before(period, LONG_PART, max(LONG_PAST, length))


def _parts_before(period: Period, step: timedelta, reach: timedelta) -> Sequence[Period]:
    """Whole steps back from the first day, with a cut where the period before begins."""
    edges = {period.first - step * n for n in range(-(-reach // step) + 1)}
    before = previous(period).first
    if min(edges) < before:
        edges.add(before)
    return [span(first, after, period.zone) for first, after in pairwise(sorted(edges))]


def same_times(now: Period, past: Sequence[Period]) -> Sequence[datetime]:
    """The hour on the wall that `now` ends at, by whole weeks before; as far back as the past reaches.

    By four weeks each where the parts of the past are as long.
    """
    if not past:
        return []
    step = LONG_PART if past[0].after - past[0].first >= LONG_PART else WEEK
    day, hour = now.end.astimezone(now.zone).date(), now.end.astimezone(now.zone).time()
    count = (now.first - past[0].first) // step
    times = (wall_clock(day - step * n, hour, now.zone) for n in range(count, 0, -1))
    return [at for at in times if at >= past[0].start]


def pieces(spells: Sequence[Period]) -> Sequence[Period]:
    """The stretches between all first and last days: each lies wholly in a spell or outside it."""
    edges = sorted({edge for spell in spells for edge in (spell.first, spell.after)})
    return [span(first, after, spells[0].zone) for first, after in pairwise(edges)]


def is_in(piece: Period, spell: Period) -> bool:
    return spell.first <= piece.first and piece.after <= spell.after


def weeks_in(period: Period) -> Sequence[Period]:
    """The ISO weeks of the period, in order; what lies outside it is cut off."""
    return _parts(period, week_of)


def months_in(period: Period) -> Sequence[Period]:
    """The months of the period, in order; what lies outside it is cut off."""
    return _parts(period, month_of)


def _parts(period: Period, part_of: Callable[[date, ZoneInfo], Period]) -> Sequence[Period]:
    found = [part_of(period.first, period.zone)]
    while found[-1].after < period.after:
        found.append(part_of(found[-1].after, period.zone))
    return [
        replace(part, first=max(part.first, period.first), after=min(part.after, period.after))
        for part in found
    ]


def latest_weekly_slot(at: datetime, *, weekday: int, hour: int, zone: ZoneInfo) -> date:
    """The last local day with that weekday (Monday 0) whose hour has come by `at`."""
    day = at.astimezone(zone).date()
    day -= timedelta(days=(day.weekday() - weekday) % 7)
    return day if wall_clock(day, time(hour), zone) <= at else day - WEEK


def latest_monthly_slot(at: datetime, *, day: int, hour: int, zone: ZoneInfo) -> date:
    """The last local day with that number (1 to 28) whose hour has come by `at`."""
    slot = at.astimezone(zone).date().replace(day=day)
    if wall_clock(slot, time(hour), zone) <= at:
        return slot
    return (slot.replace(day=1) - timedelta(days=1)).replace(day=day)


def known_past(period: Period, since: datetime | None) -> Sequence[Period]:
    """What the period is compared with, where records begin at `since`."""
    return past_of(period, since) if since else []


def is_comparable(past: Sequence[Period]) -> bool:
    return len(past) >= PERIODS
