"""Kept reports: the list, the page, the CSV. They are made by schedules and on the trends page."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from itsm.ui.names import person_name
from itsm.ui.only_visible import VisibleAdmin
from reports.admin.downloads import csv_response
from reports.documents.reading import Reading, days_of
from reports.enums import Kind
from reports.models import Report

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Report]
else:
    BaseAdmin = admin.ModelAdmin


@admin.register(Report)
class ReportAdmin(VisibleAdmin, BaseAdmin):
    list_display = ("name", "days", "about", "made", "ordered_by")
    list_filter = ("kind", "late")
    list_select_related = ("team", "service", "schedule", "requested_by")
    list_per_page = 50
    show_full_result_count = False
    actions = None
    ordering = ("-requested_at", "-pk")
    change_list_template = "reports/report_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).defer("content")

    @admin.display(description=_("report"))
    def name(self, report: Report) -> str:
        return str(report.get_kind_display()) if report.kind == Kind.SPAN else str(report)

    @admin.display(description=_("days"))
    def days(self, report: Report) -> str:
        return days_of(report.period.first, report.period.last)

    @admin.display(description=_("about"))
    def about(self, report: Report) -> str:
        return " · ".join(str(part) for part in (report.team, report.service) if part) or str(
            _("all incidents")
        )

    @admin.display(description=_("made"), ordering="made_at")
    def made(self, report: Report) -> object:
        if report.made_at:
            return report.made_at
        return _("could not be made") if report.gave_up else _("being made")

    @admin.display(description=_("by"))
    def ordered_by(self, report: Report) -> str:
        """Its schedule, or the person who kept it."""
        if report.schedule:
            return f"{report.schedule} ({_('late')})" if report.late else str(report.schedule)
        person = report.requested_by
        return person_name(person, "–")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Reports"), **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """By a schedule or on the trends page, not by a form."""
        return False

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(self.download)
        return [path("<int:report_id>/csv/", download, name="reports_report_csv"), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        report = self._report(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": str(report),
            "opts": self.opts,
            "report": report,
            "reading": Reading(report.content) if report.made_at else None,
        }
        return TemplateResponse(request, "reports/report.html", context)

    def download(self, request: HttpRequest, report_id: int) -> HttpResponse:
        report = self._report(request, str(report_id))
        if not report.made_at:
            raise Http404
        return csv_response(report.content, f"report-{report.period.name}.csv")

    def _report(self, request: HttpRequest, object_id: str) -> Report:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).select_related("team", "service", "schedule", "requested_by")
        try:
            return get_object_or_404(rows, pk=object_id)
        except ValueError:
            raise Http404 from None
