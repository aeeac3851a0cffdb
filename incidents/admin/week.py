"""Business hours of a week, written as people write them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from incidents.models.sla import WEEKDAYS, validate_week

DASHES = str.maketrans("–—", "--")


class WeekField(forms.CharField):
    """One line a day: `mon 09:00-12:00, 13:00-17:00`. Kept as the JSON that the clocks read."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            label=kwargs.get("label", _("week")),
            widget=forms.Textarea(
                attrs={"rows": 7, "cols": 40, "class": "week", "aria-label": _("Hours of the week")}
            ),
            help_text=_("One line a day, such as: mon 09:00-12:00, 13:00-17:00. Days left out are closed."),
        )

    def prepare_value(self, value: Any) -> object:
        if not isinstance(value, dict):
            return value  # as typed: an error loses no text
        lines = (
            f"{day} {', '.join('-'.join(span) for span in value[day])}" for day in WEEKDAYS if value.get(day)
        )
        return "\n".join(lines)

    def to_python(self, value: object) -> Any:
        text = super().to_python(value) or ""
        week: dict[str, list[list[str]]] = {}
        for line in text.splitlines():
            if line.strip():
                day, spans = day_of(line)
                week.setdefault(day, []).extend(spans)
        return week

    def validate(self, value: Any) -> None:
        super().validate(value)
        validate_week(value)

    def has_changed(self, initial: object, data: object) -> bool:
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


def day_of(line: str) -> tuple[str, list[list[str]]]:
    name, *rest = line.translate(DASHES).split(maxsplit=1)
    day = name.strip(":,").lower()[:3]
    if day not in WEEKDAYS:
        raise ValidationError(
            _("“%(line)s” does not begin with a day. Write mon, tue, wed, thu, fri, sat or sun."),
            params={"line": line},
        )
    spans = [span.strip() for span in rest[0].split(",")] if rest else []
    pairs = [[point.strip().zfill(5) for point in span.split("-")] for span in spans if span]
    if any(len(pair) != 2 for pair in pairs):
        raise ValidationError(
            _("“%(line)s”: write each span as from-to, such as 09:00-17:00."), params={"line": line}
        )
    return day, pairs
