"""What every page of the desk's admin has in common."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.forms import ModelChoiceField, Widget
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from incidents import timekeeping
from incidents.admin.seen import SEEN, SeenForm, seen_of, writable
from incidents.moments import Moment, MomentInput
from incidents.only_visible import VisibleAdmin, VisibleRows
from incidents.workflow.priority import desk_day

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

    BaseAdmin = admin.ModelAdmin[Any]
    BaseTabular = admin.TabularInline[Any, Any]
    BaseStacked = admin.StackedInline[Any, Any]
    BaseForm = forms.ModelForm[Any]
    PeopleField = ModelChoiceField[User]
else:
    Text = str | Promise
    BaseAdmin = admin.ModelAdmin
    BaseTabular = admin.TabularInline
    BaseStacked = admin.StackedInline
    BaseForm = forms.ModelForm
    PeopleField = ModelChoiceField


StrOrPromise: TypeAlias = Text


def name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


class PersonChoiceField(PeopleField):
    """Chosen people are shown by name, not by log-in."""

    def label_from_instance(self, obj: User) -> str:
        return name_of(obj)


class ZoneInput(forms.TextInput):
    """A line to type in, with every zone this machine knows offered."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = f"{(attrs or {}).get('id', name)}-zones"
        line = super().render(name, value, {**(attrs or {}), "list": options}, renderer)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and "Etc" not in zone)
        return line + render_to_string("desk/widgets/zones.html", {"id": options, "zones": zones})


class Labelled(VisibleRows):
    """Every widget says its name: stock inlines, editable lists and date-time pairs have no label."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        if db_field.name == "time_zone":
            kwargs["widget"] = ZoneInput()
        if isinstance(db_field, models.DateTimeField):
            kwargs["form_class"], kwargs["widget"] = Moment, MomentInput
        if isinstance(db_field, models.ForeignKey) and db_field.related_model is User:
            kwargs.setdefault("form_class", PersonChoiceField)
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return None
        for widget, part in parts_of(field.widget):
            widget.attrs.setdefault("aria-label", f"{field.label or db_field.verbose_name} {part}".strip())
        return field


def parts_of(widget: Widget) -> Iterable[tuple[Widget, StrOrPromise]]:
    pair = getattr(widget, "widgets", None)
    return zip(pair, (_("date"), _("time")), strict=False) if pair else [(widget, "")]


class DeskAdmin(Labelled, VisibleAdmin, BaseAdmin):
    """`empty_text` says what to do next where a list has no rows."""

    empty_text: StrOrPromise = ""
    #: The heading of the list, where the model's own name is not what people say.
    list_title: StrOrPromise = ""
    #: What a reader should know before the rows: how dating works, who may change this.
    list_note: StrOrPromise = ""
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Headed by what is in it: "Services", not "Select service to change"."""
        title = self.list_title or capfirst(self.opts.verbose_name_plural)
        chosen = {} if "_popup" in request.GET else {"title": title}
        return super().changelist_view(request, {**chosen, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        """It knows who asks, and what the page showed: a change overwrites nothing that came meanwhile."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if kwargs.get("fields", True) is None:  # only its fields are asked for
            return form
        bases = (form,) if obj is None else (SeenForm, form)
        return type(form.__name__, bases, {"model_admin": self, "request": request})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and row.pk and self.has_change_permission(request, row):
            form = context["adminform"].form
            if form.is_bound:  # a refused form has put its values on the row
                row = type(row)._default_manager.get(pk=row.pk)  # noqa: SLF001 -- Django's own
            context[SEEN] = seen_of(self, request, row, writable(form))
        return super().render_change_form(request, context, *args, **kwargs)


class ReadOnlyAdmin(DeskAdmin):
    """Records that machines write: people read them."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 -- Django's signature
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 -- Django's signature
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 -- Django's signature
        return False


class InForceForm(BaseForm):
    """Rows that say from which day on they hold.

    Once that day is past, incidents were measured by them: they can be ended or followed by a newer
    row, and not be rewritten.
    """

    start_field = "valid_from"
    may_change: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start = self.initial.get(self.start_field)
        rewritten = set(self.changed_data) - set(self.may_change) - {"DELETE"}
        if self.instance.pk and rewritten and is_past(start):
            raise ValidationError(
                _(
                    "This is in force since %(day)s, and incidents were measured by it. "
                    "Leave it as it is and add a row with a later day."
                ),
                params={"day": start},
            )
        return cleaned


class InForceFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        for form in self.deleted_forms:
            if is_past(form.initial.get(form.start_field)):  # type: ignore[attr-defined]
                raise ValidationError(
                    _(
                        "Rows of the past cannot be removed: incidents were measured by them. "
                        "Add a newer row instead."
                    )
                )


def is_past(start: date | None) -> bool:
    """By the day of the desk, whatever zone the reader is in."""
    return start is not None and start < desk_day(timekeeping.now())


def cell(template: str) -> Callable[..., SafeString]:
    """Draws one cell of a list; cells are small templates, so that designers can edit them."""

    def draw(**facts: Any) -> SafeString:
        return mark_safe(render_to_string(f"desk/cells/{template}.html", facts).strip())  # noqa: S308 -- a template's own escaping

    return draw


person_cell = cell("person")
tag_cell = cell("tag")
two_lines = cell("two_lines")
priority_cell = cell("priority")
duration_cell = cell("duration")
ago_cell = cell("ago")


def without_bulk_delete(actions: dict[str, Any]) -> dict[str, Any]:
    """Where single rows may not be deleted, many at once may not either."""
    return {name: action for name, action in actions.items() if name != "delete_selected"}


def counted(rows: QuerySet[Any], outer: str) -> Any:
    """How many of `rows` belong to the row of the list, as a subquery: no join that multiplies others."""
    per_row = rows.order_by().values(outer).annotate(n=models.Count("pk")).values("n")
    return Coalesce(models.Subquery(per_row, output_field=models.IntegerField()), 0)
