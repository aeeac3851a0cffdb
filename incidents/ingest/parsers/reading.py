"""Reading foreign JSON without trusting its shape."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents.ingest.parsers.alert import BadPayload

#: Alertmanager's "has not ended".
ZERO_YEAR = "0001-"
#: A macro that its tool had nothing for.
UNEXPANDED = re.compile(r"\{[A-Z0-9_.]+\}|\$[A-Z0-9_]+\$?|\*UNKNOWN\*")


def record(value: Any, name: str) -> Mapping[str, Any]:
    """`value` as an object. Raises BadPayload."""
    if not isinstance(value, Mapping):
        raise BadPayload(f"“{name}” must be an object.")
    return value


def optional_record(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def records(value: Any, name: str) -> list[Mapping[str, Any]]:
    """`value` as a list of objects. Raises BadPayload."""
    if not isinstance(value, list):
        raise BadPayload(f"“{name}” must be a list.")
    return [record(item, name) for item in value]


def text(value: Any) -> str | None:
    """A text or number as text; None for what is empty, not there, or an unexpanded macro."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    words = str(value)
    return words if words.strip() and not UNEXPANDED.fullmatch(words.strip()) else None


def required(value: Any, name: str) -> str:
    """`value` as text. Raises BadPayload."""
    found = text(value)
    if found is None:
        raise BadPayload(f"“{name}” is missing.")
    return found


def first(*values: Any) -> str | None:
    """The first of them that says something."""
    return next((found for value in values if (found := text(value)) is not None), None)


def moment(value: Any) -> datetime | None:
    """ISO 8601 in the forms tools write; without a zone it is UTC. None for what is no time."""
    words = text(value)
    if words is None or words.startswith(ZERO_YEAR):
        return None
    words = re.sub(r"^(\d{4})\.(\d\d)\.(\d\d)", r"\1-\2-\3", words.strip())
    words = re.sub(r"\s+([+-]\d\d:?\d\d)$", r"\1", words)
    try:
        found = datetime.fromisoformat(words)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def epoch(value: Any, *, milliseconds: bool = False) -> datetime | None:
    """Seconds, or milliseconds, since 1970."""
    words = text(value)
    try:
        seconds = float(words or "nan") / (1000 if milliseconds else 1)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds) if seconds else None
    except (ValueError, OverflowError):
        return None


def seconds_only(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None
