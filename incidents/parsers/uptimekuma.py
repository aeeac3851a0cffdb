"""Uptime Kuma. Its test button sends nothing about nothing."""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import first, moment, record, required, seconds_only, text, utc

STATUSES = {"0": AlertStatus.FIRING, "1": AlertStatus.RESOLVED}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    notice = record(body, "body")
    if notice.get("heartbeat") is None and notice.get("monitor") is None:
        return []
    beat = record(notice.get("heartbeat"), "heartbeat")
    monitor = record(notice.get("monitor"), "monitor")
    status = STATUSES.get(text(beat.get("status")) or "", AlertStatus.UNKNOWN)
    at = utc(seconds_only(moment(beat.get("time"))))
    return [
        ParsedAlert(
            dedup_key=required(first(monitor.get("id"), beat.get("monitorID")), "monitor.id"),
            status=status,
            title=text(monitor.get("name")) or "Uptime Kuma",
            description=text(beat.get("msg")),
            source=first(monitor.get("url"), monitor.get("hostname")),
            starts_at=at if status == AlertStatus.FIRING else None,
            ends_at=at if status == AlertStatus.RESOLVED else None,
            **facts(
                named(monitor.get("tags")), {"monitor": monitor.get("url"), "path": monitor.get("pathName")}
            ),
        )
    ]
