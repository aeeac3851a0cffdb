"""SLA: when the desk is open, how long things may take, and what impact and urgency make a priority.

Everything here holds from a day on. Rows whose day is past are kept as they are, so that an incident
of back then keeps the promise of back then.
"""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import DeskAdmin, InForceForm, InForceFormSet, is_past, without_bulk_delete
from incidents.admin.catalogue import KeptHistory
from incidents.admin.row_cells import priority_cell
from incidents.admin.week import WeekField
from incidents.enums import Impact, Urgency
from incidents.models import Calendar, CalendarHours, ClosedDay, PriorityRule, Target
from incidents.workflow.priority import desk_day, matrix_on
from itsm import timekeeping
from itsm.ui.cells import duration_cell, tag_cell
from itsm.ui.pages import BaseForm, BaseStacked, BaseTabular, Labelled
from itsm.ui.texts import StrOrPromise


class HoursForm(InForceForm):
    week = WeekField(label=_("Hours"))

    class Meta:
        model = CalendarHours
        fields = ("valid_from", "week", "holiday_country", "holiday_region")


class HoursInline(Labelled, BaseStacked):
    model = CalendarHours
    form = HoursForm
    formset = InForceFormSet
    extra = 0
    fields = ("valid_from", "week", ("holiday_country", "holiday_region"))
    ordering = ("-valid_from", "pk")
    verbose_name = _("set of hours")
    verbose_name_plural = _("Hours, each set in force from a day on")


class ClosedDayForm(InForceForm):
    start_field = "day"
    may_change = ("reason",)

    class Meta:
        model = ClosedDay
        fields = ("day", "reason")


class ClosedDayInline(Labelled, BaseTabular):
    model = ClosedDay
    form = ClosedDayForm
    formset = InForceFormSet
    extra = 0
    ordering = ("-day", "pk")
    verbose_name_plural = _("Closed days beyond public holidays")


@admin.register(Calendar)
class CalendarAdmin(KeptHistory, DeskAdmin):
    list_display = ("name", "time_zone")
    search_fields = ("name",)
    ordering = ("name", "pk")
    inlines = (HoursInline, ClosedDayInline)
    list_note = _(
        "Clocks run only while their calendar is open. To change hours, add a set with the day it begins."
    )
    empty_text = _("A calendar says when the desk works. Add one before you add SLA targets.")


