"""The one rule of every admin page: only rows that their reader may know of, and only by what they show.

Lists, single rows, choices of forms, suggestions, previews of a deletion and filters in the address all
start from the `visible_to` of the model, where it has one.
"""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

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


class VisibleRows(Base):
    """Of pages and of the tables inside them."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return only_visible(super().get_queryset(request), request)

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """What a form offers and takes."""
        rows: QuerySet[Any] = db_field.remote_field.model._default_manager.using(db)  # noqa: SLF001 -- Django's own
        if hasattr(rows.all(), "visible_to"):
            return only_visible(rows.all(), request).order_by("-pk")
        found: QuerySet[Any] | None = super().get_field_queryset(db, db_field, request)
        return found


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
        offered = {*self.linked_lookups, *map(_path_of, self.get_list_filter(request))}
        is_offered = any(lookup == path or lookup.startswith(f"{path}__") for path in offered)
        return is_offered and (lookup in offered or super().lookup_allowed(lookup, value, request))

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


def _path_of(spec: Any) -> str:
    """What a filter of a list reads from the address."""
    if isinstance(spec, str):
        return spec
    if isinstance(spec, tuple | list):
        return str(spec[0])
    return str(getattr(spec, "parameter_name", ""))
