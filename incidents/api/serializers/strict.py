"""Bodies are taken at their word: a name that is not known is an error, not a shrug."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from incidents.models import Incident, Problem

MAX_ID = 2**63 - 1


class StrictSerializer(serializers.Serializer[object]):
    """Checks the shape of a body; saves nothing."""

    def to_internal_value(self, data: object) -> object:
        if isinstance(data, Mapping) and (unknown := sorted(set(map(str, data)) - set(self.fields))):
            message = str(_("There is no such field here."))
            raise serializers.ValidationError(
                {name: [serializers.ErrorDetail(message, code="unknown")] for name in unknown}
            )
        return super().to_internal_value(data)


class RowField(serializers.Field[object, object, object, object]):
    """A row by its id (a number) or its unique name (a text). Missing and forbidden look the same."""

    default_error_messages = {"does_not_exist": _("There is none of that id or name.")}

    def __init__(self, rows: Callable[[object], QuerySet[Any]], *, by: str = "name", **kwargs: Any) -> None:
        self.rows, self.by = rows, by
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Model:
        rows = self.rows(self.context.get("request"))
        found: Model | None = None
        if type(data) is int and 0 < data <= MAX_ID:
            found = rows.filter(pk=data).first()
        elif isinstance(data, str) and 0 < len(data) <= 200 and "\x00" not in data:
            found = rows.filter(**{self.by: data}).order_by("pk").first()
        if found is None:
            self.fail("does_not_exist")
        return found

    def to_representation(self, value: Any) -> Any:
        return value.pk


ROW_SCHEMA = {
    "oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1, "maxLength": 200}]
}


def row_field(rows: Callable[[Any], QuerySet[Any]], *, by: str = "name", **kwargs: Any) -> RowField:
    """A RowField with its schema."""
    schema: dict[str, object] = dict(ROW_SCHEMA)
    if kwargs.get("allow_null"):
        schema = {"oneOf": [*ROW_SCHEMA["oneOf"], {"type": "null"}]}
    made: RowField = extend_schema_field(schema)(type("RowField", (RowField,), {}))(rows, by=by, **kwargs)
    return made


@extend_schema_field({"type": "string", "example": "INC0000123", "maxLength": 30})
class IncidentNumberField(serializers.Field[Any, object, object, object]):
    """Another incident by its number; one that the caller may see."""

    default_error_messages = {"does_not_exist": _("There is no such incident.")}

    def to_internal_value(self, data: object) -> Incident:
        found = None
        if isinstance(data, str):
            found = Incident.objects.visible_to(self.context["request"].user).with_number(data[:30]).first()
        if found is None:
            self.fail("does_not_exist")
        return found

    def to_representation(self, value: Incident) -> str:
        return value.number


@extend_schema_field({"type": "string", "example": "PRB0000007", "maxLength": 30})
class ProblemNumberField(serializers.Field[Any, object, object, object]):
    default_error_messages = {"does_not_exist": _("There is no such problem.")}

    def to_internal_value(self, data: object) -> Problem:
        found = Problem.objects.with_number(data[:30]).first() if isinstance(data, str) else None
        if found is None:
            self.fail("does_not_exist")
        return found

    def to_representation(self, value: Problem) -> str:
        return value.number
