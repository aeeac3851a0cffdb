"""What time it is: the database's, which all processes of all machines share.

A process measures once a minute how the database's clock stands and counts on from there by the clock
that only runs forward, so the time costs no query, and a machine whose own clock is wrong, or is set
back while it runs, writes the same times as the others. SQLite has no clock but that of its machine.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

log = structlog.get_logger(__name__)

#: Seconds after which the database is asked anew.
MEASURED_EACH = 60
#: Seconds by which wall and steady clock may part before that: the wall clock was set, or the machine slept.
STEP = 1.0
#: A machine further off does no regular work.
TOLERATED = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Measured:
    """The database's time at one moment of the steady clock, and the wall clock's at the same moment."""

    database: datetime
    steady: float
    wall: datetime

    def holds(self) -> bool:
        passed = time.monotonic() - self.steady
        walked = (timezone.now() - self.wall).total_seconds()
        return passed < MEASURED_EACH and abs(walked - passed) < STEP


class Watch:
    """What this process measured last; shared by its threads."""

    measured: Measured | None = None

    def read(self) -> Measured | None:
        """None: there is no clock but this machine's, or the database has not answered yet."""
        if connection.vendor != "postgresql" or not settings.TIME_FROM_DATABASE:
            return None
        if self.measured is None or not self.measured.holds():
            self.measured = measure() or self.measured
        return self.measured


def measure() -> Measured | None:
    """None: the database does not answer. Whoever wanted the time will meet that by itself."""
    before = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            told: datetime = cursor.fetchone()[0]
    except DatabaseError:
        log.warning("time_not_asked")
        return None
    after = time.monotonic()
    return Measured(told, (before + after) / 2, timezone.now())


_watch = Watch()


def now() -> datetime:
    """The database's time."""
    found = _watch.read()
    if found is None:
        return timezone.now()
    return found.database + timedelta(seconds=time.monotonic() - found.steady)


def off_by() -> timedelta:
    """How far the clock of this machine is ahead of the database's; negative when it is behind."""
    return timedelta(0) if _watch.read() is None else timezone.now() - now()


def is_wrong() -> bool:
    return abs(off_by()) > TOLERATED