class TargetForm(BaseForm):
    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        start, end = cleaned.get("valid_from", self.instance.valid_from), cleaned.get("valid_until")
        if end and start and end < start:
            self.add_error("valid_until", _("The last day is before the first one."))
        elif end and "valid_until" in self.changed_data and end < desk_day(timekeeping.now()):
            self.add_error(
                "valid_until", _("End it today or later: incidents of the days before were measured by it.")
            )
        return cleaned


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "when"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, StrOrPromise]]:
        return [("now", _("Today")), ("later", _("Later")), ("over", _("Not any more"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        today = desk_day(timekeeping.now())
        match self.value():
            case "now":
                return queryset.filter(valid_from__lte=today).exclude(valid_until__lt=today)
            case "later":
                return queryset.filter(valid_from__gt=today)
            case "over":
                return queryset.filter(valid_until__lt=today)
        return queryset


def in_force_tag(start: date, end: date | None) -> SafeString:
    today = desk_day(timekeeping.now())
    if end is not None and end < today:
        return tag_cell(text=_("Over"), tone="")
    if start > today:
        return tag_cell(text=_("Later"), tone="blue")
    return tag_cell(text=_("In force"), tone="green")


@admin.register(Target)
class TargetAdmin(KeptHistory, DeskAdmin):
    form = TargetForm
    list_display = (
        "metric",
        "applies_to",
        "urgency_of",
        "time",
        "calendar",
        "valid_from",
        "valid_until",
        "now",
    )
    list_filter = ("metric", "priority", InForceFilter, "calendar")
    list_select_related = ("service", "category", "calendar")
    search_fields = ("service__name", "category__name", "calendar__name")
    ordering = ("metric", "priority", "-valid_from", "pk")
    autocomplete_fields = ("service", "category", "calendar")
    list_note = _(
        "The most specific target wins: service before subcategory before category before priority. A target "
        "holds for incidents opened from its first day on, which begins at midnight in the zone of its "
        "calendar; to change one, end it and add another."
    )
    empty_text = _("Without targets no clock runs. Add one for each priority.")
    fieldsets = (
        (None, {"fields": ("metric", "minutes", "calendar")}),
        (
            _("Which incidents"),
            {
                "fields": ("priority", "service", "category"),
                "description": _("What is left empty fits every incident."),
            },
        ),
        (_("From when to when"), {"fields": (("valid_from", "valid_until"),)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and is_past(obj.valid_from):
            return ("metric", "minutes", "calendar", "priority", "service", "category", "valid_from")
        return super().get_readonly_fields(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_past(obj.valid_from))

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))

    @admin.display(description=_("For"))
    def applies_to(self, target: Target) -> StrOrPromise:
        parts = [str(part) for part in (target.service, target.category) if part]
        return " · ".join(parts) or _("all services")

    @admin.display(description=_("Priority"), ordering="priority")
    def urgency_of(self, target: Target) -> StrOrPromise:
        return priority_cell(level=target.priority) if target.priority else _("any")

    @admin.display(description=_("Business time"), ordering="minutes")
    def time(self, target: Target) -> SafeString:
        return duration_cell(seconds=60 * target.minutes)

    @admin.display(description=_("Now"))
    def now(self, target: Target) -> SafeString:
        return in_force_tag(target.valid_from, target.valid_until)


class PriorityRuleForm(BaseForm):
    impact = forms.TypedChoiceField(label=_("impact"), choices=Impact, coerce=int)
    urgency = forms.TypedChoiceField(label=_("urgency"), choices=Urgency, coerce=int)


@admin.register(PriorityRule)
class PriorityRuleAdmin(KeptHistory, DeskAdmin):
    """The matrix as a matrix, and below it every rule there was and will be."""

    form = PriorityRuleForm
    list_display = ("cell", "becomes", "valid_from", "now")
    list_filter = ("priority",)
    ordering = ("-valid_from", "impact", "urgency", "pk")
    list_note = _(
        "Nobody types a priority in: impact and urgency make it. To change a cell, add a rule with the day "
        "it begins; incidents assessed before keep theirs."
    )
    empty_text = _("Without rules no incident can be opened. Add one for each impact and urgency.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriorityRule]:
        newer = PriorityRule.objects.filter(
            impact=OuterRef("impact"),
            urgency=OuterRef("urgency"),
            valid_from__gt=OuterRef("valid_from"),
            valid_from__lte=desk_day(timekeeping.now()),
        )
        rows: QuerySet[PriorityRule] = super().get_queryset(request)
        return rows.annotate(superseded=Exists(newer))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        today = desk_day(timekeeping.now())
        found = matrix_on(today)
        rows = [
            (impact, [(urgency, found.get((impact.value, urgency.value))) for urgency in Urgency])
            for impact in Impact
        ]
        context = {"matrix": rows, "urgencies": list(Urgency), "today": today, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_fields(self, request: HttpRequest, obj: object = None) -> Any:
        writes = self.has_change_permission(request, obj)
        return (
            ("impact", "urgency", "priority", "valid_from") if writes else ("cell", "priority", "valid_from")
        )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not (obj and is_past(obj.valid_from))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and is_past(obj.valid_from))

    def get_actions(self, request: HttpRequest) -> Any:
        return without_bulk_delete(super().get_actions(request))

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        return {"valid_from": desk_day(timekeeping.now()), **super().get_changeform_initial_data(request)}

    @admin.display(description=_("Impact and urgency"), ordering="impact")
    def cell(self, rule: PriorityRule) -> str:
        return _("Impact %(impact)s, urgency %(urgency)s") % {
            "impact": Impact(rule.impact).label,
            "urgency": Urgency(rule.urgency).label,
        }

    @admin.display(description=_("Priority"), ordering="priority")
    def becomes(self, rule: PriorityRule) -> SafeString:
        return priority_cell(level=rule.priority)

    @admin.display(description=_("Now"))
    def now(self, rule: Any) -> SafeString:
        return in_force_tag(rule.valid_from, date.min if rule.superseded else None)
