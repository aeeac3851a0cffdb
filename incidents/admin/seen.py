"""What a page showed of a row, field by field, so that nobody overwrites what they have not read."""

import hashlib
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Model
from django.forms.models import _get_foreign_key, model_to_dict
from django.http import HttpRequest
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.options import InlineModelAdmin

#: The name of the hidden field. A page that carries none (a script of somebody's own) is not guarded.
SEEN = "seen"
SHOWN = 300


def seen_of(model_admin: "ModelAdmin[Any]", request: HttpRequest, row: Model, names: list[str]) -> str:
    """`field:digest` of each field of the form, and of the rows below it."""
    parts = {name: _plain(value) for name, value in model_to_dict(row, fields=names).items()}
    parts |= {
        name: _rows_below(inline, row) for name, inline in inlines_of(model_admin, request, row).items()
    }
    return ",".join(f"{name}:{_digest(value)}" for name, value in sorted(parts.items()))


def writable(form: forms.BaseForm) -> list[str]:
    """What the form can change; a password hash that is only shown is none of it."""
    return [name for name, field in form.fields.items() if not field.disabled]


def inlines_of(
    model_admin: "ModelAdmin[Any]", request: HttpRequest, row: Model
) -> dict[str, "InlineModelAdmin[Any, Any]"]:
    return {
        inline.model._meta.model_name or "": inline  # a table below has one inline
        for inline in model_admin.get_inline_instances(request, row)
    }


def _rows_below(inline: "InlineModelAdmin[Any, Any]", row: Model) -> str:
    key = _get_foreign_key(type(row), inline.model, fk_name=inline.fk_name)
    below = inline.model._default_manager.filter(**{key.name: row.pk}).order_by("pk")
    return repr([{name: _plain(value) for name, value in model_to_dict(one).items()} for one in below])


def _plain(value: object) -> str:
    if isinstance(value, list):  # many to many; a list kept as JSON holds no rows
        return repr(sorted(one.pk if isinstance(one, Model) else one for one in value))
    return str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def changed_meanwhile(was: str, now: str) -> list[str]:
    """The fields that somebody else changed since the page was drawn."""
    before = dict(part.split(":", 1) for part in was.split(",") if ":" in part)
    after = dict(part.split(":", 1) for part in now.split(",") if ":" in part)
    return [name for name, digest in after.items() if before.get(name, digest) != digest]


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Mixed into the change forms of the desk; says at each field what it says now."""

    model_admin: "ModelAdmin[Any]"
    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        was = self.data.get(SEEN, "")
        if not was or not self.instance.pk:
            return cleaned
        rows = type(self.instance)._default_manager.select_for_update()
        row = rows.filter(pk=self.instance.pk).first()
        if row is None:
            return cleaned
        now = seen_of(self.model_admin, self.request, row, writable(self))
        for name in changed_meanwhile(was, now):
            self._tell(name, row)
        return cleaned

    def _tell(self, name: str, row: Model) -> None:
        if name not in self.fields:
            self.add_error(
                None,
                _("Somebody else changed the rows below since you opened this. Compare, then save again."),
            )
            return
        value = getattr(row, name)
        if hasattr(value, "all"):
            value = ", ".join(str(one) for one in value.all())
        message = _("Somebody else changed this since you opened it. It says now: %(value)s")
        self.add_error(name, message % {"value": str(value if value is not None else "–")[:SHOWN]})
