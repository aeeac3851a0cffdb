"""Catalogue tables in and out as CSV, keyed by what people call things."""

from typing import Any

import tablib  # type: ignore[import-untyped]
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from import_export import fields, resources
from import_export.admin import ImportExportMixin
from import_export.formats.base_formats import CSV
from import_export.resources import Diff
from import_export.tmp_storages import CacheStorage

from incidents import sheets, workflow
from incidents.admin.import_cells import Choice, Named, Several, YesNo
from incidents.enums import Criticality, ItemKind, Via
from incidents.lines import one_line
from incidents.models import Category, ConfigurationItem, Location, Service, Team
from incidents.policies import Actor


class PlainDiff(Diff):  # type: ignore[misc]  # ships no types
    """Cells before and after, as people read them, without the style attributes of the library."""

    def compare_with(self, resource: Any, instance: object) -> None:
        super().compare_with(resource, instance)
        self.shown = [getattr(field.widget, "shown", str) for field in resource.get_import_fields()]

    def as_html(self) -> list[SafeString]:
        cells = zip(self.shown, self.left, self.right, strict=True)
        return [_cell("" if self.new else shown(before), shown(after)) for shown, before, after in cells]


def _cell(before: str, after: str) -> SafeString:
    if before == after:
        return format_html("{}", after)
    parts = [(tag, text) for tag, text in (("del", before), ("ins", after)) if text]
    return format_html_join(" ", "<{0}>{1}</{0}>", parts)


