"""Datadog: a body its customer writes with $VARIABLES; these are the names of our template.

One monitor fires once for each of its groups: monitor and scope together are the key.
"""

import re
from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.reading import epoch, first, record, required, text

FIRING = {
    "triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "renotify",
}  # fmt: skip
WARNING = {"warn", "re-warn"}
PREFIXES = re.compile(r"(?:\[[^\]]{1,30}\] {0,3}){1,9}")
#: Whom Datadog tells; an address inside a word is none.
MENTIONS = re.compile(r"(?<!\S)@[\w.-]+")
MAX_TITLE = 500
TOLD = frozenset({"alert_id", "scopes", "title", "body", "tags", "date", "last_updated", "hostname", "id"})


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    event = record(body, "body")
    key = required(first(event.get("alert_id"), event.get("monitor_id")), "alert_id")
    tags = dict(tag.split(":", 1) for tag in (text(event.get("tags")) or "").split(",") if ":" in tag)
    priority = first(event.get("alert_priority"), event.get("severity"))
    transition = (text(event.get("alert_transition")) or "").strip().lower()
    return [
        ParsedAlert(
            dedup_key=f"{key}|{text(event.get('scopes')) or ''}",
            status=_status(transition),
            severity_raw=priority or text(event.get("alert_type")),
            title=_title(text(event.get("title")) or ""),
            description=_message(text(event.get("body"))),
            source=first(event.get("hostname"), tags.get("host")),
            service=tags.get("service"),
            starts_at=epoch(event.get("date"), milliseconds=True),
            is_lesser=priority is not None and transition in WARNING,
            **facts(tags, event, but=TOLD),
        )
    ]


def _status(transition: str) -> AlertStatus:
    if transition == "recovered":
        return AlertStatus.RESOLVED
    return AlertStatus.FIRING if transition in FIRING else AlertStatus.UNKNOWN


def _title(words: str) -> str:
    words = words[:MAX_TITLE]
    prefixes = PREFIXES.match(words)
    return words[prefixes.end() if prefixes else 0 :].strip() or "Datadog"


def _message(words: str | None) -> str | None:
    return MENTIONS.sub("", words.replace("%%%", "")).strip() if words else None
