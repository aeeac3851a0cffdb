"""PostgreSQL: a generated tsvector under a GIN index.

No single plan serves rare and common words. A rare word's hits are collected first and put in order;
a common word's rows are met soon enough by walking the order itself. The planner says which it is.
"""

import json
from collections.abc import Sequence
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL
from django.db.models.sql.compiler import SQLCompiler

COMMON = 20_000
QUERY = "to_tsquery('simple', %s)"
HITS = f"SELECT hit.id FROM incidents_incident hit WHERE hit.search @@ {QUERY}"  # noqa: S608 -- constants only


class Matches(Func):
    """`search @@ query` on whatever alias the incident goes by in the query around it."""

    output_field = BooleanField()

    def __init__(self, query: str) -> None:
        self.query = query
        super().__init__(F("pk"))

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 -- Django's signature
        *_: Any,
        **__: Any,
    ) -> tuple[str, tuple[str | int, ...]]:
        column, _params = compiler.compile(self.source_expressions[0])
        return f"{column.rpartition('.')[0]}.search @@ {QUERY}", (self.query,)


def matching(terms: Sequence[tuple[str, bool]], connection: BaseDatabaseWrapper) -> Q:
    query = " & ".join(f"'{word}':*" if begins else f"'{word}'" for word, begins in terms)
    if estimate(query, connection) > COMMON:
        return Q(Matches(query))
    return Q(pk__in=RawSQL(f"SELECT unnest(ARRAY({HITS}))", [query]))  # noqa: S611 -- constants, the query bound


def estimate(query: str, connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {HITS}", [query])
        plan = cursor.fetchone()[0]
    found = json.loads(plan) if isinstance(plan, str) else plan
    return int(found[0]["Plan"]["Plan Rows"])


NORMAL = "regexp_replace({}, '[[:punct:][:space:]]+', ' ', 'g')"
COLUMNS = (("title", "A"), ("source_number", "A"), ("resolution", "B"), ("description", "C"))
VECTOR = " || ".join(
    f"setweight(to_tsvector('simple', {NORMAL.format(name)}), '{weight}')" for name, weight in COLUMNS
)
INSTALL = (
    f"ALTER TABLE incidents_incident ADD COLUMN search tsvector GENERATED ALWAYS AS ({VECTOR}) STORED",
    "CREATE INDEX incident_search ON incidents_incident USING gin (search)",
)
REMOVE = ("ALTER TABLE incidents_incident DROP COLUMN search",)
