"""Monitoring systems, what they said, and when they are not to be believed."""

import json
import secrets
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from incidents.admin.base import DeskAdmin, ReadOnlyAdmin
from incidents.models import Alert, Desk, Incident, IngestEvent, MaintenanceWindow, Source, hash_of_key
from incidents.models.monitoring import EventStatus
from itsm import timekeeping
from itsm.ui.cells import ago_cell, tag_cell, two_lines
from itsm.ui.pages import BaseForm

HINT = 6  # characters of the key that may be shown again


def give_key(source: Source) -> str:
    """A new key; the old one stops working when the source is saved. Shown once: only its hash is kept."""
    key = secrets.token_urlsafe(32)
    source.key_hash, source.key_hint = hash_of_key(key), key[:HINT]
    return key


UNHEARD = _(
    "Nobody will hear of its alerts that name no service: it has neither a team nor a service with one, "
    "and the desk has no default team. Choose a team."
)


def is_unheard(source: Source) -> bool:
    """Its alerts would open incidents that no team has."""
    default = Desk.current().default_team
    return source.heard_by() is None and (default is None or not default.is_active)


@admin.register(Source)
class SourceAdmin(DeskAdmin):
    list_display = ("name", "kind", "starts_with", "service", "hears", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("service__team", "team")
    search_fields = ("name",)
    ordering = ("name", "pk")
    autocomplete_fields = ("service", "team")
    readonly_fields = ("starts_with",)
    fields = ("name", "kind", "service", "team", "time_zone", "is_active", "starts_with")
    empty_text = _("Add a monitoring system; you get the address and the key it sends its alerts with.")
    change_form_template = "admin/incidents/source/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        rotate = path(
            "<int:pk>/key/", self.admin_site.admin_view(self.rotate_key), name="incidents_source_key"
        )
        return [rotate, *super().get_urls()]

    @admin.display(description=_("Team that hears"))
    def hears(self, source: Source) -> SafeString | str:
        if team := source.heard_by():
            return team.name
        if default := getattr(source, "default_team", None):
            return str(_("%s (default)") % default)
        return tag_cell(text=_("Nobody"), tone="red")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Source]:
        rows: QuerySet[Source] = super().get_queryset(request)
        default = Desk.objects.filter(default_team__is_active=True).values("default_team__name")[:1]
        return rows.annotate(default_team=Subquery(default))

    def render_change_form(  # noqa: PLR0917 -- Django's signature
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Source | None = None,
    ) -> HttpResponse:
        context["unheard"] = obj is not None and is_unheard(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("Key begins with"))
    def starts_with(self, source: Source) -> str:
        return f"{source.key_hint}…" if source.key_hint else "–"

    def save_model(self, request: HttpRequest, obj: Source, form: BaseForm, change: bool) -> None:
        if not change:
            request.__dict__["new_key"] = give_key(obj)
        super().save_model(request, obj, form, change)
        if change and is_unheard(obj):
            self.message_user(request, UNHEARD, messages.WARNING)

    def response_add(
        self,
        request: HttpRequest,
        obj: Source,
        post_url_continue: str | None = None,
    ) -> HttpResponse:
        return self.shown_once(request, obj, request.__dict__["new_key"])

    def rotate_key(self, request: HttpRequest, pk: int) -> HttpResponse:
        source = self.get_object(request, str(pk))
        if source is None:
            raise Http404
        if not self.has_change_permission(request, source):
            raise PermissionDenied
        if request.method == "POST":
            key = give_key(source)
            source.save(update_fields=["key_hash", "key_hint"])
            self.log_change(request, source, str(_("Made a new key.")))
            return self.shown_once(request, source, key)
        return self.page(request, "admin/incidents/source/rotate.html", source, title=_("Make a new key"))

    def shown_once(self, request: HttpRequest, source: Source, key: str) -> HttpResponse:
        """Drawn in the answer itself: the key passes no redirect, no session and no cache."""
        address = request.build_absolute_uri(f"/api/v1/intake/{key}/")
        response = self.page(
            request,
            "admin/incidents/source/key.html",
            source,
            title=_("Key of %s") % source,
            key=key,
            address=address,
            unheard=UNHEARD if is_unheard(source) else "",
        )
        response["Cache-Control"] = "no-store"
        return response

    def page(
        self, request: HttpRequest, template: str, source: Source, **context: object
    ) -> TemplateResponse:
        request.current_app = self.admin_site.name
        frame = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": source,
            "subtitle": None,
        }
        return TemplateResponse(request, template, frame | context)


def incident_link(incident: Incident | None) -> SafeString | str:
    if incident is None:
        return "–"
    address = reverse("admin:incidents_incident_change", args=[incident.pk])
    return format_html('<a class="num" href="{}">{}</a>', address, incident.number)


