"""What each write reads and few people change, kept by the process: rules, calendars, rights.

A trigger on each of `TABLES` puts a new mark into one row, in the transaction of the change, by whatever
way it came. Who asks reads the mark first: one query in place of many, and never an old answer. A mark is
random, so that of a change which was rolled back does not come again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.apps import apps
from django.db import connection, connections
from django.db.models.signals import m2m_changed, post_delete, post_save

MARKS = "incidents_mark"
TABLES = (
    *("incidents_priorityrule", "incidents_target", "incidents_calendar", "incidents_calendarhours"),
    *("incidents_closedday", "incidents_category", "incidents_desk", "incidents_team"),
    *("auth_permission", "auth_group_permissions", "auth_user_user_permissions", "auth_user_groups"),
)
NEW_MARK = {"postgresql": "gen_random_uuid()::text", "sqlite": "lower(hex(randomblob(16)))"}
READ = f"SELECT mark FROM {MARKS}"  # noqa: S608 -- a constant

Value = TypeVar("Value")


@dataclass(slots=True)
class Scope:
    """One request or one piece of work: what it read of the rules at its beginning holds to its end."""

    mark: str = ""


_scope: ContextVar[Scope | None] = ContextVar("_scope", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Inside, the mark is read when it is first asked for, and again after a change of our own."""
    if _scope.get() is not None:
        yield
        return
    token = _scope.set(Scope())
    try:
        yield
    finally:
        _scope.reset(token)


class Kept(Generic[Value]):
    """The answer of `load`, for as long as nothing that it may come from has changed.

    It is shared by all threads: nobody changes it.
    """

    def __init__(self, load: Callable[[], Value]) -> None:
        self._load = load
        self._held: tuple[str, Value] | None = None

    def __call__(self) -> Value:
        mark = _mark()
        held = self._held
        if held is not None and held[0] == mark:
            return held[1]
        value = self._load()
        if mark:
            self._held = (mark, value)
        return value


def _mark() -> str:
    """Empty where there is none, and then nothing is kept."""
    scope = _scope.get()
    if scope is not None and scope.mark:
        return scope.mark
    with connection.cursor() as cursor:
        cursor.execute(READ)
        row = cursor.fetchone()
    mark = str(row[0]) if row else ""
    if scope is not None:
        scope.mark = mark
    return mark


def forget(**_: object) -> None:
    scope = _scope.get()
    if scope is not None:
        scope.mark = ""


def listen() -> None:
    """To the models of `TABLES` alone: whoever listens to deletions of all makes each of them row by row."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.db_table in TABLES:
            for signal in (post_save, post_delete, m2m_changed):
                signal.connect(forget, sender=model, dispatch_uid=f"incidents.kept.{model._meta.label}")


def keep_installed(using: str, **_: object) -> None:
    """After migrations: SQLite loses the triggers of a table that it rebuilds."""
    vendor = connections[using].vendor
    renew = (
        f"INSERT INTO {MARKS} (id, mark) VALUES (1, {NEW_MARK[vendor]}) "  # noqa: S608 -- constants
        "ON CONFLICT (id) DO UPDATE SET mark = excluded.mark"
    )
    with connections[using].cursor() as cursor:
        existing = set(connections[using].introspection.table_names(cursor))
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {MARKS} (id smallint PRIMARY KEY, mark text NOT NULL)")
        if vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION incidents_new_mark() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {renew}; RETURN NULL; END $$"
            )
        for table in sorted(existing.intersection(TABLES)):
            for statement in _on_postgresql(table) if vendor == "postgresql" else _on_sqlite(table, renew):
                cursor.execute(statement)
        cursor.execute(renew)


def _on_postgresql(table: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS new_mark ON {table}"
    yield (
        f"CREATE TRIGGER new_mark AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION incidents_new_mark()"
    )


def _on_sqlite(table: str, renew: str) -> Iterator[str]:
    for event in ("insert", "update", "delete"):
        yield (
            f"CREATE TRIGGER IF NOT EXISTS new_mark_{table}_{event} AFTER {event.upper()} ON {table} "
            f"BEGIN {renew}; END"
        )
