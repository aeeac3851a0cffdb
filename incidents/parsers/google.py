"""Google Cloud Monitoring, webhook version 1.2. Open and closed carry the same incident id."""

from collections.abc import Mapping

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.facts import facts, named
from incidents.parsers.reading import epoch, first, optional_record, record, required, text

#: Has a field of its own.
TOLD = frozenset({"incident_id", "started_at", "ended_at", "state", "severity", "summary", "condition_name"})
STATUSES = {"open": AlertStatus.FIRING, "closed": AlertStatus.RESOLVED}


def parse(body: object, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    notice = record(body, "body")
    incident = record(notice.get("incident"), "incident")
    if text(notice.get("version")) == "test":
        return []
    labels = optional_record(optional_record(incident.get("metadata")).get("user_labels"))
    documentation = optional_record(incident.get("documentation"))
    policy = optional_record(incident.get("policy_user_labels"))
    status = STATUSES.get((text(incident.get("state")) or "").lower(), AlertStatus.UNKNOWN)
    return [
        ParsedAlert(
            dedup_key=required(incident.get("incident_id"), "incident_id"),
            status=status,
            severity_raw=first(incident.get("severity"), policy.get("severity")),
            title=first(
                incident.get("condition_name"), documentation.get("subject"), incident.get("policy_name")
            )
            or "Google Cloud",
            description=first(incident.get("summary"), documentation.get("content")),
            source=text(incident.get("resource_name")),
            service=first(labels.get("service"), policy.get("service")),
            starts_at=epoch(incident.get("started_at")),
            ends_at=epoch(incident.get("ended_at")) if status == AlertStatus.RESOLVED else None,
            **facts(
                labels,
                policy,
                optional_record(incident.get("resource")).get("labels"),
                optional_record(incident.get("metric")).get("labels"),
                incident,
                named(documentation.get("links"), "displayName", "url"),
                but=TOLD,
            ),
        )
    ]
