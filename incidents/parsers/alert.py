"""What every monitoring tool says in the end, whatever its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AlertStatus(StrEnum):
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CHANGED = "changed"  # something is said about an alert; whether it fires is not
    UNKNOWN = "unknown"


class BadPayload(Exception):
    """Can never be right, however often it is sent; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAlert:
    """One condition as its tool tells it, in the tool's own words. None: the body does not say.

    A time without a zone is in the zone of the source. `is_lesser`: the tool warns, and gives the
    severity that its alarm would have.
    """

    dedup_key: str | None
    status: AlertStatus
    title: str
    severity_raw: str | None = None
    description: str | None = None
    source: str | None = None
    service: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    url: str | None = None
    is_lesser: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One of several alerts that can never be right, and why; the others count."""

    why: str
