"""What the pages of this room have in common with the rest of the desk."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from incidents.moments import Moment, MomentInput
from incidents.only_visible import VisibleAdmin

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    BaseAdmin = admin.ModelAdmin[Any]
    BaseTabular = admin.TabularInline[Any, Any]
    PeopleField = forms.ModelChoiceField[User]
else:
    StrOrPromise = str | Promise
    BaseAdmin = admin.ModelAdmin
    BaseTabular = admin.TabularInline
    PeopleField = forms.ModelChoiceField


class PersonField(PeopleField):
    """Chosen people are shown by name, not by log-in."""

    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()


class RoomAdmin(VisibleAdmin, BaseAdmin):
    """Every widget says its name; an empty list says what to do next."""

    empty_text: StrOrPromise = ""
    list_note: StrOrPromise = ""
    show_full_result_count = False
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Headed by what is in it: "Deliveries", not "Select delivery to change"."""
        title = {} if "_popup" in request.GET else {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 -- Django's signature
        """It knows who asks."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"request": request})

    def formfield_for_dbfield(
        self, db_field: "models.Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if isinstance(db_field, models.ForeignKey) and db_field.related_model is User:
            kwargs.setdefault("form_class", PersonField)
        if isinstance(db_field, models.DateTimeField):
            kwargs["form_class"], kwargs["widget"] = Moment, MomentInput
        if isinstance(db_field, models.URLField):
            kwargs.setdefault("assume_scheme", "https")
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            pair = getattr(field.widget, "widgets", None)
            named = zip(pair, (_("date"), _("time")), strict=False) if pair else [(field.widget, "")]
            for widget, part in named:
                widget.attrs.setdefault(
                    "aria-label", f"{field.label or db_field.verbose_name} {part}".strip()
                )
        return field


def cell(template: str, **facts: Any) -> SafeString:
    """One cell of a list, drawn by a small template of the desk."""
    return mark_safe(render_to_string(f"desk/cells/{template}.html", facts).strip())  # noqa: S308 -- a template's own escaping
