"""From a kept body to the alerts in it, told in the source's own time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from incidents.models import Source
from incidents.parsers import opsgenie
from incidents.parsers.alert import ParsedAlert, Unreadable
from incidents.parsers.registry import PARSERS

#: Headers that say what a body means, in lower case; others are not kept.
MEANING = ("sentry-hook-resource", opsgenie.ALIAS.lower(), opsgenie.ACTION.lower())


def meaning_of(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: str(value)[:500]
        for name, value in headers.items()
        if name.lower() in MEANING or name.lower().startswith("ce-")
    }


def read(payload: object, *, source: Source, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    """The alerts of a body that was made storable. Raises BadPayload."""
    zone = source.zone
    found = PARSERS[source.kind](payload, headers)
    return [alert if isinstance(alert, Unreadable) else in_zone(alert, zone) for alert in found]


def in_zone(alert: ParsedAlert, zone: ZoneInfo) -> ParsedAlert:
    """In the hour that comes twice, a start is in the first and an end in the second: order holds."""
    return replace(
        alert, starts_at=_in_utc(alert.starts_at, zone, 0), ends_at=_in_utc(alert.ends_at, zone, 1)
    )


def _in_utc(at: datetime | None, zone: ZoneInfo, fold: int) -> datetime | None:
    """In the hour that is left out, as if clocks had not been changed yet (for an end: already)."""
    if at is None or at.tzinfo is not None:
        return at
    return at.replace(tzinfo=zone, fold=fold).astimezone(UTC)
