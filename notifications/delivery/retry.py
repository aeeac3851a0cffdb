"""When a delivery tries again, and when it gives up. No clock, no database."""

import random
from datetime import datetime, timedelta

from notifications.channels.registry import CHANNELS
from notifications.enums import Outcome

JITTER = 0.2

#: A fault of ours (a template that raises) is tried this often, in case a restart mends it.
ERROR_LIMIT = 3
#: After a try that may have arrived. Spread over hours, so that no bad quarter of an hour uses them up;
#: each of them may be one more copy, so there are few.
DOUBT = (timedelta(minutes=2), timedelta(hours=1), timedelta(hours=6))
#: A row that took this many workers down with it is left alone.
POISON_LIMIT = 3
#: No connection: nobody's turn is used up, the whole channel waits and one delivery tries again.
UNREACHABLE_PAUSE = timedelta(seconds=30)
#: Wrong password, name or certificate: the same, and an administrator is told.
CONFIG_PAUSE = timedelta(minutes=5)
#: Whose tries failed for our settings for so long is given up: it is on the list of those to look at.
CONFIG_LASTS = timedelta(days=1)
#: How long a channel waits after the first failure, the second, ...
PAUSES = {
    Outcome.UNREACHABLE: (timedelta(seconds=10), timedelta(seconds=20), UNREACHABLE_PAUSE),
    Outcome.CONFIG: (CONFIG_PAUSE,),
    Outcome.AMBIGUOUS: tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 240)),
}
#: These cost a delivery none of its tries.
OF_CHANNEL = (Outcome.UNREACHABLE, Outcome.CONFIG)

#: A webhook that failed so often in a row rests, and is tried slowly then.
REST_AFTER = 3
RESTS = tuple(timedelta(seconds=seconds) for seconds in (30, 60, 120, 300, 600, 900))


def pause_after(outcome: Outcome, failures: int) -> timedelta:
    waits = PAUSES[outcome]
    return waits[min(failures, len(waits)) - 1]


def rest_after(failures: int) -> timedelta | None:
    """None: too few in a row to mean anything."""
    return RESTS[min(failures - REST_AFTER, len(RESTS) - 1)] if failures >= REST_AFTER else None


def doubt_over(times: int, at: datetime) -> datetime | None:
    """When a mail that may have arrived that often goes out again. None: it stays in doubt."""
    return at + _spread(DOUBT[times - 1]) if times <= len(DOUBT) else None


def next_try(channel: str, failures: int, at: datetime, asked: timedelta | None = None) -> datetime | None:
    """After that many failures, this one included. None: enough. `asked`: the other side named a time."""
    schedule = CHANNELS[channel].schedule
    if failures > len(schedule):
        return None
    wait = _spread(schedule[failures - 1])
    return at + max(wait, min(asked or wait, timedelta(days=1)))


def _spread(wait: timedelta) -> timedelta:
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- spreads load, guards nothing
