"""Stretches of local time as half-open pairs of instants, and the wall-clock slots of a schedule.

Weeks are ISO weeks. A day begins at its first valid minute in the zone, so a period may be an hour
shorter or longer than its days say.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Period:
    """All instants from `start` on and before `end`, called by a name people use."""

    name: str
    first: date
    #: The day after the last one.
    after: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        return day_start(self.first, self.zone)

    @property
    def end(self) -> datetime:
        return day_start(self.after, self.zone)

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
