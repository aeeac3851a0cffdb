"""The database itself refuses to change or delete what is only ever appended.

Each table says what is free (may change at any time), what is once (may be set, then never again) and
from when on it is fixed. Whatever column a table gets later is fixed until somebody says otherwise.
`released` opens the lock for one transaction: a row of `incidents_unlocked` that nobody else ever
sees. A row that stays there is a breach (`itsm.ledger`). A migration that has to change such rows does
the same.

A table that SQLite rebuilds loses its triggers, so they are looked for after every migration.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from incidents.models import Anchor, Attachment, Evidence, Incident, Review, TimelineEntry

UNLOCKED = "incidents_unlocked"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION incidents_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM {UNLOCKED}) THEN
        RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = '23000';
    END IF;
    IF TG_OP = 'UPDATE' THEN RETURN NEW; ELSE RETURN OLD; END IF;
END $$
"""


@dataclass(frozen=True, slots=True)
class Fixed:
    """`since` is a condition on the row as it was (`OLD`), in SQL; empty: from its first moment on."""

    model: type[Model]
    free: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    since: str = ""
    #: Only its deletion is refused.
    changes: bool = False

    @property
    def table(self) -> str:
        return self.model._meta.db_table


TABLES = (
    Fixed(Anchor),
    Fixed(TimelineEntry, free=("announced_at",), once=("anchor",)),
    Fixed(Attachment, once=("anchor",)),
    Fixed(Evidence, once=("anchor", "attachment_id")),
    Fixed(Review, once=("anchor",), since="OLD.published_at IS NOT NULL"),
    Fixed(Incident, changes=True),
)


@contextmanager
def released(reason: str) -> Iterator[None]:
    """For redaction and retention: inside, one transaction of ours may change what is fixed."""
    connection = transaction.get_connection()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {UNLOCKED} (reason) VALUES (%s)", [reason])
        yield
        cursor.execute(f"DELETE FROM {UNLOCKED}")


def left_open() -> list[str]:
    """Why the lock stands open, where somebody left it so."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(f"SELECT reason FROM {UNLOCKED} ORDER BY reason")
        return [row[0] for row in cursor.fetchall()]


def keep_installed(tables: Iterable[Fixed], using: str) -> None:
    """After migrations: make what is not there, or not as it is said here."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {UNLOCKED} (reason text NOT NULL)")
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        existing = set(connection.introspection.table_names(cursor))
        for fixed in tables:
            if fixed.table in existing:
                _install(fixed, connection, cursor)


def _install(fixed: Fixed, connection: BaseDatabaseWrapper, cursor: Any) -> None:
    columns = [column.name for column in connection.introspection.get_table_description(cursor, fixed.table)]
    is_older = not {*fixed.free, *fixed.once} <= set(columns)  # on the way back to a release without
    wanted = {} if is_older else dict(_triggers(fixed, columns, connection.vendor))
    there = set(_installed(fixed.table, connection))
    if there == set(wanted):
        return
    for name in there:
        on = f" ON {fixed.table}" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER {name}{on}")
    for statement in wanted.values():
        cursor.execute(statement)


def _installed(table: str, connection: BaseDatabaseWrapper) -> list[str]:
    names = (
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(names, [table])
        return [row[0] for row in cursor.fetchall() if row[0].startswith("append_only_")]


def _triggers(fixed: Fixed, columns: list[str], vendor: str) -> Iterator[tuple[str, str]]:
    """Name and statement; the name carries a digest of what it says."""
    events = {"delete": ""}
    if not fixed.changes:
        events["update"] = _change(fixed, columns, "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT")
    if vendor == "postgresql":
        events["truncate"] = ""
    for event, condition in events.items():
        digest = hashlib.sha256(condition.encode()).hexdigest()[:8]
        name = f"append_only_{fixed.table}_{event}_{digest}"[:63]
        write = _on_postgresql if vendor == "postgresql" else _on_sqlite
        yield name, write(name, event, fixed.table, condition)


def _change(fixed: Fixed, columns: list[str], differs: str) -> str:
    loose = {*fixed.free, *fixed.once}
    parts = [f"OLD.{name} {differs} NEW.{name}" for name in columns if name not in loose]
    parts += [f"(OLD.{name} IS NOT NULL AND OLD.{name} {differs} NEW.{name})" for name in fixed.once]
    condition = f"({' OR '.join(parts)})"
    return f"{fixed.since} AND {condition}" if fixed.since else condition


def _on_postgresql(name: str, event: str, table: str, condition: str) -> str:
    each = "STATEMENT" if event == "truncate" else "ROW"
    when = f"WHEN ({condition})" if condition else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} "
        f"FOR EACH {each} {when} EXECUTE FUNCTION incidents_append_only()"
    )


def _on_sqlite(name: str, event: str, table: str, condition: str) -> str:
    locked = f"NOT EXISTS (SELECT 1 FROM {UNLOCKED})"
    when = f"({condition}) AND {locked}" if condition else locked
    words = f"{table} is append-only: {event} refused"
    return (
        f"CREATE TRIGGER {name} BEFORE {event.upper()} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
