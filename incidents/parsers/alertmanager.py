"""Prometheus Alertmanager, webhook version 4; and Grafana, which speaks it with additions.

One alert is one condition: its fingerprint is the key, and its own status counts, not the group's.
"""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts
from incidents.parsers.reading import each, first, items, moment, optional_record, required, text

STATUSES = {"firing": AlertStatus.FIRING, "resolved": AlertStatus.RESOLVED}
#: Of the alert itself: its addresses, and what Grafana adds.
ADDED = ("generatorURL", "dashboardURL", "panelURL", "silenceURL", "imageURL", "valueString")
TOLD = frozenset({"description", "severity", "service"})


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    group = optional_record(body)
    base = text(group.get("externalURL"))
    return each(items(group.get("alerts"), "alerts"), lambda alert: _alert(alert, base))


def _alert(alert: Mapping[str, object], base: str | None) -> ParsedAlert:
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
        **facts(annotations, labels, {name: alert.get(name) for name in ADDED}, base=base, but=TOLD),
    )
