"""When people at Nordwerk notice that something does not work."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

MONTHS_BACK = 122  # days
#: The company works with this desk for so many days; before that it had another.
DAYS_HERE = 27
NIGHT = 2
#: Monday to Sunday, and the hours of a day where they are
WEEKDAYS = (1.3, 1.1, 1.05, 1.0, 0.9, 0.12, 0.08)
HOURS = (1, 0, 0, 0, 0, 1, 4, 14, 26, 30, 26, 20, 12, 20, 24, 20, 14, 7, 3, 2, 2, 1, 1, 1)
#: Three weeks in which half the company comes back from its holidays at once.
BUMP = range(40, 61)


def opening(now: datetime) -> datetime:
    """When this desk took over: at night."""
    return (now - timedelta(days=DAYS_HERE)).replace(hour=NIGHT, minute=0, second=0, microsecond=0)


def days(now: datetime, rng: Random, count: int) -> Iterator[date]:
    """The day of each of `count` incidents."""
    first = now.date() - timedelta(days=MONTHS_BACK)
    every = [first + timedelta(days=n) for n in range(MONTHS_BACK + 1)]
    weights = [
        WEEKDAYS[day.weekday()] * (1.45 if n in BUMP else 1.0) * (1.4 if day.day >= 28 else 1.0)
        for n, day in enumerate(every)
    ]
    yield from rng.choices(every, weights, k=count)


def moment(day: date, zone: str, now: datetime, rng: Random) -> datetime:
    """Some time of that day where the person is; if that is still to come, earlier."""
    hour = rng.choices(range(24), HOURS)[0]
    local = time(hour, rng.randrange(60), rng.randrange(60))
    at = datetime.combine(day, local, ZoneInfo(zone)).astimezone(UTC)
    return at if at < now else now - timedelta(minutes=rng.randrange(3, 400))
