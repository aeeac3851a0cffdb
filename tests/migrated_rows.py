"""The rows that migrations leave behind, put back after a test that committed and so emptied the tables.

Django would serialize and save them one by one through their models, twice a test; this is a few statements.
"""

# ruff: noqa: S608 -- the names of our own tables and columns

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.creation import BaseDatabaseCreation

KEPT = {"django_migrations"}  # flushing leaves it alone

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]


def remember_migrated_rows() -> None:
    """From now on Django restores by `restore`. Call it on the freshly migrated database."""
    connection = connections[DEFAULT_DB_ALIAS]
    rows = read(connection)
    # On the class: under a browser's event loop Django opens another connection, which needs them as well.
    type(connection)._test_serialized_contents = rows  # type: ignore[attr-defined]
    connection.__dict__.pop("_test_serialized_contents", None)
    BaseDatabaseCreation.deserialize_db_from_string = (  # type: ignore[method-assign]
        lambda creation, data: restore(creation.connection, data)  # type: ignore[arg-type]
    )


def read(connection: BaseDatabaseWrapper) -> Rows:
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if rows := cursor.fetchall():
                found[table] = ([column[0] for column in cursor.description], rows)
    return found


def restore(connection: BaseDatabaseWrapper, tables: Rows) -> None:
    """Nothing is done where they are: Django asks before a test, too."""
    quote = connection.ops.quote_name
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for table, (columns, rows) in tables.items():
            cursor.execute(f"SELECT COUNT(*) FROM {quote(table)}")
            if cursor.fetchone()[0]:
                continue
            names = ", ".join(map(quote, columns))
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", rows)
