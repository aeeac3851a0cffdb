"""Somebody who may write the database, and knows how its locks are opened."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from incidents import append_only


def tamper(act: Callable[..., Any], *args: Any) -> None:
    with append_only.released("an insider"):
        act(*args)


def write(sql: str, *params: Any) -> int:
    """Rows touched. Past every rule of ours."""
    with append_only.released("an insider"), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def let_tests_empty_tables() -> None:
    """After a test that committed. What is append-only refuses that, as it should."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: Any) -> None:
        with append_only.released("a test is over"):
            empty(self, sql_list)

    BaseDatabaseOperations.execute_sql_flush = execute_sql_flush  # type: ignore[method-assign]
