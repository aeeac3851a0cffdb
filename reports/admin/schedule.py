"""Who gets which report, and when."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.unsent.addresses import only_post
from itsm import timekeeping
from itsm.ui.only_visible import ReadOnlyHistory, VisibleAdmin
from reports import lifecycle
from reports.admin.waking import wake
from reports.models import Schedule

if TYPE_CHECKING:
    from django.forms import ModelForm

    BaseAdmin = admin.ModelAdmin[Schedule]
else:
    BaseAdmin = ReadOnlyHistory


@admin.register(Schedule)
class ScheduleAdmin(VisibleAdmin, BaseAdmin):
    list_display = ("name", "kind", "when", "zone", "team", "service", "is_active")
    list_select_related = ("team", "service")
    list_filter = ("kind", "is_active")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("name", "pk")
    autocomplete_fields = ("team", "service", "readers")
    change_form_template = "reports/schedule_form.html"
    fieldsets = (
        (None, {"fields": ("name", "is_active", "readers")}),
        (_("When"), {"fields": ("kind", "weekday", "day", "hour", "zone")}),
        (_("About"), {"fields": ("team", "service", "with_confidential")}),
    )

    @admin.display(description=_("when"))
    def when(self, schedule: Schedule) -> str:
        return schedule.when

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> Any:
        """Nobody lets others count what they may not read themselves."""
        known = super().get_readonly_fields(request, obj)
        return known if policies.sees_everything(request.user) else (*known, "with_confidential")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"zone": timezone.get_current_timezone_name(), **super().get_changeform_initial_data(request)}

    def save_model(
        self,
        request: HttpRequest,
        obj: Schedule,
        form: "ModelForm[Schedule]",
        change: bool,
    ) -> None:
        """A new schedule, or one that changed its hours, owes nothing for the time before."""
        if not change or {"is_active", "kind", "weekday", "day", "hour", "zone"} & set(form.changed_data):
            obj.since = timekeeping.now()
        super().save_model(request, obj, form, change)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        context = {"may_make": request.user.has_perm("reports.add_report"), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        make = self.admin_site.admin_view(only_post(page="admin:reports_schedule_change")(self.make))
        return [path("<int:schedule_id>/make/", make, name="reports_schedule_make"), *super().get_urls()]

    def make(self, request: HttpRequest, schedule_id: int) -> HttpResponse:
        """Make the report of the latest slot now, if it was not made; then show it."""
        if not request.user.has_perm("reports.add_report") or not self.has_view_permission(request):
            raise PermissionDenied
        schedule = get_object_or_404(Schedule, pk=schedule_id)
        at = timekeeping.now()
        report = lifecycle.order_slot(schedule, schedule.latest_slot(at), at=at)
        if report.made_at:
            messages.info(request, _("The report of that slot was made before. Here it is."))
        else:
            wake(report)
        return redirect("admin:reports_report_change", report.pk)
