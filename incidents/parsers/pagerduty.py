"""PagerDuty Events v2: what any tool that can page PagerDuty can send here instead."""

import json
from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, BadPayload, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import first, moment, record, required, text

#: Header the door of change events sets.
ACTION, CHANGE = "X-Alert-Action", "change"
STATUSES = {
    "trigger": AlertStatus.FIRING,
    "acknowledge": AlertStatus.ACKNOWLEDGED,
    "resolve": AlertStatus.RESOLVED,
}
SEVERITIES = {"critical", "error", "warning", "info"}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    event = record(body, "body")
    if headers.get(ACTION) == CHANGE:
        return []  # kept, and no alarm
    status = STATUSES.get(text(event.get("event_action")) or "")
    if status is None:
        raise BadPayload("“event_action” must be trigger, acknowledge or resolve.")
    if status != AlertStatus.FIRING:
        key = required(event.get("dedup_key"), "dedup_key")
        return [ParsedAlert(dedup_key=key, status=status, title=key)]
    payload = record(event.get("payload"), "payload")
    if payload.get("severity") not in SEVERITIES:
        raise BadPayload("“payload.severity” must be critical, error, warning or info.")
    details = payload.get("custom_details")
    return [
        ParsedAlert(
            dedup_key=text(event.get("dedup_key")),
            status=status,
            severity_raw=text(payload.get("severity")),
            title=required(payload.get("summary"), "payload.summary"),
            description=text(details) if not isinstance(details, Mapping | list) else json.dumps(details),
            source=required(payload.get("source"), "payload.source"),
            service=first(payload.get("component")),
            starts_at=moment(payload.get("timestamp")),
            **facts(
                details,
                {name: payload.get(name) for name in ("group", "class", "component")},
                named(event.get("links"), "text", "href"),
                named(event.get("images"), "alt", "href"),
                {"client": event.get("client"), "client_url": event.get("client_url")},
            ),
        )
    ]
