"""Nagios and Icinga 2: a notification command that sends its macros.

The key is host!service, or the host alone. Downtime, flapping and custom notices change nothing.
"""

from collections.abc import Mapping
from typing import Any

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.reading import epoch, first, moment, record, required, text

STATUSES = {
    "PROBLEM": AlertStatus.FIRING,
    "RECOVERY": AlertStatus.RESOLVED,
    "ACKNOWLEDGEMENT": AlertStatus.ACKNOWLEDGED,
}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    told = _in_one_language(record(body, "body"))
    notice = required(told.get("type"), "NOTIFICATIONTYPE").upper()
    host = required(told.get("host"), "HOSTNAME")
    status = STATUSES.get(notice)
    if status is None:
        return []
    item = text(told.get("service"))
    at = told["at"]
    severity = text(told.get("state"))
    return [
        ParsedAlert(
            dedup_key=f"{host}!{item}" if item else host,
            status=status,
            severity_raw=severity,
            title=f"{told['service_name']} on {told['host_name']}"
            if item
            else f"{told['host_name']} is {severity}",
            description=text(told.get("output")),
            source=host,
            service=told["service_name"],
            starts_at=at if status == AlertStatus.FIRING else None,
            ends_at=at if status == AlertStatus.RESOLVED else None,
            **facts(body),
        )
    ]


def _in_one_language(body: Mapping[str, object]) -> dict[str, Any]:
    if "notification_type" in body:
        icinga = {name.removeprefix("notification_"): value for name, value in body.items()}
        return {
            "type": icinga.get("type"),
            "host": icinga.get("hostname"),
            "host_name": first(icinga.get("hostdisplayname"), icinga.get("hostname")),
            "service": icinga.get("servicename"),
            "service_name": first(icinga.get("servicedisplayname"), icinga.get("servicename")),
            "state": first(icinga.get("servicestate"), icinga.get("hoststate")),
            "output": first(icinga.get("serviceoutput"), icinga.get("hostoutput")),
            "at": moment(icinga.get("date")),
        }
    return {
        "type": body.get("NOTIFICATIONTYPE"),
        "host": body.get("HOSTNAME"),
        "host_name": text(body.get("HOSTNAME")),
        "service": body.get("SERVICEDESC"),
        "service_name": text(body.get("SERVICEDESC")),
        "state": first(body.get("SERVICESTATE"), body.get("HOSTSTATE")),
        "output": first(body.get("SERVICEOUTPUT"), body.get("HOSTOUTPUT")),
        "at": epoch(body.get("TIMET")) or moment(body.get("SHORTDATETIME")),
    }
