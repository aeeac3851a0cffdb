"""Zabbix, webhook media type: macros chosen by its administrator, all of them texts.

A recovery keeps the EVENT.ID of its problem. Times have no zone; they are read as UTC.
"""

import json
from collections.abc import Mapping
from typing import Any

from incidents.ingest.parsers import generic
from incidents.ingest.parsers.alert import AlertStatus, ParsedAlert
from incidents.ingest.parsers.reading import first, moment, record, required, text


def parse(body: Any, headers: Mapping[str, str]) -> list[ParsedAlert]:
    event = record(body, "body")
    if "alert_uid" in event:
        return generic.parse(event, headers)
    starts = f"{text(event.get('EVENT.DATE')) or ''} {text(event.get('EVENT.TIME')) or ''}"
    ends = f"{text(event.get('EVENT.RECOVERY.DATE')) or ''} {text(event.get('EVENT.RECOVERY.TIME')) or ''}"
    return [
        ParsedAlert(
            dedup_key=required(event.get("EVENT.ID"), "EVENT.ID"),
            status=_status(event),
            severity_raw=text(event.get("EVENT.SEVERITY")),
            title=first(event.get("EVENT.NAME"), event.get("ALERT.SUBJECT")) or "Zabbix",
            description=first(event.get("TRIGGER.DESCRIPTION"), event.get("ALERT.MESSAGE")),
            source=first(event.get("HOST.HOST"), event.get("HOST.NAME")),
            service=_tag(event.get("EVENT.TAGSJSON"), "service"),
            starts_at=moment(starts),
            ends_at=moment(ends) if _status(event) == AlertStatus.RESOLVED else None,
            url=_url(event) if _status(event) == AlertStatus.FIRING else None,
        )
    ]


def _status(event: Mapping[str, Any]) -> AlertStatus:
    if text(event.get("EVENT.VALUE")) == "0":
        return AlertStatus.RESOLVED
    action = text(event.get("EVENT.UPDATE.ACTION")) or ""
    if text(event.get("EVENT.UPDATE.STATUS")) == "1":
        return AlertStatus.ACKNOWLEDGED if "acknowledged" in action else AlertStatus.UNKNOWN
    return AlertStatus.FIRING


def _tag(tags: Any, name: str) -> str | None:
    try:
        found = json.loads(tags)
        return next((text(tag.get("value")) for tag in found if tag.get("tag") == name), None)
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _url(event: Mapping[str, Any]) -> str | None:
    base, trigger = text(event.get("ZABBIX.URL")), text(event.get("TRIGGER.ID"))
    if base is None or trigger is None:
        return None
    return f"{base.rstrip('/')}/tr_events.php?triggerid={trigger}&eventid={text(event.get('EVENT.ID'))}"
