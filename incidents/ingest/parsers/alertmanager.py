"""Prometheus Alertmanager, webhook version 4; and Grafana, which speaks it with additions.

One alert is one condition: its fingerprint is the key, and its own status counts, not the group's.
"""

from collections.abc import Mapping
from typing import Any

from incidents.ingest.parsers.alert import AlertStatus, ParsedAlert
from incidents.ingest.parsers.reading import first, moment, optional_record, records, required, text

STATUSES = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}


def parse(body: Any, headers: Mapping[str, str]) -> list[ParsedAlert]:  # noqa: ARG001 -- every parser's signature
    alerts = optional_record(body).get("alerts")
    return [_alert(alert) for alert in records(alerts, "alerts")]


def _alert(alert: Mapping[str, Any]) -> ParsedAlert:
    labels = optional_record(alert.get("labels"))
    annotations = optional_record(alert.get("annotations"))
    status = STATUSES.get(str(alert.get("status")).lower(), AlertStatus.UNKNOWN)
    return ParsedAlert(
        dedup_key=required(alert.get("fingerprint"), "fingerprint"),
        status=status,
        severity_raw=text(labels.get("severity")),
        title=first(labels.get("alertname"), annotations.get("summary")) or "Alert",
        description=first(annotations.get("description"), annotations.get("summary")),
        source=first(labels.get("exported_instance"), labels.get("instance")),
        service=text(labels.get("service")),
        starts_at=moment(alert.get("startsAt")),
        ends_at=moment(alert.get("endsAt")) if status == AlertStatus.RESOLVED else None,
    )
