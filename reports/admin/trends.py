"""The trends page: any period, zone and team, counted while one waits; and the button that keeps it."""

from datetime import datetime

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from incidents.models import Location
from incidents.unsent.addresses import only_post
from itsm import timekeeping
from reports import lifecycle
from reports.admin.choosing import OPENS_ON, YOUNG, Choice, ChoosingForm
from reports.admin.downloads import csv_response
from reports.admin.waking import wake
from reports.documents.reading import Reading
from reports.models import READ

ADD = "reports.add_report"


@require_GET
@permission_required(READ, raise_exception=True)
def trends(request: HttpRequest) -> HttpResponse:
    at = timekeeping.now()
    form = _form(request, at)
    context: dict[str, object] = {
        **admin.site.each_context(request),
        "title": _("Trends"),
        "form": form,
        "zones": _zones(),
        "may_keep": request.user.has_perm(ADD),
        "may_schedule": request.user.has_perm("reports.add_schedule"),
    }
    if form.is_valid():
        from reports.content.compose import compose  # noqa: PLC0415 -- slow import

        period, scope = form.chosen(at), form.scope().cut_for(request.user)
        content = compose(period, scope, at=at)
        if "csv" in request.GET:
            return csv_response(content, f"trends-{period.name}.csv")
        reading = Reading(content)
        context |= {"reading": reading, "shorter": _shorter(request, form, reading)}
        if reading.lacks_past:
            context["instead"] = form.comparable(scope, at)
    return TemplateResponse(request, "reports/trends.html", context)


@only_post(page="reports:trends")
@permission_required(ADD, raise_exception=True)
def keep(request: HttpRequest) -> HttpResponse:
    """Order the report the page shows: made in the background, kept with its numbers."""
    form = ChoosingForm(request.POST)
    if not form.is_valid():
        return redirect("reports:trends")
    at = timekeeping.now()
    period = form.chosen(at)
    user = request.user if request.user.is_authenticated else None
    report = lifecycle.order(period, form.scope().cut_for(request.user), at=at, user=user)
    wake(report)
    return redirect("admin:reports_report_change", report.pk)


def _form(request: HttpRequest, at: datetime) -> ChoosingForm:
    """What was asked for; what was not is the default, and the period one that can be compared."""
    asked = {name: value for name, value in request.GET.items() if value}
    form = ChoosingForm({"period": YOUNG, "zone": timezone.get_current_timezone_name(), **asked})
    if "period" in asked or not form.is_valid():
        return form
    found = form.comparable(form.scope().cut_for(request.user), at)
    return ChoosingForm({**form.data, "period": found.name}) if found else form


def _shorter(request: HttpRequest, form: ChoosingForm, reading: Reading) -> str:
    """The period nobody chose, where the page would open on a longer one if that had a past."""
    name = form.cleaned_data["period"]
    chosen = request.GET.get("period") or name == OPENS_ON[0] or reading.lacks_past
    return "" if chosen else Choice(name).label


def _zones() -> list[str]:
    """Where the desk has offices."""
    return sorted({"UTC", *Location.objects.values_list("time_zone", flat=True).distinct()})
