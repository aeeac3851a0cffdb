"""Cells of a catalogue table: each is read into its value, or named with what to write instead."""

import re
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from import_export import widgets

from incidents.lines import one_line

YES = frozenset({"1", "true", "yes", "y"})
NO = frozenset({"0", "false", "no", "n"})
#: A name may hold the bar that parts names; it is written with a backslash before it.
BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")


class Named(widgets.ForeignKeyWidget):  # type: ignore[misc]  # ships no types
    """Another row by what people call it. `among` are those that may be named."""

    def __init__(self, model: type[Model], field: str = "name", **among: object) -> None:
        super().__init__(model, field)
        self.among = among

    def clean(self, value: Any, row: object = None, **_kwargs: object) -> Model | None:
        name = one_line(value or "")
        return found(self.model.objects.filter(**self.among), self.field, name) if name else None


class Several(widgets.ManyToManyWidget):  # type: ignore[misc]  # ships no types
    """Rows of another table, with bars between their names."""

    def __init__(self, model: type[Model], field: str = "name") -> None:
        super().__init__(model, separator="|", field=field)

    def clean(self, value: Any, row: object = None, **_kwargs: object) -> list[Model]:
        names = [one_line(name) for name in split(value or "")]
        return [found(self.model.objects.all(), self.field, name) for name in names if name]

    def render(self, value: Any, obj: object = None, **_kwargs: object) -> str:
        names = [str(getattr(row, self.field)) for row in value.all()] if value is not None else []
        return "|".join(re.sub(r"([\\|])", r"\\\1", name) for name in sorted(names))


class YesNo(widgets.BooleanWidget):  # type: ignore[misc]  # ships no types
    def clean(self, value: object, row: object = None, **_kwargs: object) -> bool:
        said = str(value or "").strip().lower()
        if said not in YES | NO:
            raise ValueError(_("“%(value)s” is neither yes nor no. Write 1 or 0.") % {"value": said[:40]})
        return said in YES

    def shown(self, value: str) -> str:
        return {"1": _("Yes"), "0": _("No")}.get(value, value)


class Choice(widgets.Widget):  # type: ignore[misc]  # ships no types
    """One of a few values, as stored or as people read it."""

    def __init__(self, choices: Any) -> None:
        super().__init__()
        self.choices = choices

    def clean(self, value: object, row: object = None, **_kwargs: object) -> object:
        said = str(value or "").strip().lower()
        for choice, label in self.choices.choices:
            if said in {str(choice).lower(), str(label).lower()}:
                return choice
        offered = ", ".join(str(choice) for choice in self.choices.values)
        raise ValueError(_("“%(value)s” is none of: %(offered)s.") % {"value": said[:40], "offered": offered})

    def shown(self, value: str) -> str:
        labels = {str(choice): str(label) for choice, label in self.choices.choices}
        return labels.get(value, value)


def found(rows: QuerySet[Any], field: str, name: str) -> Any:
    row = rows.filter(**{field: name}).order_by("pk").first()
    if row is None:
        kind = rows.model._meta.verbose_name
        raise ValueError(_("There is no %(kind)s “%(name)s”.") % {"kind": kind, "name": name[:80]})
    return row


def split(cell: str) -> list[str]:
    """By bars, but for those behind a backslash."""
    names, start = [], 0
    for bar in BAR.finditer(cell):
        names.append(cell[start : bar.end() - 1])
        start = bar.end()
    names.append(cell[start:])
    return [re.sub(r"\\([\\|])", r"\1", name) for name in names]
