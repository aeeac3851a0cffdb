"""Columns that hold one of a list which grows with the desk."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    Column = models.CharField[str, str]
else:
    Column = models.CharField


class Choice(Column):
    """One of its choices. For migrations a plain text column, so that a new choice needs none."""

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        options.pop("choices", None)
        return name, "django.db.models.CharField", arguments, options
