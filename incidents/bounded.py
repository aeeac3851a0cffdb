"""Counts that stop: beyond a limit "1,000+" is as good to a reader, and costs the same on any desk."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import IntegerField, QuerySet, Subquery

#: What a list counts to, and how far its pages go.
MOST = 10_000
#: What a tab or a search counts to.
FEW = 1_000


class Bounded(Subquery):
    """How many rows a query set finds for the row around it; it is cut by whoever gives it."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()


def counts(rows: Mapping[str, QuerySet[Any]], *, most: int) -> dict[str, int]:
    """How many each of these query sets finds, to `most` + 1 and no further; one query for all."""
    parts: list[str] = []
    params: list[Any] = []
    for found in rows.values():
        try:
            sql, values = found.order_by().values("pk")[: most + 1].query.sql_with_params()
        except EmptyResultSet:  # of a query set that is known to be empty there is no statement
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) bounded)")  # noqa: S608 -- of our own query sets
        params += values
    database = next(iter(rows.values())).db
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return dict(zip(rows, cursor.fetchone(), strict=True))
