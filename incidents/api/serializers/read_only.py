"""Serializers that only show: what their fields are is worked out once a process, not once an answer."""

import copy
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from rest_framework import serializers

Row = TypeVar("Row", bound=Model)
#: A field's class and what it was made with, which a field remembers to be copied by.
Made = tuple[type[Any], tuple[Any, ...], dict[str, Any]]


class ReadSerializer(serializers.ModelSerializer[Row]):
    """A model serializer all of whose fields are read-only."""

    _made: ClassVar[dict[str, Made]]

    def get_fields(self) -> dict[str, Any]:
        made: dict[str, Made] | None = type(self).__dict__.get("_made")
        if made is None:
            fields: dict[str, Any] = super().get_fields()
            # what a field's own __deepcopy__ takes
            made = {name: (type(one), one._args, one._kwargs) for name, one in fields.items()}  # noqa: SLF001
            setattr(type(self), "_made", made)  # noqa: B010 -- of this class and none above it
        declared = copy.deepcopy(self._declared_fields)
        return {
            name: declared[name] if name in declared else kind(*args, **options)
            for name, (kind, args, options) in made.items()
        }
