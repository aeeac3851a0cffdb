"""A database that was brought back from a backup is recognised, and sends nothing by itself.

PostgreSQL gives every table a number when it is made, so a restored one has another than it remembers.
A copy that `manage.py backup` makes of a SQLite file carries a mark.
"""

from datetime import datetime

import structlog
from django.db import connection, transaction

from incidents import tasks as incident_tasks
from itsm import timekeeping
from notifications.delivery.announce import announce_pending
from notifications.delivery.hold import doubt_what_waits, hold_channels
from notifications.models import DatabaseIdentity
from reports import tasks as report_tasks

log = structlog.get_logger(__name__)

#: The application id of a SQLite file that is a backup.
COPY = 0x6465736B
#: What the time since the backup makes due. It was due at the desk that went on without us, too.
CATCH_UP = (
    incident_tasks.scan_clocks,
    incident_tasks.watch_alerts,
    incident_tasks.close_confirmed,
    report_tasks.tick,
)


class Look:
    """Each process looks once, before its first task."""

    done = False


_look = Look()


def look_once() -> None:
    if not _look.done:
        hold_if_restored()
        _look.done = True


def hold_if_restored() -> bool:
    """Whether this is a copy that nobody has held yet; now it is. Of several who look, one does it."""
    at = timekeeping.now()
    with transaction.atomic():
        if not _comes_from_a_backup(at):
            return False
        hold_channels(at)
        doubted = doubt_what_waits(at)
    doubted += _catch_up(at)
    log.warning("database_was_restored", deliveries_in_doubt=doubted)
    return True


def hold() -> int:
    """The same by hand, for a copy that cannot be recognised. How many deliveries are in doubt."""
    at = timekeeping.now()
    with transaction.atomic():
        _comes_from_a_backup(at)  # need not be found out again
        hold_channels(at)
        doubted = doubt_what_waits(at)
    return doubted + _catch_up(at)


def _catch_up(at: datetime) -> int:
    for task in CATCH_UP:
        task.run()
    announce_pending(timekeeping.now)
    return doubt_what_waits(at)


def _comes_from_a_backup(at: datetime) -> bool:
    """True once for each restore: it is remembered, by whoever commits first."""
    if connection.vendor == "sqlite":
        return _takes_off_mark()
    found = _identity()
    known = set(DatabaseIdentity.objects.select_for_update().values_list("text", flat=True))
    if found in known:
        return False
    DatabaseIdentity.objects.filter(text__in=known).delete()
    DatabaseIdentity.objects.get_or_create(text=found, defaults={"since": at})
    return bool(known)


def _takes_off_mark() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA application_id")
        if cursor.fetchone()[0] != COPY:
            return False
        cursor.execute("PRAGMA application_id = 0")
    return True


def _identity() -> str:
    """Numbers that PostgreSQL gave to the database and to a table in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT oid FROM pg_database WHERE datname = current_database()), %s::regclass::oid",
            [DatabaseIdentity._meta.db_table],
        )
        return "{}.{}".format(*cursor.fetchone())
