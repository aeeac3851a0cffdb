"""What every page of the desk's admin has in common."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from incidents.admin.seen import SEEN, SeenForm, seen_of, writable
from incidents.workflow.priority import desk_day
from itsm import timekeeping
from itsm.ui.pages import BaseForm, DeskPage


class DeskAdmin(DeskPage):
    def get_form(
        self, request: HttpRequest, obj: object = None, change: bool = False, **kwargs: object
    ) -> Any:
        """It knows what the page showed: a change overwrites nothing that came meanwhile."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if kwargs.get("fields", True) is None:
            return form
        bases = (form,) if obj is None else (SeenForm, form)
        return type(form.__name__, bases, {"model_admin": self})

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = kwargs.get("obj")
        if row is not None and row.pk and self.has_change_permission(request, row):
            form = context["adminform"].form
            if form.is_bound:  # a refused form has put its values on the row
                row = type(row)._default_manager.get(pk=row.pk)
            context[SEEN] = seen_of(self, request, row, writable(form))
        return super().render_change_form(request, context, *args, **kwargs)


class ReadOnlyAdmin(DeskAdmin):
    """Records that machines write: people read them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class InForceForm(BaseForm):
    """Rows that say from which day on they hold.

    Once that day is past, incidents were measured by them: they can be ended or followed by a newer
    row, and not be rewritten.
    """

    start_field = "valid_from"
    may_change: tuple[str, ...] = ()

    def clean(self) -> dict[str, object]:
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


def without_bulk_delete(actions: dict[str, Any]) -> dict[str, object]:
    """Where single rows may not be deleted, many at once may not either."""
    return {name: action for name, action in actions.items() if name != "delete_selected"}


def counted(rows: QuerySet[Any], outer: str) -> Any:
    """How many of `rows` belong to the row of the list, as a subquery: no join that multiplies others."""
    per_row = rows.order_by().values(outer).annotate(n=models.Count("pk")).values("n")
    return Coalesce(models.Subquery(per_row, output_field=models.IntegerField()), 0)
