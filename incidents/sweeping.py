"""Loops over what is due: one bad row neither stops a loop nor starves it.

It is set aside with its error: named in the log, by the health page and on the desk's home, and left
out until its next try.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.db import transaction
from django.db.models import F, Model, QuerySet

from incidents.models import SetAside

log = structlog.get_logger(__name__)

Row = TypeVar("Row", bound=Model)
Stop = Callable[[], bool]

BATCH = 200
#: After the first failure, the second, ... A passing trouble costs a minute, a lasting one little work.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 360))


@dataclass
class Tally:
    done: int = 0
    set_aside: int = 0


def never() -> bool:
    return False


def spent_after(seconds: float) -> Stop:
    """Says when a task should leave the rest to the next one."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def for_each(
    job: str,
    due: QuerySet[Row],
    act: Callable[[Row], object],
    *,
    at: datetime,
    stop: Stop = never,
    label: Callable[[Row], str] = str,
) -> Tally:
    """Do `act` to every row of `due`, batch by batch by primary key, until none is left or `stop` says so.

    `act` has a transaction of its own. A row for which it raises is set aside.
    """
    tally, after = Tally(), 0
    rows = due.exclude(pk__in=SetAside.objects.waiting(job, at).values("row_id")).order_by("pk")
    while batch := list(rows.filter(pk__gt=after)[:BATCH]):
        after = batch[-1].pk
        for row in batch:
            if stop():
                return tally
            try:
                act(row)
            except Exception as error:  # noqa: BLE001 -- whatever it is, the other rows are not to blame
                set_aside(job, row.pk, _name(row, label), error, at=at)
                tally.set_aside += 1
            else:
                tally.done += 1
    # Tried again and done, or not due any more: a row that failed again has a later time by now.
    SetAside.objects.filter(job=job, retry_at__lte=at).delete()
    return tally


def _name(row: Row, label: Callable[[Row], str]) -> str:
    """A row that cannot be handled may not be able to say its name either."""
    try:
        return label(row)
    except Exception:  # noqa: BLE001 -- the error that matters is the first one
        return f"{row._meta.verbose_name} {row.pk}"


def set_aside(job: str, row_id: int, label: str, error: Exception, *, at: datetime) -> None:
    """Keep a row out of the way of its loop, longer each time it fails."""
    log.error("row_set_aside", job=job, row=row_id, label=label, exc_info=error)
    words = f"{type(error).__name__}: {error}".replace("\0", "")[:500]
    with transaction.atomic():
        known = SetAside.objects.filter(job=job, row_id=row_id).first()
        failures = known.failures if known else 0
        wait = WAITS[min(failures, len(WAITS) - 1)]
        facts = {"label": label[:200], "error": words, "retry_at": at + wait}
        SetAside.objects.update_or_create(
            job=job,
            row_id=row_id,
            defaults={**facts, "failures": F("failures") + 1},
            create_defaults={**facts, "since": at},
        )