class FiringFilter(admin.SimpleListFilter):
    title = _("firing")
    parameter_name = "firing"

    def lookups(self, _request: HttpRequest, _model_admin: object) -> list[tuple[str, Any]]:
        return [("yes", _("Firing now")), ("no", _("Ended"))]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        if self.value() in {"yes", "no"}:
            return queryset.filter(ended_at__isnull=self.value() == "yes")
        return queryset


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    list_display = ("what", "source", "is_firing", "times", "seen", "led_to")
    list_filter = (FiringFilter, "source")
    list_select_related = ("source", "incident")
    search_fields = ("title", "dedup_key")
    ordering = ("-last_seen_at", "-pk")
    fields = (
        "source",
        "title",
        "dedup_key",
        "severity",
        "started_at",
        "last_seen_at",
        "ended_at",
        "sent_started_at",
        "sent_ended_at",
        "count",
        "led_to",
        "said",
        "links_to",
        "labels",
    )
    empty_text = _("No monitoring system has sent an alert yet. Add one under “Alert sources”.")

    @admin.display(description=_("Alert"), ordering="title")
    def what(self, alert: Alert) -> SafeString:
        return two_lines(first=alert.title, second=alert.severity)

    @admin.display(description=_("Now"), ordering="ended_at")
    def is_firing(self, alert: Alert) -> SafeString:
        if alert.ended_at is None:
            return tag_cell(text=_("Firing"), tone="red")
        return tag_cell(text=_("Ended"), tone="green")

    @admin.display(description=_("Times"), ordering="count")
    def times(self, alert: Alert) -> int:
        return alert.count

    @admin.display(description=_("Last seen"), ordering="last_seen_at")
    def seen(self, alert: Alert) -> SafeString:
        return ago_cell(at=alert.last_seen_at)

    @admin.display(description=_("What it said"))
    def said(self, alert: Alert) -> SafeString | str:
        if not alert.description:
            return "–"
        return format_html('<pre class="raw" tabindex="0">{}</pre>', alert.description)

    @admin.display(description=_("Links"))
    def links_to(self, alert: Alert) -> SafeString | str:
        rows = ((address, name) for name, address in alert.links)
        return (
            format_html_join(
                mark_safe("<br>"), '<a href="{}" rel="noopener noreferrer nofollow">{}</a>', rows
            )
            or "–"
        )

    @admin.display(description=_("Labels"))
    def labels(self, alert: Alert) -> SafeString | str:
        return format_html_join(mark_safe("<br>"), "{}: {}", alert.facts.items()) or "–"

    @admin.display(description=_("Incident"))
    def led_to(self, alert: Alert) -> SafeString | str:
        return incident_link(alert.incident)


#: Longer lists of decisions are cut where they are shown.
MOST_SAID = 2000


@admin.register(IngestEvent)
class IngestEventAdmin(ReadOnlyAdmin):
    """The raw log, for the day somebody asks why an alert opened nothing."""

    list_display = ("received", "source", "standing", "outcome")
    list_filter = ("status", "source")
    list_select_related = ("source",)
    ordering = ("-received_at", "-pk")
    fields = (
        "source",
        "received_at",
        "uid",
        "status",
        "tries",
        "trouble",
        "look_again_at",
        "outcome",
        "body",
    )
    empty_text = _("Nothing has been received yet. Check the address and the key in your monitoring system.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IngestEvent]:
        rows: QuerySet[IngestEvent] = super().get_queryset(request)
        return rows.defer("payload") if request.resolver_match and not request.resolver_match.kwargs else rows

    @admin.display(description=_("Received"), ordering="received_at")
    def received(self, event: IngestEvent) -> SafeString:
        return ago_cell(at=event.received_at)

    @admin.display(description=_("Decisions"))
    def outcome(self, event: IngestEvent) -> str:
        parts = (
            " ".join(str(decision.get(name) or "") for name in ("outcome", "incident", "why")).strip()
            for decision in event.decisions
        )
        said = ", ".join(parts)
        return said[:MOST_SAID] + ("…" if len(said) > MOST_SAID else "") or "–"

    @admin.display(description=_("Status"), ordering="status")
    def standing(self, event: IngestEvent) -> SafeString:
        tone = {EventStatus.WAITING: "amber", EventStatus.GIVEN_UP: "red"}.get(EventStatus(event.status), "")
        return tag_cell(text=event.get_status_display(), tone=tone)

    @admin.display(description=_("As received"))
    def body(self, event: IngestEvent) -> SafeString:
        return format_html(
            '<pre class="raw" tabindex="0">{}</pre>', json.dumps(event.payload, indent=2, ensure_ascii=False)
        )


class WindowForm(BaseForm):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end must come after the start."))
        return cleaned


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(DeskAdmin):
    form = WindowForm
    list_display = ("service", "reason", "starts_at", "ends_at", "now")
    list_filter = ("service",)
    list_select_related = ("service",)
    search_fields = ("service__name", "reason")
    ordering = ("-starts_at", "-pk")
    autocomplete_fields = ("service",)
    list_note = _("While a window is open, alerts of its service are recorded and open no incident.")
    empty_text = _(
        "No work is planned. Add a window before you work on a service, so that its alerts wake nobody."
    )

    @admin.display(description=_("Now"))
    def now(self, window: MaintenanceWindow) -> SafeString:
        at = timekeeping.now()
        if at < window.starts_at:
            return tag_cell(text=_("Planned"), tone="blue")
        if at < window.ends_at:
            return tag_cell(text=_("Open now"), tone="amber")
        return tag_cell(text=_("Over"), tone="")
