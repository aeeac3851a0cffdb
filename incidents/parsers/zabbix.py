"""Zabbix, webhook media type: macros chosen by its administrator, all of them texts.

A recovery keeps the EVENT.ID of its problem. Times have no zone: they are those of its server.
"""

from collections.abc import Mapping
from typing import Any

from incidents.parsers import generic
from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import first, loads, moment, record, required, text

#: Has a field of its own, or is only there to make one.
TOLD = frozenset(
    {
        "EVENT.ID", "EVENT.NAME", "EVENT.SEVERITY", "EVENT.VALUE", "EVENT.DATE", "EVENT.TIME",
        "EVENT.TAGSJSON", "EVENT.RECOVERY.DATE", "EVENT.RECOVERY.TIME", "TRIGGER.DESCRIPTION",
        "ALERT.MESSAGE", "ALERT.SUBJECT", "ZABBIX.URL",
    }
)  # fmt: skip


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    event = record(body, "body")
    if "alert_uid" in event:
        return generic.parse(event, headers)
    starts = f"{text(event.get('EVENT.DATE')) or ''} {text(event.get('EVENT.TIME')) or ''}"
    ends = f"{text(event.get('EVENT.RECOVERY.DATE')) or ''} {text(event.get('EVENT.RECOVERY.TIME')) or ''}"
    tags = _tags(event.get("EVENT.TAGSJSON"))
    return [
        ParsedAlert(
            dedup_key=required(event.get("EVENT.ID"), "EVENT.ID"),
            status=_status(event),
            severity_raw=text(event.get("EVENT.SEVERITY")),
            title=first(event.get("EVENT.NAME"), event.get("ALERT.SUBJECT")) or "Zabbix",
            description=first(event.get("TRIGGER.DESCRIPTION"), event.get("ALERT.MESSAGE")),
            source=first(event.get("HOST.HOST"), event.get("HOST.NAME")),
            service=text(tags.get("service")),
            starts_at=moment(starts),
            ends_at=moment(ends) if _status(event) == AlertStatus.RESOLVED else None,
            url=_url(event) if _status(event) == AlertStatus.FIRING else None,
            **facts(tags, event, but=TOLD),
        )
    ]


def _status(event: Mapping[str, object]) -> AlertStatus:
    if text(event.get("EVENT.VALUE")) == "0":
        return AlertStatus.RESOLVED
    action = text(event.get("EVENT.UPDATE.ACTION")) or ""
    if text(event.get("EVENT.UPDATE.STATUS")) == "1":
        return AlertStatus.ACKNOWLEDGED if "acknowledged" in action else AlertStatus.UNKNOWN
    return AlertStatus.FIRING


def _tags(tags: Any) -> dict[str, object]:
    try:
        return named(loads(tags), "tag")
    except (ValueError, TypeError, RecursionError):
        return {}


def _url(event: Mapping[str, object]) -> str | None:
    base, trigger = text(event.get("ZABBIX.URL")), text(event.get("TRIGGER.ID"))
    if base is None or trigger is None:
        return None
    return f"{base.rstrip('/')}/tr_events.php?triggerid={trigger}&eventid={text(event.get('EVENT.ID'))}"