class Sheet(CSV):  # type: ignore[misc]  # ships no types
    """CSV by our own reader and writer. Read as bytes: the encoding is found out, not assumed."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, **_kwargs: object) -> tablib.Dataset:
        """Raises NoSheet."""
        names, *rows = sheets.read(in_stream)
        return tablib.Dataset(*rows, headers=names)

    def export_data(self, dataset: tablib.Dataset, **_kwargs: object) -> bytes:
        return (sheets.MARK + sheets.written([dataset.headers, *dataset])).encode()


class Exchange(ImportExportMixin):  # type: ignore[misc]  # ships no types
    """CSV in and out. Cells that a spreadsheet would run as a formula are defused on the way out."""

    formats = (Sheet,)
    skip_export_form = True
    import_template_name = "admin/incidents/import.html"
    # Shared by the web processes: the file looked at in one step is saved in the next.
    tmp_storage_class = CacheStorage

    def process_import(self, request: HttpRequest, **kwargs: object) -> HttpResponse:
        """The second step of an import only acts; by a link, or without its file, one is led to the first."""
        looked_at = CacheStorage(name=request.POST.get("import_file_name", ""))
        if request.method != "POST" or looked_at.read() is None:
            if request.method == "POST":
                messages.error(request, _("That file is not kept any more. Choose it again."))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        answer: HttpResponse = super().process_import(request, **kwargs)
        return answer

    def process_result(self, result: Any, request: HttpRequest) -> HttpResponse:
        """What was right when it was looked at may be wrong by now; then nothing was written."""
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, _("Something changed meanwhile. Look at the rows again."))
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")
        answer: HttpResponse = super().process_result(result, request)
        return answer

    def get_import_data_kwargs(self, **kwargs: object) -> dict[str, object]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def add_data_read_fail_error_to_form(self, form: Any, e: Exception) -> None:
        if not isinstance(e, sheets.NoSheet):
            raise e
        form.add_error("import_file", str(e))

    def has_import_permission(self, request: HttpRequest) -> bool:
        may_write: bool = self.has_add_permission(request) and self.has_change_permission(request)
        return may_write

    def has_export_permission(self, request: HttpRequest) -> bool:
        may_read: bool = self.has_view_permission(request)
        return may_read


class Guarded(resources.ModelResource):  # type: ignore[misc]  # ships no types
    """A file changes what its person may change on the pages: who reads what goes by the same rules."""

    def before_save_instance(self, instance: object, row: object, **kwargs: Any) -> None:
        super().before_save_instance(instance, row, **kwargs)
        actor = Actor(kwargs.get("user"), Via.IMPORT)
        if refusal := self.refusal(instance, row, actor):
            raise ValidationError(refusal)

    def refusal(self, instance: Any, row: object, actor: Actor) -> str:
        """Of what sends work to a team."""
        if not instance.pk or not hasattr(instance, "team_id"):
            return ""
        before = workflow.routed_to(type(instance)._default_manager.get(pk=instance.pk))
        return workflow.why_not_reroute(before, actor) if workflow.routed_to(instance) != before else ""

    class Meta:
        abstract = True


class Catalogue(Guarded):
    """Rows are found again by what people call them, so a file can be edited and brought back."""

    is_active = fields.Field("is_active", "is_active", YesNo())

    def get_diff_class(self) -> type[Diff]:
        return PlainDiff

    def before_import(self, dataset: tablib.Dataset, **_kwargs: object) -> None:
        """Raises ValueError for columns nobody knows, and for two rows of one name."""
        known = [field.column_name for field in self.get_import_fields()]
        for name in dataset.headers:
            if name not in known or dataset.headers.count(name) > 1:
                raise ValueError(
                    _("“%(name)s” is no column, or stands twice. Known: %(known)s.")
                    % {"name": name[:40], "known": ", ".join(known)}
                )
        keys = [name for name in self._meta.import_id_fields if name in dataset.headers]
        if "name" not in keys:
            raise ValueError(_("There is no column “name”."))
        seen: dict[tuple[str, ...], int] = {}
        for number, row in enumerate(dataset.dict, start=2):
            if not one_line(row["name"]):
                raise ValueError(_("Row %(row)d has no name that can be seen. Write one.") % {"row": number})
            key = tuple(one_line(row[name]).casefold() for name in keys)
            if key in seen:
                raise ValueError(
                    _("Rows %(first)d and %(second)d are of one name, “%(name)s”. Keep one of them.")
                    % {"first": seen[key], "second": number, "name": row["name"][:80]}
                )
            seen[key] = number

    def before_import_row(self, row: Any, **_kwargs: object) -> None:
        row["name"] = one_line(row["name"])

    class Meta:
        abstract = True
        import_id_fields: tuple[str, ...] = ("name",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True


def named(column: str, model: Any, field: str = "name", **among: Any) -> object:
    return fields.Field(column, column, Named(model, field, **among))


class LocationResource(Catalogue):
    is_active = None
    team = named("team", Team)

    class Meta(Catalogue.Meta):
        model = Location
        fields = ("name", "country", "time_zone", "team")


class TeamResource(Catalogue):
    members = fields.Field("members", "members", Several(User, "username"))

    def refusal(self, instance: Any, row: Any, actor: Actor) -> str:
        if not instance.pk:
            return ""
        was_active = Team.objects.filter(pk=instance.pk, is_active=True).exists()
        if was_active and not instance.is_active and (refusal := workflow.why_not_reroute(instance, actor)):
            return refusal
        if "members" not in row:
            return ""
        wanted = {person.pk for person in self.fields["members"].clean(row)}
        is_same = wanted == set(instance.members.values_list("pk", flat=True))
        return "" if is_same else workflow.why_not_staff(instance, actor)

    class Meta(Catalogue.Meta):
        model = Team
        fields = ("name", "email", "members", "is_active")


class ServiceResource(Catalogue):
    team = named("team", Team)
    owner = named("owner", User, "username")
    criticality = fields.Field("criticality", "criticality", Choice(Criticality))
    is_public = fields.Field("is_public", "is_public", YesNo())
    depends_on = fields.Field("depends_on", "depends_on", Several(Service))

    class Meta(Catalogue.Meta):
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


class ConfigurationItemResource(Catalogue):
    service = named("service", Service)
    location = named("location", Location)
    kind = fields.Field("kind", "kind", Choice(ItemKind))

    class Meta(Catalogue.Meta):
        model = ConfigurationItem
        fields = ("name", "kind", "service", "location", "serial_number", "is_active")


class CategoryResource(Catalogue):
    """Two levels: a row is known by its name and its parent's. Parents come before their children."""

    parent = fields.Field("parent", "parent", Named(Category, parent=None), default=None)
    team = named("team", Team)

    class Meta(Catalogue.Meta):
        model = Category
        fields = ("parent", "name", "team", "is_active")
        import_id_fields = ("name", "parent")
