"""What incidents happen to, and who looks after it."""

from types import SimpleNamespace
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from incidents import workflow
from incidents.admin.access import actor_of
from incidents.admin.base import DeskAdmin, counted
from incidents.admin.exchange import (
    CategoryResource,
    ConfigurationItemResource,
    Exchange,
    LocationResource,
    ServiceResource,
    TeamResource,
)
from incidents.enums import Criticality
from incidents.models import Category, ConfigurationItem, Incident, Location, Profile, Service, Team
from itsm.ui.cells import person_cell, tag_cell, two_lines
from itsm.ui.only_visible import ReadOnlyHistory
from itsm.ui.pages import BaseForm

TONES = {Criticality.BUSINESS: "red", Criticality.HIGH: "amber"}


class RoutingForm(BaseForm):
    """What names a team sends it work: that is not taken from a team by somebody outside it."""

    request: HttpRequest | None = None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if self.request is None or not self.instance.pk or self.errors:
            return cleaned
        before = workflow.routed_to(type(self.instance)._default_manager.get(pk=self.instance.pk))
        after = workflow.routed_to(SimpleNamespace(**{"parent": None, **cleaned}))
        if after != before and (refusal := workflow.why_not_reroute(before, actor_of(self.request))):
            self.add_error("parent" if "parent" in self.changed_data else "team", refusal)
        return cleaned


