"""Business time in plain Python: which moments count, how many lie between two, where so many end.

A moment is open when the wall clock of the calendar's zone lies in one of the day's spans and the
day is no holiday. On the days clocks change, an hour that happens twice counts twice and an hour
that is skipped does not count.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTES_A_DAY = 1440
#: Hours under which so many days in a row stay shut, say for holidays alone, open no more.
DAYS_SHUT_AT_MOST = 3660
#: Two hundred years: what would end later is not waited for, and need not be counted day by day.
LONGEST_WAIT = timedelta(days=73_050)

#: Spans of one day in minutes from local midnight: ((540, 1020),) is 09:00 to 17:00.
Day = tuple[tuple[int, int], ...]
Moments = tuple[tuple[datetime, datetime], ...]


@dataclass(frozen=True)
class Hours:
    """The week in force from `valid_from` on: seven days, Monday first."""

    valid_from: date
    week: tuple[Day, Day, Day, Day, Day, Day, Day]
    holidays: Container[date] = frozenset()

    def on(self, day: date) -> Day:
        return () if day in self.holidays else self.week[day.weekday()]


@dataclass
class BusinessCalendar:
    """Hours by day in one zone. `hours` in any order; before the first set the first one counts."""

    zone: ZoneInfo
    hours: Sequence[Hours]
    closed_days: Container[date] = frozenset()
    _days: dict[date, Moments] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.hours = sorted(self.hours, key=lambda hours: hours.valid_from)
        whole: Day = ((0, MINUTES_A_DAY),)
        self.always_open = (
            len(self.hours) == 1
            and all(day == whole for day in self.hours[0].week)
            and self.hours[0].holidays == frozenset()
            and self.closed_days == frozenset()
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from `start` to `end`; zero when `end` is not later."""
        if end <= start:
            return timedelta(0)
        if self.always_open:
            return end - start
        total = timedelta(0)
        day, last = self._local_day(start), self._local_day(end)
        while day <= last:
            for opens, closes in self.moments(day):
                total += max(timedelta(0), min(closes, end) - max(opens, start))
            day += timedelta(days=1)
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime | None:
        """The first moment with `amount` of open time since `start`; None if the calendar never opens."""
        if self.always_open:
            return start + amount
        left = amount
        for opens, closes in self._moments_from(start):
            room = closes - opens
            if room >= left:
                return opens + left
            left -= room
        return None

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self.moments(self._local_day(at)))

    def next_opening(self, at: datetime) -> datetime | None:
        """`at` itself when open, else the next moment that is; None if there is none."""
        return next((opens for opens, _ in self._moments_from(at)), None)

    def moments(self, day: date) -> Moments:
        """The open spans of a local day as moments in UTC."""
        if day not in self._days:
            self._days[day] = tuple(self._spans_of(day))
        return self._days[day]

    def _moments_from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        first = self._local_day(start)
        day: date | None = first
        shut = 0
        while day is not None and day - first <= LONGEST_WAIT:
            spans = self.moments(day)
            yield from ((max(opens, start), closes) for opens, closes in spans if closes > start)
            shut = 0 if spans else shut + 1
            if self._opens_no_more(day, shut):
                day, shut = self._next_change(day), 0
            else:
                day += timedelta(days=1)

    def _opens_no_more(self, day: date, shut: int) -> bool:
        """Under the hours of this day; later ones may open again."""
        hours = self._hours_on(day)
        return hours is None or not any(hours.week) or shut > DAYS_SHUT_AT_MOST

    def _next_change(self, day: date) -> date | None:
        """The first day on which other hours come into force."""
        return next((hours.valid_from for hours in self.hours[1:] if hours.valid_from > day), None)

    def _local_day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def _hours_on(self, day: date) -> Hours | None:
        chosen = self.hours[0] if self.hours else None
        for hours in self.hours:
            if hours.valid_from <= day:
                chosen = hours
        return chosen

    def _spans_of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        hours = self._hours_on(day)
        if hours is None or day in self.closed_days:
            return
        for begin, end, offset in self._segments(day):
            midnight = datetime.combine(day, time.min, UTC) - offset
            for opens, closes in hours.on(day):
                span = (
                    max(begin, midnight + timedelta(minutes=opens)),
                    min(end, midnight + timedelta(minutes=closes)),
                )
                if span[0] < span[1]:
                    yield span

    def _segments(self, day: date) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """The day in UTC, cut where the zone's offset changes (once at most), each part with its offset."""
        begin = datetime.combine(day, time.min, self.zone).astimezone(UTC)
        end = datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)
        if begin >= end:  # a day the zone skipped: Apia, 30 December 2011
            return
        first, last = self._offset(begin), self._offset(end - timedelta(seconds=1))
        if first == last:
            yield begin, end, first
            return
        change = self._change_between(begin, end, first)
        yield begin, change, first
        yield change, end, last

    def _change_between(self, low: datetime, high: datetime, first: timedelta) -> datetime:
        while high - low > timedelta(seconds=1):
            middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
            low, high = (middle, high) if self._offset(middle) == first else (low, middle)
        return high

    def _offset(self, at: datetime) -> timedelta:
        return at.astimezone(self.zone).utcoffset() or timedelta(0)
