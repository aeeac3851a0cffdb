"""When a delivery tries again, and when it gives up. No clock, no database."""

import random
from datetime import datetime, timedelta

from notifications.enums import Channel, Outcome

MAIL = tuple(
    timedelta(seconds=seconds)
    for seconds in (30, 120, 300, 900, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 16 * 3600)
)
#: As Standard Webhooks proposes.
WEBHOOK = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
)
SCHEDULE = {Channel.EMAIL: MAIL, Channel.WEBHOOK: WEBHOOK}
JITTER = 0.2

#: A fault of ours (a template that raises) is tried this often, in case a restart mends it.
ERROR_LIMIT = 3
#: Each of these tries may have arrived: more would be a nuisance.
AMBIGUOUS_LIMIT = 3
#: A row that took this many workers down with it is left alone.
POISON_LIMIT = 3
#: No connection: nobody's turn is used up, the whole channel waits and one delivery tries again.
UNREACHABLE_PAUSE = timedelta(seconds=30)
#: Wrong password, name or certificate: the same, and an administrator is told.
CONFIG_PAUSE = timedelta(minutes=5)

PAUSES = {Outcome.UNREACHABLE: UNREACHABLE_PAUSE, Outcome.CONFIG: CONFIG_PAUSE}


def next_try(channel: str, failures: int, at: datetime, asked: timedelta | None = None) -> datetime | None:
    """After that many failures, this one included. None: enough. `asked`: the other side named a time."""
    schedule = SCHEDULE[Channel(channel)]
    if failures > len(schedule):
        return None
    wait = schedule[failures - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 -- spreads load, guards nothing
    return at + max(wait, min(asked or wait, timedelta(days=1)))
