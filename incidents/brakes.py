"""How often something may be done: counted in rows, in one statement, so that of many at once no more get in.

A cache does not do: it forgets the oldest when it is full, and not every one can count in one step.
"""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F

from incidents.models.brakes import BrakeKind, Tally

#: Both databases know this statement, and run it whole before the next one of the same row.
COUNT = """
INSERT INTO incidents_tally AS held (kind, subject, count, allowed, ends_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (kind, subject) DO UPDATE SET
    count = CASE
        WHEN held.ends_at <= %s OR held.ends_at > %s THEN excluded.count ELSE held.count + excluded.count END,
    ends_at = CASE
        WHEN held.ends_at <= %s OR held.ends_at > %s OR held.count < %s THEN excluded.ends_at
        ELSE held.ends_at END,
    allowed = excluded.allowed
RETURNING id, kind, subject, count, allowed, ends_at
"""
#: Statements of the sweep stay short: on SQLite nobody else writes meanwhile.
BATCH = 2_000
LONGEST_SUBJECT = 200


def count(
    kind: BrakeKind,
    subject: str,
    *,
    allowed: int,
    lasts: timedelta,
    at: datetime,
    amount: int = 1,
    slides: bool = False,
) -> Tally:
    """Count `amount` more; the row as it is then. More than `allowed` in it: this was too much.

    With `slides` each count that is allowed starts the time anew, so that a lock lasts from the last one.
    A count that ends later than it could is of a clock that was wrong, and begins again too.
    """
    ends, now, never = _stored(at + lasts), _stored(at), _stored(at + 2 * lasts)
    over = [now, never]
    values = [kind.value, subject[:LONGEST_SUBJECT], amount, allowed, ends, *over, *over, allowed * slides]
    return list(Tally.objects.raw(COUNT, values))[0]  # noqa: RUF015 -- read to its end, or SQLite keeps it open


def give_back(kind: BrakeKind, subject: str) -> None:
    """It was no wrong try."""
    rows = Tally.objects.filter(kind=kind, subject=subject[:LONGEST_SUBJECT], count__gt=0)
    rows.update(count=F("count") - 1)


def forget_ended(at: datetime) -> int:
    """Remove counts that are over. A live one is never removed to make room."""
    removed = 0
    while ended := list(Tally.objects.filter(ends_at__lte=at).values_list("pk", flat=True)[:BATCH]):
        removed += Tally.objects.filter(pk__in=ended, ends_at__lte=at).delete()[0]
    return removed


def _stored(moment: datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)
