"""Columns that hold one of a list, and how a query says which."""

import re
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Lookup

if TYPE_CHECKING:
    from django.db.models.sql.compiler import SQLCompiler

    Column = models.CharField[str, str]
    Spelt = Lookup[Any]
else:
    Column = models.CharField
    Spelt = Lookup


class Choice(Column):
    """One of its choices. For migrations a plain text column, so that a new choice needs none."""

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        options.pop("choices", None)
        return name, "django.db.models.CharField", arguments, options


def _quoted(value: Any) -> str:
    word = str(value)
    if not re.fullmatch(r"[a-z_]+", word):
        raise ValueError(f"{word!r} is not the value of a choice.")
    return f"'{word}'"


@models.CharField.register_lookup
class Literal(Spelt):
    """`state__literal="new"`: as `exact`, with the word in the statement itself.

    SQLite uses an index over a part of a table only where the statement says its condition word for
    word; of a parameter it does not know, so it reads the table.
    """

    lookup_name = "literal"
    prepare_rhs = False

    def as_sql(self, compiler: "SQLCompiler", connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = {_quoted(self.rhs)}", params


@models.CharField.register_lookup
class LiteralIn(Spelt):
    """`state__literal_in=OPEN_STATES`: as `in`, word for word and in this order."""

    lookup_name = "literal_in"
    prepare_rhs = False

    def as_sql(self, compiler: "SQLCompiler", connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN ({', '.join(map(_quoted, self.rhs))})", params
