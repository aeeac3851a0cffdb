"""Catalogue tables in and out as CSV, keyed by what people call things."""

import re
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString, mark_safe
from import_export import fields, resources, widgets
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.resources import Diff
from import_export.tmp_storages import CacheStorage

from incidents import workflow
from incidents.enums import Via
from incidents.models import Category, ConfigurationItem, Location, Service, Team
from incidents.policies import Actor

STYLE = re.compile(r'\sstyle="[^"]*"')


class PlainDiff(Diff):  # type: ignore[misc]  # ships no types
    """Marks what changes by <ins> and <del> alone: our pages carry no style attribute."""

    def as_html(self) -> list[SafeString]:
        return [mark_safe(STYLE.sub("", html)) for html in super().as_html()]  # noqa: S308 -- escaped by the diff


class Exchange(ImportExportMixin):  # type: ignore[misc]  # ships no types
    """CSV in and out. Cells that a spreadsheet would run as a formula are defused on the way out."""

    formats = (CSV,)
    skip_export_form = True
    # Shared by the web processes: the file looked at in one step is saved in the next.
    tmp_storage_class = CacheStorage

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The second step of an import only acts; by a link one is led to the first."""
        if request.method != "POST":
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        answer: HttpResponse = super().process_import(request, **kwargs)
        return answer

    def has_import_permission(self, request: HttpRequest) -> bool:
        may_write: bool = self.has_add_permission(request) and self.has_change_permission(request)
        return may_write

    def has_export_permission(self, request: HttpRequest) -> bool:
        may_read: bool = self.has_view_permission(request)
        return may_read


class Guarded(resources.ModelResource):  # type: ignore[misc]  # ships no types
    """A file changes what its person may change on the pages: who reads what goes by the same rules."""

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        super().before_save_instance(instance, row, **kwargs)
        actor = Actor(kwargs.get("user"), Via.IMPORT)
        if refusal := self.refusal(instance, row, actor):
            raise ValidationError(refusal)

    def refusal(self, instance: Any, row: Any, actor: Actor) -> str:  # noqa: ARG002 -- of those with members
        """Of what sends work to a team."""
        if not instance.pk or not hasattr(instance, "team_id"):
            return ""
        before = type(instance)._default_manager.select_related("team").get(pk=instance.pk)  # noqa: SLF001 -- Django's own
        return workflow.why_not_reroute(before.team, actor) if before.team_id != instance.team_id else ""

    class Meta:
        abstract = True


class ByName(Guarded):
    """Rows are found again by their name, so a file can be edited and brought back."""

    def get_diff_class(self) -> type[Diff]:
        return PlainDiff

    class Meta:
        abstract = True
        import_id_fields = ("name",)
        skip_unchanged = True
        report_skipped = True


def named(column: str, model: Any, field: str = "name") -> Any:
    return fields.Field(column, column, widgets.ForeignKeyWidget(model, field))


class LocationResource(ByName):
    team = named("team", Team)

    class Meta(ByName.Meta):
        model = Location
        fields = ("name", "country", "time_zone", "team")


class TeamResource(ByName):
    members = fields.Field("members", "members", widgets.ManyToManyWidget(User, "|", "username"))

    def refusal(self, instance: Any, row: Any, actor: Actor) -> str:
        if not instance.pk or "members" not in row:
            return ""
        wanted = {person.pk for person in self.fields["members"].clean(row)}
        is_same = wanted == set(instance.members.values_list("pk", flat=True))
        return "" if is_same else workflow.why_not_staff(instance, actor)

    class Meta(ByName.Meta):
        model = Team
        fields = ("name", "email", "members", "is_active")


class ServiceResource(ByName):
    team = named("team", Team)
    owner = named("owner", User, "username")
    depends_on = fields.Field("depends_on", "depends_on", widgets.ManyToManyWidget(Service, "|", "name"))

    class Meta(ByName.Meta):
        model = Service
        fields = (
            "name",
            "description",
            "team",
            "owner",
            "criticality",
            "depends_on",
            "is_public",
            "is_active",
        )


class ConfigurationItemResource(ByName):
    service = named("service", Service)
    location = named("location", Location)

    class Meta(ByName.Meta):
        model = ConfigurationItem
        fields = ("name", "kind", "service", "location", "serial_number", "is_active")


class CategoryResource(Guarded):
    """Two levels: a row is known by its name and its parent's. Parents come before their children."""

    parent = fields.Field("parent", "parent", widgets.ForeignKeyWidget(Category, "name"), default=None)
    team = named("team", Team)

    def get_diff_class(self) -> type[Diff]:
        return PlainDiff

    class Meta:
        model = Category
        fields = ("parent", "name", "team", "is_active")
        import_id_fields = ("name", "parent")
        skip_unchanged = True
        report_skipped = True
