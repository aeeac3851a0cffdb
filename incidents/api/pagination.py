"""Pages by cursor: the next page starts after the last row shown, however many rows there are.

Rows with equal values are told apart by their id, so none is left out or shown twice.
"""

import base64
import json
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.views import APIView

#: The largest key both databases hold.
MAX_ID = 2**63 - 1


class KeysetPagination(BasePagination):
    """`?cursor=`, `?limit=`, `?ordering=` out of the view's `orderings` (the first is the default)."""

    default_limit = 50
    max_limit = 200

    def paginate_queryset(self, queryset: Any, request: Request, view: "APIView | None" = None) -> list[Any]:
        self.request = request
        self.ordering = self.chosen_ordering(request, view)
        field, descending = self.ordering.lstrip("-"), self.ordering.startswith("-")
        limit = self.chosen_limit(request)
        backwards, after = self.decoded(queryset, field, request.query_params.get("cursor"))
        falling = descending != backwards
        if after is not None:
            queryset = queryset.filter(beyond(field, after, falling=falling))
        sign = "-" if falling else ""
        order = [f"{sign}pk"] if field == "id" else [f"{sign}{field}", f"{sign}pk"]
        rows = list(queryset.order_by(*order)[: limit + 1])
        has_more = len(rows) > limit
        rows = rows[:limit]
        if backwards:
            rows.reverse()
        self.next_row = rows[-1] if rows and (has_more or backwards) else None
        self.previous_row = rows[0] if rows and (has_more if backwards else after is not None) else None
        return rows

    def chosen_ordering(self, request: Request, view: "APIView | None") -> str:
        allowed: Sequence[str] = getattr(view, "orderings", ("id",))
        asked = request.query_params.get("ordering", allowed[0])
        if asked not in allowed:
            raise ValidationError(
                {"ordering": _("Choose one of: %(names)s.") % {"names": ", ".join(allowed)}}
            )
        return asked

    def chosen_limit(self, request: Request) -> int:
        asked = request.query_params.get("limit", str(self.default_limit))
        if not (asked.isascii() and asked.isdigit() and len(asked) < 7 and 1 <= int(asked) <= self.max_limit):
            raise ValidationError(
                {"limit": _("Give a number from 1 to %(most)d.") % {"most": self.max_limit}}
            )
        return int(asked)

    def decoded(
        self, queryset: QuerySet[Any], field: str, cursor: str | None
    ) -> tuple[bool, tuple[object, int] | None]:
        """Whether to page backwards, and the place to start after."""
        if not cursor:
            return False, None
        try:
            ordering, backwards, text, pk = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
            value = queryset.model._meta.get_field(field).to_python(text)
        except (ValueError, TypeError, OverflowError, RecursionError, DjangoValidationError) as error:
            raise foreign_cursor() from error
        if (
            ordering != self.ordering
            or not is_key(pk)
            or value is None
            or (type(value) is int and not is_key(value))
        ):
            raise foreign_cursor()
        return bool(backwards), (value, pk)

    def link(self, row: Model | None, *, backwards: bool) -> str | None:
        if row is None:
            return None
        field: Any = row._meta.get_field(self.ordering.lstrip("-"))
        value = field.value_to_string(row)
        place = json.dumps([self.ordering, backwards, value, row.pk], separators=(",", ":"))
        cursor = base64.urlsafe_b64encode(place.encode()).decode()
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self.link(self.next_row, backwards=False),
                "previous": self.link(self.previous_row, backwards=True),
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, object]) -> dict[str, object]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, object]]:
        allowed = list(getattr(view, "orderings", ("id",)))
        limit = {"type": "integer", "minimum": 1, "maximum": self.max_limit, "default": self.default_limit}
        return [
            _parameter("cursor", {"type": "string"}, "Where a page starts: taken from `next` or `previous`."),
            _parameter("limit", limit, "Rows a page."),
            _parameter(
                "ordering", {"type": "string", "enum": allowed, "default": allowed[0]}, "Order of the rows."
            ),
        ]


def is_key(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_ID


def foreign_cursor() -> ValidationError:
    return ValidationError({"cursor": _("This cursor belongs to another list. Start again without it.")})


def _parameter(name: str, schema: dict[str, object], description: str) -> dict[str, object]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def beyond(field: str, place: tuple[object, int], *, falling: bool) -> Q:
    """Rows after `place` in the order (field, id). The first condition lets an index find the start."""
    value, pk = place
    past = "lt" if falling else "gt"
    if field == "id":
        return Q(**{f"pk__{past}": pk})
    return Q(**{f"{field}__{past}e": value}) & (Q(**{f"{field}__{past}": value}) | Q(**{f"pk__{past}": pk}))
