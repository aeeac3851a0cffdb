"""Date and time as people read the clock: in the hour that comes twice too, not in the one left out."""

from contextlib import suppress
from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

TYPED = "%Y-%m-%dT%H:%M"


def readings(naive: datetime, zone: tzinfo) -> list[datetime]:
    """The moments at which a clock there shows `naive`: one, two in autumn, none in the hour left out."""
    both = [naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    shown = [at for at in both if at.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive]
    return shown[:1] if shown and shown[0].utcoffset() == shown[-1].utcoffset() else shown


class MomentInput(forms.DateTimeInput):
    """The browser's own picker; beside an hour that comes twice a choice of the two."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs={"type": "datetime-local", **(attrs or {})}, format=TYPED)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> object:
        """What was typed, with the offset that was chosen where it has two."""
        typed = super().value_from_datadict(data, files, name)
        naive = parsed(typed)
        if naive is None or naive.tzinfo is not None:
            return typed
        offsets = [offset(at) for at in readings(naive, timezone.get_current_timezone())]
        chosen = data.get(f"{name}_offset")
        return f"{typed}{chosen}" if len(offsets) > 1 and chosen in offsets else typed

    def render(self, name: str, value: object, attrs: Any = None, renderer: Any = None) -> SafeString:
        at = parsed(value)
        if at is None:
            return super().render(name, value, attrs, renderer)
        zone = timezone.get_current_timezone()
        is_told = at.tzinfo is not None or isinstance(value, datetime)
        local = at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)
        naive = local.replace(tzinfo=None, fold=0)
        line = super().render(name, naive, attrs, renderer)
        both = readings(naive, zone)
        if len(both) < 2:
            return line
        choices = [(offset(each), label(each)) for each in both]
        chosen = offset(local) if is_told else ""
        return line + render_to_string(
            "ui/widgets/moment.html", {"name": f"{name}_offset", "choices": choices, "chosen": chosen}
        )


class Moment(forms.DateTimeField):
    """In the reader's zone. Raises ValidationError for an hour of which there are two, or none."""

    widget = MomentInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        naive = parsed(value)
        if naive is None or naive.tzinfo is not None:
            return super().to_python(value)
        zone = timezone.get_current_timezone()
        found = readings(naive, zone)
        words = {"time": date_format(naive, "DATETIME_FORMAT"), "zone": str(zone)}
        if not found:
            message = _(
                "%(time)s is left out in %(zone)s: clocks go forward over it. Write a time before or after."
            )
            raise ValidationError(message, code="left_out", params=words)
        if len(found) > 1:
            message = _(
                "%(time)s comes twice in %(zone)s: clocks go back. Choose beside it which one is meant."
            )
            raise ValidationError(message, code="twice", params=words)
        return found[0]


def parsed(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    with suppress(ValueError):
        return parse_datetime(value.strip()) if isinstance(value, str) else None
    return None


def offset(at: datetime) -> str:
    """Such as +02:00."""
    return at.isoformat()[-6:]


def label(at: datetime) -> str:
    words = {"name": at.tzname(), "offset": offset(at)}
    return (
        _("the second, %(name)s (UTC%(offset)s)") if at.fold else _("the first, %(name)s (UTC%(offset)s)")
    ) % words
