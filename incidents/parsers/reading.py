"""Reading foreign JSON without trusting its shape."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from incidents import limits
from incidents.lines import one_line
from incidents.parsers.alert import BadPayload, ParsedAlert, Unreadable

#: Longer texts are cut before anything looks into them.
MAX_TEXT = limits.TEXT
#: Longer numbers are kept as texts: they are names.
MAX_DIGITS = 300
#: A float holds as many characters of a number.
EXACT = 16
#: No macro and no time is longer.
MAX_WORD = 100
#: Outside of these years no alert began; Alertmanager's "has not ended" is the year 1.
YEARS = range(1980, 2200)
#: A macro that its tool had nothing for.
UNEXPANDED = re.compile(r"\{[A-Z0-9_.]+\}|\$[A-Z0-9_]+\$?|\*UNKNOWN\*")


def loads(words: str) -> object:
    """JSON whose numbers stay what they were: those that a float or database would change, as texts."""
    return json.loads(words, parse_int=_whole, parse_float=_fraction)


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) and len(digits) <= EXACT else digits


def record(value: object, name: str) -> Mapping[str, object]:
    """`value` as an object. Raises BadPayload."""
    if not isinstance(value, Mapping):
        raise BadPayload(f"“{name}” must be an object.")
    return value


def optional_record(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def items(value: object, name: str) -> list[object]:
    """`value` as a list. Raises BadPayload."""
    if not isinstance(value, list):
        raise BadPayload(f"“{name}” must be a list.")
    return value


def each(items: Iterable[object], read: Callable[[Any], ParsedAlert]) -> list[ParsedAlert | Unreadable]:
    """Each of several alerts by itself. Raises BadPayload when not one of them can be read."""
    found = [_one(item, read) for item in items]
    if found and all(isinstance(alert, Unreadable) for alert in found):
        raise BadPayload(next(alert.why for alert in found if isinstance(alert, Unreadable)))
    return found


def _one(item: Any, read: Callable[[object], ParsedAlert]) -> ParsedAlert | Unreadable:
    try:
        return read(record(item, "alert"))
    except BadPayload as refusal:
        return Unreadable(str(refusal))


def text(value: object) -> str | None:
    """A text or number as text; None for what is empty, not there, or an unexpanded macro."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    words = str(value)[:MAX_TEXT]
    bare = words.strip()
    if len(bare) <= MAX_WORD and (UNEXPANDED.fullmatch(bare) or not one_line(bare)):
        return None
    return words


def required(value: object, name: str) -> str:
    """`value` as text. Raises BadPayload."""
    found = text(value)
    if found is None:
        raise BadPayload(f"“{name}” is missing.")
    return found


def first(*values: object) -> str | None:
    """The first of them that says something."""
    return next((found for value in values if (found := text(value)) is not None), None)


def moment(value: object) -> datetime | None:
    """ISO 8601 in the forms tools write. Without a zone it stays so. None for what is no time."""
    words = (text(value) or "").strip()
    if not words or len(words) > MAX_WORD:
        return None
    try:
        found = datetime.fromisoformat(_in_iso(words))
        return _sensible(found.astimezone(UTC) if found.tzinfo else found)
    except (ValueError, OverflowError):
        return None


def _in_iso(words: str) -> str:
    """Days with dots get dashes; a zone that stands apart is joined. No pattern looks at it."""
    *before, last = words.split()
    is_apart = before and last[0] in "+-"
    whole = " ".join(before) + last if is_apart else " ".join([*before, last])
    day = whole[:10]
    return (day.replace(".", "-") if day[4:5] == day[7:8] == "." else day) + whole[10:]


def utc(at: datetime | None) -> datetime | None:
    """Of tools whose times without a zone are in UTC."""
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at


def epoch(value: object, *, milliseconds: bool = False) -> datetime | None:
    """Seconds, or milliseconds, since 1970."""
    words = (text(value) or "").strip()
    try:
        seconds = float(words if len(words) <= MAX_WORD else "nan") / (1000 if milliseconds else 1)
        return _sensible(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    except (ValueError, OverflowError):
        return None


def _sensible(at: datetime) -> datetime | None:
    return at if at.year in YEARS else None


def seconds_only(at: datetime | None) -> datetime | None:
    return at.replace(microsecond=0) if at else None