class RoutingAdmin(DeskAdmin):
    form = RoutingForm

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """To delete what sends work to a team is to send it elsewhere."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and workflow.why_not_reroute(workflow.routed_to(obj), actor_of(request)))


class KeptHistory(ReadOnlyHistory):
    """Who changed what and when, on the page behind "History"."""

    object_history_list_template = "ui/history_list.html"


def open_incidents(obj: Any, field: str) -> SafeString | str:
    if not obj.open_count:
        return "–"
    address = reverse("admin:incidents_incident_changelist")
    return format_html(
        '<a class="num" href="{}?view=open&amp;{}__id__exact={}">{}</a>',
        address,
        field,
        obj.pk,
        obj.open_count,
    )


@admin.register(Team)
class TeamAdmin(Exchange, KeptHistory, DeskAdmin):
    resource_classes = (TeamResource,)
    list_display = ("name", "email", "people", "open_work", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "email")
    ordering = ("name", "pk")
    autocomplete_fields = ("members",)
    empty_text = _("Teams are what incidents are assigned to. Add the first one, then put its people in.")
    fieldsets = (
        (None, {"fields": ("name", "email", "is_active")}),
        (
            _("People"),
            {
                "fields": ("members",),
                "description": _(
                    "Members see the confidential incidents of their team and get its work. So who keeps "
                    "teams changes the members of their own; those of every team, who reads confidential "
                    "incidents of all."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        members = Team.members.through.objects.filter(team=OuterRef("pk"))
        work = Incident.objects.open().filter(team=OuterRef("pk"))
        rows: QuerySet[Team] = super().get_queryset(request)
        reached = Exists(Team.objects.staffed().filter(pk=OuterRef("pk")))
        return rows.annotate(
            member_count=counted(members, "team"), open_count=counted(work, "team"), is_staffed=reached
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        """Without a team that is switched off its work goes to others: that is theirs to say as well."""
        if obj is None or not workflow.why_not_staff(obj, actor_of(request)):
            return ()
        return ("members", "is_active")

    def has_delete_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and not (obj and workflow.why_not_staff(obj, actor_of(request)))

    def save_related(self, request: HttpRequest, form: Any, formsets: object, change: bool) -> None:
        """The verb writes the members; what the form left out it does not know."""
        members = form.cleaned_data.pop("members", None)
        super().save_related(request, form, formsets, change)
        if members is not None:
            workflow.set_members(form.instance, list(members), actor=actor_of(request))

    @admin.display(description=_("Members"), ordering="member_count")
    def people(self, team: Any) -> SafeString | str:
        """A team that cannot be reached says so: its work would wait unheard."""
        count = str(team.member_count)
        if team.is_staffed or not team.is_active:
            return count
        return two_lines(first=count, second=_("nobody can be reached"))

    @admin.display(description=_("Open incidents"), ordering="open_count")
    def open_work(self, team: Team) -> SafeString | str:
        return open_incidents(team, "team")


@admin.register(Service)
class ServiceAdmin(Exchange, KeptHistory, RoutingAdmin):
    resource_classes = (ServiceResource,)
    list_display = ("name", "weight", "team", "owned_by", "open_work", "is_public", "is_active")
    list_filter = ("criticality", "is_active", "is_public", "team")
    list_select_related = ("team", "owner")
    search_fields = ("name", "description")
    ordering = ("criticality", "name", "pk")
    autocomplete_fields = ("team", "owner", "depends_on")
    empty_text = _(
        "Services are what the business uses and would miss. Add one, or import a list from a CSV file."
    )
    fieldsets = (
        (None, {"fields": ("name", "description", "criticality", "is_active")}),
        (
            _("Who looks after it"),
            {"fields": ("team", "owner"), "description": _("New incidents of the service go to its team.")},
        ),
        (
            _("What is around it"),
            {
                "fields": ("depends_on", "is_public"),
                "description": _("Agents see which services a fault puts at risk."),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Service]:
        work = Incident.objects.open().filter(service=OuterRef("pk"))
        rows: QuerySet[Service] = super().get_queryset(request)
        return rows.annotate(open_count=counted(work, "service"))

    @admin.display(description=_("Criticality"), ordering="criticality")
    def weight(self, service: Service) -> SafeString:
        level = Criticality(service.criticality)
        return tag_cell(text=level.label, tone=TONES.get(level, ""))

    @admin.display(description=_("Service owner"), ordering="owner__last_name")
    def owned_by(self, service: Service) -> SafeString:
        return person_cell(who=service.owner)

    @admin.display(description=_("Open incidents"), ordering="open_count")
    def open_work(self, service: Service) -> SafeString | str:
        return open_incidents(service, "service")


@admin.register(ConfigurationItem)
class ConfigurationItemAdmin(Exchange, DeskAdmin):
    resource_classes = (ConfigurationItemResource,)
    list_display = ("label", "kind", "service", "location", "is_active")
    list_filter = ("kind", "is_active", "location")
    list_select_related = ("service", "location")
    search_fields = ("name", "serial_number")
    ordering = ("name", "pk")
    autocomplete_fields = ("service", "location")
    empty_text = _(
        "Devices, applications and databases that services run on. Import them from your inventory as CSV."
    )

    @admin.display(description=_("Name"), ordering="name")
    def label(self, item: ConfigurationItem) -> SafeString:
        return two_lines(first=item.name, second=item.serial_number)


@admin.register(Category)
class CategoryAdmin(Exchange, RoutingAdmin):
    resource_classes = (CategoryResource,)
    list_display = ("path", "team", "is_active")
    list_filter = ("is_active", ("parent", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("parent", "team")
    search_fields = ("name", "parent__name")
    ordering = ("parent__name", "name", "pk")
    autocomplete_fields = ("parent", "team")
    empty_text = _("Categories say what kind of thing is wrong. Two levels are enough: add a first one.")

    @admin.display(description=_("Category"), ordering="name")
    def path(self, category: Category) -> str:
        return f"{category.parent.name} › {category.name}" if category.parent else category.name


@admin.register(Location)
class LocationAdmin(Exchange, RoutingAdmin):
    resource_classes = (LocationResource,)
    list_display = ("name", "country", "time_zone", "team", "people")
    list_filter = ("country",)
    list_select_related = ("team",)
    search_fields = ("name", "country")
    ordering = ("name", "pk")
    autocomplete_fields = ("team",)
    empty_text = _("Offices and sites. People read all times in the zone of their location.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Location]:
        profiles = Profile.objects.filter(location=OuterRef("pk"))
        rows: QuerySet[Location] = super().get_queryset(request)
        return rows.annotate(people_count=counted(profiles, "location"))

    @admin.display(description=_("People"), ordering="people_count")
    def people(self, location: Any) -> int:
        count: int = location.people_count
        return count
