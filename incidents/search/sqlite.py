"""SQLite: an FTS5 table over the incidents, kept by triggers.

Django rebuilds a table when a migration alters it, and with the old table its triggers go. So they
are looked for after every migration (`keep_installed`).
"""

from collections.abc import Sequence

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.expressions import RawSQL

NAMES = ("title", "source_number", "resolution", "description")
LIST = ", ".join(NAMES)
NEW = ", ".join(f"new.{name}" for name in NAMES)
OLD = ", ".join(f"old.{name}" for name in NAMES)
FORGET = f"INSERT INTO incidents_search(incidents_search, rowid, {LIST}) VALUES ('delete', old.id, {OLD});"
LEARN = f"INSERT INTO incidents_search(rowid, {LIST}) VALUES (new.id, {NEW});"

TABLE = f"""
    CREATE VIRTUAL TABLE IF NOT EXISTS incidents_search USING fts5(
        {LIST}, content='incidents_incident', content_rowid='id', tokenize='unicode61 remove_diacritics 0'
    )"""
ON = "ON incidents_incident BEGIN"
TRIGGERS = (
    f"CREATE TRIGGER incidents_search_insert AFTER INSERT {ON} {LEARN} END",
    f"CREATE TRIGGER incidents_search_delete AFTER DELETE {ON} {FORGET} END",
    f"CREATE TRIGGER incidents_search_update AFTER UPDATE OF {LIST} {ON} {FORGET} {LEARN} END",
)
REBUILD = "INSERT INTO incidents_search(incidents_search) VALUES ('rebuild')"
INSTALL = (TABLE, *TRIGGERS, REBUILD)
REMOVE = (
    *(f"DROP TRIGGER IF EXISTS incidents_search_{event}" for event in ("insert", "delete", "update")),
    "DROP TABLE IF EXISTS incidents_search",
)


def matching(
    terms: Sequence[tuple[str, bool]],
    pk: int | None,
    connection: BaseDatabaseWrapper,  # noqa: ARG001 -- every engine's signature
) -> Q:
    """Rows with all the words, and the one of that primary key."""
    query = " AND ".join(f'"{word}"*' if begins else f'"{word}"' for word, begins in terms)
    hits = RawSQL("SELECT rowid FROM incidents_search WHERE incidents_search MATCH %s", [query])
    found = Q(pk__in=hits)
    return found if pk is None else found | Q(pk=pk)


def keep_installed(using: str, **_: object) -> None:
    """After migrations: put back triggers that a rebuilt table has lost, and index anew."""
    connection = connections[using]
    if connection.vendor != "sqlite" or "incidents_search" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'incidents_search_%%'"
        )
        if cursor.fetchone()[0] == len(TRIGGERS):
            return
        for statement in (*REMOVE, *INSTALL):
            cursor.execute(statement)
