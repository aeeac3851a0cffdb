"""PostgreSQL: a generated tsvector under a GIN index; the column is made by the migration `0004_search`.

No single plan serves rare and common words. A rare word's hits are collected first and put in order;
a common word's rows are met soon enough by walking the order itself. The planner says which it is.
"""

import json
from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F, Func, Q
from django.db.models.sql.compiler import SQLCompiler

COMMON = 20_000
QUERY = "to_tsquery('simple', %s)"
HITS = f"SELECT hit.id FROM incidents_incident hit WHERE hit.search @@ {QUERY}"


class OnIncident(Func):
    """A condition on whatever alias the incident goes by in the query around it."""

    output_field = BooleanField()

    def __init__(self, condition: str, *params: str | int) -> None:
        self.condition, self.params = condition, params
        super().__init__(F("pk"))

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,  # noqa: ARG002 -- Django's signature
        *_: object,
        **__: object,
    ) -> tuple[str, tuple[str | int, ...]]:
        column, _params = compiler.compile(self.source_expressions[0])
        return self.condition.replace("{alias}", column.rpartition(".")[0]), self.params


def matching(terms: Sequence[tuple[str, bool]], pk: int | None, connection: BaseDatabaseWrapper) -> Q:
    """Rows with all the words, and the one of that primary key."""
    query = " & ".join(f"'{word}':*" if begins else f"'{word}'" for word, begins in terms)
    if estimate(terms, connection) > COMMON:
        common = Q(OnIncident(f"{{alias}}.search @@ {QUERY}", query))
        return common if pk is None else common | Q(pk=pk)
    collected = f"{{alias}}.id = ANY(ARRAY({HITS} UNION ALL SELECT %s::bigint))"
    return Q(OnIncident(collected, query, -1 if pk is None else pk))


def estimate(terms: Sequence[tuple[str, bool]], connection: BaseDatabaseWrapper) -> int:
    """How many rows the planner expects. Beginnings it guesses at, but of the word itself it knows."""
    query = " & ".join(f"('{word}' | '{word}':*)" if begins else f"'{word}'" for word, begins in terms)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {HITS}", [query])
        plan = cursor.fetchone()[0]
    found = json.loads(plan) if isinstance(plan, str) else plan
    return int(found[0]["Plan"]["Plan Rows"])
