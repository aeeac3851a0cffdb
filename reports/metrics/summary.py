"""n, mean and percentiles of a duration in one query, the same numbers on both databases.

PostgreSQL has `percentile_cont`. SQLite ranks the rows in a window and hands over the two neighbours
of each percentile; between them both go in a straight line.
"""

from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor
from typing import Any

from django.db import connections
from django.db.models import Expression, F, IntegerField, QuerySet, Value

from incidents.models import Incident

PERCENTS = (0.5, 0.9, 0.95)

POSTGRESQL = """
WITH taken AS ({taken})
SELECT part, COUNT(*), COUNT(taken), SUM(taken),
       percentile_cont(ARRAY{percents}::float8[]) WITHIN GROUP (ORDER BY taken::float8)
FROM taken GROUP BY part"""

SQLITE = """
WITH taken AS ({taken}),
totals AS (SELECT part, COUNT(*) AS rows, COUNT(taken) AS n, SUM(taken) AS total FROM taken GROUP BY part),
ranked AS (
    SELECT part, taken, ROW_NUMBER() OVER (PARTITION BY part ORDER BY taken) - 1 AS place
    FROM taken WHERE taken IS NOT NULL
)
SELECT totals.part, rows, n, total, place, taken
FROM totals LEFT JOIN ranked ON ranked.part IS totals.part AND place IN ({neighbours})
ORDER BY totals.part, place"""


@dataclass(frozen=True, slots=True)
class Summary:
    """Minutes. `missing` rows of the population have no such duration and are in none of the numbers."""

    n: int
    missing: int
    mean: float | None = None
    p50: float | None = None
    p90: float | None = None
    p95: float | None = None


NOTHING = Summary(0, 0)


def summarise(
    population: QuerySet[Incident], seconds: Expression, *, by: str | None = None
) -> dict[object, Summary]:
    """The summary of each group of `by` (a field path), or of all under the key None."""
    part = Value(0, IntegerField()) if by is None else F(by)
    taken, params = (
        population.order_by()
        .annotate(part=part, taken=seconds)
        .values_list("part", "taken")
        .query.sql_with_params()
    )
    connection = connections[population.db]
    read = _read_postgresql if connection.vendor == "postgresql" else _read_sqlite
    template = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    sql = template.format(taken=taken, percents=list(PERCENTS), neighbours=_neighbours())
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = read(cursor.fetchall())
    return found if by is not None else {None: found.get(0, NOTHING)}


def _neighbours() -> str:
    below = [f"CAST({percent} * (n - 1) AS INTEGER)" for percent in PERCENTS]
    return ", ".join([*below, *(f"{place} + 1" for place in below)])


def _read_postgresql(rows: list[tuple[Any, ...]]) -> dict[object, Summary]:
    return {part: _summary(count, n, total, points) for part, count, n, total, points in rows}


def _read_sqlite(rows: list[tuple[Any, ...]]) -> dict[object, Summary]:
    found = {}
    for (part, count, n, total), lines in groupby(rows, key=lambda row: row[:4]):
        values = {place: float(taken) for *_, place, taken in lines if place is not None}
        points = [_between(values, percent * (n - 1)) for percent in PERCENTS] if n else None
        found[part] = _summary(count, n, total, points)
    return found


def _between(values: dict[int, float], place: float) -> float:
    low, high = values[floor(place)], values[ceil(place)]
    return low + (place - floor(place)) * (high - low)


def _summary(count: int, n: int, total: Any, points: list[float] | None) -> Summary:
    if not n or points is None:
        return Summary(0, count)
    return Summary(n, count - n, int(total) / n / 60, *(point / 60 for point in points))
