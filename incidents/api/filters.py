"""What lists can be narrowed by. Every parameter is named; one that is not named is refused."""

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions
from rest_framework.fields import DateTimeField
from rest_framework.request import Request

from incidents import limits
from incidents.enums import (
    Channel,
    EntryKind,
    HoldReason,
    Impact,
    Priority,
    Severity,
    State,
    Urgency,
)  # fmt: skip
from incidents.models import Incident, TimelineEntry
from incidents.search import search_incidents
from incidents.search.finding import at_most_words

if TYPE_CHECKING:
    from rest_framework.views import APIView

MAX_ID = 2**63 - 1
#: What the pages read besides the filters. A view that reads more names it in `parameters`.
OF_PAGES = frozenset({"cursor", "limit", "ordering"})


class NamedFilters(DjangoFilterBackend):  # type: ignore[misc]  # django-filter ships no types
    """Refuses parameters that no filter answers to: a mistyped name must not read as "all"."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: "APIView") -> QuerySet[Any]:
        filterset_class = self.get_filterset_class(view, queryset)
        known = OF_PAGES | set(filterset_class.base_filters if filterset_class else ())
        known |= set(getattr(view, "parameters", ()))
        if unknown := sorted(set(request.query_params) - known):
            raise exceptions.ValidationError(
                {
                    name: [exceptions.ErrorDetail(str(_("There is no such parameter here.")), "unknown")]
                    for name in unknown
                }
            )
        narrowed: QuerySet[Any] = super().filter_queryset(request, queryset, view)
        return narrowed


class IdField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MAX_ID)
        super().__init__(**kwargs)


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": MAX_ID})
class IdFilter(filters.NumberFilter):  # type: ignore[misc]
    field_class = IdField

    def get_max_validator(self) -> None:
        return None


class MomentField(forms.CharField):
    """ISO 8601 with a zone; without one it is UTC. The same words as in bodies."""

    def to_python(self, value: object) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return DateTimeField().run_validation(text.replace(" ", "+"))
        except exceptions.ValidationError as error:
            raise ValidationError(
                [ValidationError(str(each), getattr(each, "code", None)) for each in error.detail]
            ) from error


@extend_schema_field(OpenApiTypes.DATETIME)
class MomentFilter(filters.Filter):  # type: ignore[misc]
    field_class = MomentField


class ChoicesField(forms.MultipleChoiceField):
    """`?state=new&state=on_hold` and `?state=new,on_hold` alike."""

    def to_python(self, value: object) -> list[str]:
        return [part for text in super().to_python(value) for part in text.split(",")]


class ChoicesFilter(filters.MultipleChoiceFilter):  # type: ignore[misc]
    field_class = ChoicesField

    def __init__(self, *, enum: Any, **kwargs: object) -> None:
        super().__init__(choices=enum.choices, **kwargs)

    def filter(self, queryset: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


@extend_schema_field(OpenApiTypes.BOOL)
class FlagFilter(filters.ChoiceFilter):  # type: ignore[misc]
    """`true` or `false`, and nothing that looks like them."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(choices=[("true", _("Yes")), ("false", _("No"))], **kwargs)

    def filter(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value not in {"true", "false"}:
            return queryset
        if self.method:
            narrowed: QuerySet[Any] = super().filter(queryset, value)
            return narrowed
        return queryset.filter(
            **{f"{self.field_name}__{self.lookup_expr}": (value == "true") != self.exclude}
        )


class PersonField(forms.CharField):
    def clean(self, value: object) -> object:
        text = super().clean(value)
        if text in {"", "me", "none"}:
            return text
        return IdField().clean(text)


@extend_schema_field({"type": "string", "pattern": r"^(me|none|\d{1,19})$"})
class PersonFilter(filters.Filter):  # type: ignore[misc]
    """The id of a person, `me`, or `none`."""

    field_class = PersonField

    def filter(self, queryset: QuerySet[Any], value: str | int) -> QuerySet[Any]:
        if value in {"", None}:
            return queryset
        if value == "none":
            return queryset.filter(**{f"{self.field_name}__isnull": True})
        return queryset.filter(**{self.field_name: self.parent.request.user.pk if value == "me" else value})


@extend_schema_field({"type": "string", "pattern": r"^(none|\d{1,19})$"})
class TeamFilter(PersonFilter):
    """The id of a team, or `none`."""


class IncidentFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(
        method="by_words", max_length=limits.LINE,
        validators=[ProhibitNullCharactersValidator(), at_most_words],
        label=_("Words of title, description or resolution, or a number."),
    )  # fmt: skip
    state = ChoicesFilter(enum=State)
    is_open = FlagFilter(method="by_open", label=_("New, in progress or on hold."))
    hold_reason = ChoicesFilter(enum=HoldReason)
    priority = ChoicesFilter(enum=Priority)
    severity = ChoicesFilter(enum=Severity)
    impact = ChoicesFilter(enum=Impact)
    urgency = ChoicesFilter(enum=Urgency)
    channel = ChoicesFilter(enum=Channel)
    is_major = FlagFilter(field_name="is_major")
    requester = PersonFilter(field_name="requester", label=_("The id of a person, `me`, or `none`."))
    assignee = PersonFilter(field_name="assignee", label=_("The id of a person, `me`, or `none`."))
    team = TeamFilter(field_name="team", label=_("The id of a team, or `none`."))
    service = IdFilter(field_name="service")
    category = IdFilter(field_name="category")
    configuration_item = IdFilter(field_name="configuration_item")
    location = IdFilter(field_name="location")
    parent = filters.CharFilter(
        method="by_parent", max_length=20, label=_("The number of the parent incident.")
    )
    opened_since = MomentFilter(field_name="opened_at", lookup_expr="gte")
    opened_before = MomentFilter(field_name="opened_at", lookup_expr="lt")
    resolved_since = MomentFilter(field_name="resolved_at", lookup_expr="gte")
    resolved_before = MomentFilter(field_name="resolved_at", lookup_expr="lt")
    closed_since = MomentFilter(field_name="closed_at", lookup_expr="gte")
    closed_before = MomentFilter(field_name="closed_at", lookup_expr="lt")
    updated_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label=_("For synchronising: with ordering=updated_at.")
    )
    updated_before = MomentFilter(field_name="updated_at", lookup_expr="lt")
    breached = FlagFilter(method="by_breach", label=_("A clock passed its due time."))

    class Meta:
        model = Incident
        fields: list[str] = []

    def by_words(self, queryset: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        return search_incidents(queryset, value)

    def by_open(self, queryset: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        opened = Q(pk__in=Incident.objects.open().values("pk"))
        return queryset.filter(opened if value == "true" else ~opened)

    def by_parent(self, queryset: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        parents = Incident.objects.visible_to(self.request.user).with_number(value)
        return queryset.filter(parent__in=parents.values("pk"))

    def by_breach(self, queryset: QuerySet[Incident], _name: str, value: str) -> QuerySet[Incident]:
        missed = Q(pk__in=Incident.objects.filter(clocks__breached=True).values("pk"))
        return queryset.filter(missed if value == "true" else ~missed)


class RequesterFilters(IncidentFilters):
    """Only by what the requester's side may read: a filter on the rest would tell it value by value."""

    severity: Any = None
    configuration_item: Any = None
    parent: object = None
    breached: Any = None


class TimelineFilters(filters.FilterSet):  # type: ignore[misc]
    after_seq = IdFilter(field_name="seq", lookup_expr="gt", label=_("Entries after this one."))
    kind = ChoicesFilter(enum=EntryKind)
    since = MomentFilter(field_name="at", lookup_expr="gte")

    class Meta:
        model = TimelineEntry
        fields: list[str] = []


class CatalogueFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", max_length=120)
    is_active = FlagFilter(field_name="is_active")


class PlaceFilters(filters.FilterSet):  # type: ignore[misc]
    search = filters.CharFilter(field_name="name", lookup_expr="icontains", max_length=120)
