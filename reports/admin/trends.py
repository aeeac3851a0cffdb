"""The trends page: any period, zone and team, counted while one waits; and the button that keeps it."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from incidents import timekeeping
from incidents.models import Location
from incidents.unsent.addresses import only_post
from reports import making
from reports.admin.choosing import ChoosingForm
from reports.admin.downloads import csv_response
from reports.admin.waking import wake
from reports.content.compose import compose
from reports.documents.reading import Reading
from reports.models import READ

ADD = "reports.add_report"


@require_GET
@permission_required(READ, raise_exception=True)
def trends(request: HttpRequest) -> HttpResponse:
    at = timekeeping.now()
    form = _form(request)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Trends"),
        "form": form,
        "zones": _zones(),
        "may_keep": request.user.has_perm(ADD),
        "may_schedule": request.user.has_perm("reports.add_schedule"),
    }
    if form.is_valid():
        period = form.chosen(at)
        content = compose(period, form.scope().cut_for(request.user), at=at)
        if "csv" in request.GET:
            return csv_response(content, f"trends-{period.name}.csv")
        context["reading"] = Reading(content)
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
    report = making.order(period, form.scope().cut_for(request.user), at=at, user=user)
    wake(report)
    return redirect("admin:reports_report_change", report.pk)


def _form(request: HttpRequest) -> ChoosingForm:
    """What was asked for; what was not is the default."""
    defaults = {"period": "13w", "zone": timezone.get_current_timezone_name()}
    return ChoosingForm({**defaults, **{name: value for name, value in request.GET.items() if value}})


def _zones() -> list[str]:
    """Where the desk has offices."""
    return sorted({"UTC", *Location.objects.values_list("time_zone", flat=True).distinct()})
