"""Whole seconds and minutes between two instants, computed alike by both databases."""

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Func
from django.db.models.sql.compiler import SQLCompiler

EPOCH = {
    "sqlite": "CAST(strftime('%%s', substr({}, 1, 19)) AS INTEGER)",
    "postgresql": "FLOOR(date_part('epoch', {}))::bigint",
}


class SecondsBetween(Func):
    """`SecondsBetween(start, end)`: NULL if either is missing, negative if they are the wrong way round.

    Each instant is cut to its second first, which SQLite would otherwise round and PostgreSQL keep.
    """

    arity = 2
    output_field = BigIntegerField()

    # Func's further keywords fill a template; this has none.
    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_options: object
    ) -> tuple[str, tuple[object, ...]]:
        epoch = EPOCH[connection.vendor]
        (start, start_params), (end, end_params) = map(compiler.compile, self.source_expressions)
        return f"({epoch.format(end)} - {epoch.format(start)})", (*end_params, *start_params)


class UnixSeconds(Func):
    """Whole seconds since 1970, cut down."""

    arity = 1
    output_field = BigIntegerField()

    # Func's further keywords fill a template; this has none.
    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_options: object
    ) -> tuple[str, tuple[object, ...]]:
        sql, params = compiler.compile(self.source_expressions[0])
        return EPOCH[connection.vendor].format(sql), tuple(params)


class WholeMinutes(Func):
    """Seconds as minutes, cut down; less than none is none."""

    arity = 1
    output_field = BigIntegerField()

    # Func's further keywords fill a template; this has none.
    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, _connection: BaseDatabaseWrapper, **_options: object
    ) -> tuple[str, tuple[object, ...]]:
        sql, params = compiler.compile(self.source_expressions[0])
        return f"(CASE WHEN {sql} > 0 THEN {sql} / 60 ELSE 0 END)", (*params, *params)
