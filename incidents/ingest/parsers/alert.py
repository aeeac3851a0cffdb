"""What every monitoring tool says in the end, whatever its words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AlertStatus(StrEnum):
    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    UNKNOWN = "unknown"


class BadPayload(Exception):
    """Can never be right, however often it is sent; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAlert:
    """One condition as its tool tells it, in the tool's own words. None: the body does not say."""

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
