"""The one rule of every admin page: only rows that their reader may know of, and only by what they show.

Lists, single rows, choices of forms, suggestions, previews of a deletion and filters in the address all
start from the `visible_to` of the model, where it has one.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import NestedObjects
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils.text import capfirst
from simple_history.admin import SimpleHistoryAdmin

if TYPE_CHECKING:
    from django.contrib.admin.options import BaseModelAdmin, ModelAdmin

    Base = BaseModelAdmin[Any]
    BaseAdmin = ModelAdmin[Any]
else:
    Base = BaseAdmin = object


def only_visible(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """The rows as they are where nothing of them is anybody's secret."""
    cut = getattr(rows, "visible_to", None)
    return rows if cut is None else cut(request.user)


class Suggestions(AutocompleteSelect):
    """The admin's suggestions. What was sent and can be no key is no row, and no fault of the page either."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        keys = [key for key in value if not key or (str(key).isascii() and str(key).isdigit())]
        return super().optgroups(name, keys, attrs)


class SuggestionsOfMany(Suggestions, AutocompleteSelectMultiple):
    pass


class VisibleRows(Base):
    """Of pages and of the tables inside them."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Suggestions(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: object) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", SuggestionsOfMany(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return only_visible(super().get_queryset(request), request)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a form offers and takes."""
        rows: QuerySet[Any] = db_field.remote_field.model._default_manager.using(db)
        if hasattr(rows.all(), "visible_to"):
            return only_visible(rows.all(), request).order_by("-pk")
        found: QuerySet[Any] | None = super().get_field_queryset(db, db_field, request)
        return found


class ReadOnlyHistory(SimpleHistoryAdmin):  # type: ignore[misc]  # ships no types
    """Versions of a row are read. The stock page takes a POST by the right to view them, and saves it."""

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: object = None
    ) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        page: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
        return page


class VisibleAdmin(VisibleRows, BaseAdmin):
    """`linked_lookups`: what addresses of ours narrow a list by, beside its filters."""

    linked_lookups: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A column that the list does not offer cannot be guessed at letter by letter either."""
        name = lookup.partition("__")[0]
        try:
            self.opts.get_field(name)
        except FieldDoesNotExist:
            return super().lookup_allowed(lookup, value, request)  # no column: Django's matter
        filters = self.get_list_filter(request)
        if lookup in {*self.linked_lookups, *(getattr(spec, "parameter_name", "") for spec in filters)}:
            return True
        paths = {
            spec if isinstance(spec, str) else spec[0] for spec in filters if isinstance(spec, str | tuple)
        }
        is_offered = any(lookup == path or lookup.startswith(f"{path}__") for path in paths)
        return is_offered and super().lookup_allowed(lookup, value, request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What goes along, and what stands against it: the chosen rows by name, all others by number."""
        rows: list[Any] = list(objs)
        collector: Any = NestedObjects(using=self.get_queryset(request).db, origin=rows)
        collector.collect(rows)
        forbidden = {
            model._meta.verbose_name
            for model, found in collector.model_objs.items()
            if self._refuses(model, found, request)
        }
        counts = {
            model._meta.verbose_name_plural: len(found) for model, found in collector.model_objs.items()
        }
        against: dict[Any, int] = {}
        for row in collector.protected:
            against[type(row)] = against.get(type(row), 0) + 1
        named = [f"{capfirst(row._meta.verbose_name)}: {row}" for row in rows]
        protected = [f"{capfirst(model._meta.verbose_name_plural)}: {n}" for model, n in against.items()]
        return named, counts, forbidden, protected

    def _refuses(self, model: Any, rows: Any, request: HttpRequest) -> bool:
        if not self.admin_site.is_registered(model):
            return False
        page = self.admin_site.get_model_admin(model)
        return any(not page.has_delete_permission(request, row) for row in rows)
