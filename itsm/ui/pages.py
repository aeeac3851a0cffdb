"""What the pages of all rooms have in common in the admin."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db import models
from django.forms import ModelChoiceField, Widget
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from itsm.ui.moments import Moment, MomentInput
from itsm.ui.names import person_name
from itsm.ui.only_visible import VisibleAdmin, VisibleRows
from itsm.ui.texts import StrOrPromise

if TYPE_CHECKING:
    BaseAdmin = admin.ModelAdmin[Any]
    BaseTabular = admin.TabularInline[Any, Any]
    BaseStacked = admin.StackedInline[Any, Any]
    BaseForm = forms.ModelForm[Any]
    PeopleField = ModelChoiceField[User]
else:
    BaseAdmin = admin.ModelAdmin
    BaseTabular = admin.TabularInline
    BaseStacked = admin.StackedInline
    BaseForm = forms.ModelForm
    PeopleField = ModelChoiceField


class PersonChoiceField(PeopleField):
    """Chosen people are shown by name, not by log-in."""

    def label_from_instance(self, obj: User) -> str:
        return person_name(obj)


class ZoneInput(forms.TextInput):
    """A line to type in, with every zone this machine knows offered."""

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        options = f"{(attrs or {}).get('id', name)}-zones"
        line = super().render(name, value, {**(attrs or {}), "list": options}, renderer)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and "Etc" not in zone)
        return line + render_to_string("ui/widgets/zones.html", {"id": options, "zones": zones})


class Labelled(VisibleRows):
    """Every widget says its name: stock inlines, editable lists and date-time pairs have no label."""

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        if db_field.name == "time_zone":
            kwargs["widget"] = ZoneInput()
        if isinstance(db_field, models.DateTimeField):
            kwargs["form_class"], kwargs["widget"] = Moment, MomentInput
        if isinstance(db_field, models.ForeignKey) and db_field.related_model is User:
            kwargs.setdefault("form_class", PersonChoiceField)
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return None
        for widget, part in _parts_of(field.widget):
            widget.attrs.setdefault("aria-label", f"{field.label or db_field.verbose_name} {part}".strip())
        return field


def _parts_of(widget: Widget) -> Iterable[tuple[Widget, StrOrPromise]]:
    pair = getattr(widget, "widgets", None)
    return zip(pair, (_("date"), _("time")), strict=False) if pair else [(widget, "")]


class DeskList(ChangeList):
    """Says how many were found where something was looked for. The whole is not counted."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            self.full_result_count = self.result_count


class DeskPage(Labelled, VisibleAdmin, BaseAdmin):
    """`empty_text` says what to do next where a list has no rows."""

    empty_text: StrOrPromise = ""
    #: The heading of the list, where the model's own name is not what people say.
    list_title: StrOrPromise = ""
    #: What a reader should know before the rows: how dating works, who may change this.
    list_note: StrOrPromise = ""
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return DeskList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Headed by what is in it: "Services", not "Select service to change"."""
        title = self.list_title or capfirst(self.opts.verbose_name_plural)
        chosen = {} if "_popup" in request.GET else {"title": title}
        return super().changelist_view(request, {**chosen, **(extra_context or {})})

    def get_form(
        self, request: HttpRequest, obj: object = None, change: bool = False, **kwargs: object
    ) -> Any:
        """It knows who asks."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if kwargs.get("fields", True) is None:  # only its fields are asked for
            return form
        return type(form.__name__, (form,), {"request": request})
