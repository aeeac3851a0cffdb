"""Time zones by their IANA names."""

from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    Column = models.CharField[str, str]
else:
    Column = models.CharField


@cache
def known() -> frozenset[str]:
    return frozenset(available_timezones())


def validate_zone(name: str) -> None:
    """Raises ValidationError for a zone that nobody knows: no clock could run by it."""
    if name not in known():
        raise ValidationError(
            _("%(name)s is no time zone. Write one such as Europe/Berlin or UTC."), params={"name": name}
        )


class ZoneField(Column):
    """Checked by every door; for migrations a plain text column."""

    default_validators = [validate_zone]

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
