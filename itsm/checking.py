"""The desk checks its own ledger, and says at once when something does not add up."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from incidents.models import Incident, LedgerCheck, TimelineEntry
from itsm import ledger

log = structlog.get_logger(__name__)

#: So many breaches are kept in words; all of them are counted.
MOST = 20
#: Checked every hour; after three the worker that does it is missed.
LATE = timedelta(hours=3)
ONLY = 1

Clock = Callable[[], datetime]


def check(clock: Clock) -> LedgerCheck:
    """Reads everything but the bytes of files, which `manage.py check_ledger` reads too."""
    began, count, lines = clock(), 0, []
    for breach in ledger.breaches(began):
        count += 1
        if count <= MOST:
            lines.append(breach)
            log.error("ledger_breach", breach=breach)
    return keep(began=began, ended=clock(), count=count, lines=lines)


def keep(*, began: datetime, ended: datetime, count: int, lines: list[str]) -> LedgerCheck:
    """Write down what a check found, for the health page and the desk's home."""
    found = {
        "began_at": began,
        "ended_at": ended,
        "incidents": Incident.objects.count(),
        "entries": TimelineEntry.objects.count(),
        "breaches": count,
        "lines": lines[:MOST],
    }
    row, _is_new = LedgerCheck.objects.update_or_create(pk=ONLY, defaults=found)
    return row


def faults(at: datetime) -> list[str]:
    """For the health page, without what the breaches say of incidents. A desk never checked is only young."""
    last = LedgerCheck.objects.filter(pk=ONLY).first()
    if last is None:
        return []
    said = []
    if last.breaches:
        said.append(f"the ledger has {last.breaches} breaches: see the desk's home or manage.py check_ledger")
    if last.ended_at <= at - LATE:
        said.append(f"the ledger was last checked at {last.ended_at:%Y-%m-%d %H:%M} UTC")
    return said
