"""Datadog: a body its customer writes with $VARIABLES; these are the names of our template.

One monitor fires once for each of its groups: monitor and scope together are the key.
"""

import re
from collections.abc import Mapping
from typing import Any

from incidents.ingest.parsers.alert import AlertStatus, ParsedAlert
from incidents.ingest.parsers.reading import epoch, first, record, required, text

FIRING = {
    "triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "renotify",
}  # fmt: skip
PREFIXES = re.compile(r"^(\[[^\]]{1,30}\]\s*)+")
MENTIONS = re.compile(r"\s*@[\w.-]+")


def parse(body: Any, headers: Mapping[str, str]) -> list[ParsedAlert]:  # noqa: ARG001 -- every parser's signature
    event = record(body, "body")
    key = required(first(event.get("alert_id"), event.get("monitor_id")), "alert_id")
    tags = dict(tag.split(":", 1) for tag in (text(event.get("tags")) or "").split(",") if ":" in tag)
    return [
        ParsedAlert(
            dedup_key=f"{key}|{text(event.get('scopes')) or ''}",
            status=_status(text(event.get("alert_transition")) or ""),
            severity_raw=first(event.get("alert_priority"), event.get("severity")),
            title=PREFIXES.sub("", text(event.get("title")) or "") or "Datadog",
            description=_message(text(event.get("body"))),
            source=first(event.get("hostname"), tags.get("host")),
            service=tags.get("service"),
            starts_at=epoch(event.get("date"), milliseconds=True),
        )
    ]


def _status(transition: str) -> AlertStatus:
    if transition.lower() == "recovered":
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if transition.lower() in FIRING else AlertStatus.UNKNOWN


def _message(words: str | None) -> str | None:
    return MENTIONS.sub("", words.replace("%%%", "")).strip() if words else None
