"""An alert and its incident: how one is made for the other, and how they stay together."""

from collections.abc import Callable
from datetime import datetime

from incidents import limits, workflow
from incidents.enums import Channel, EntryKind, State, Via
from incidents.ingest.severity import GRADES, weigh
from incidents.ingest.storing import clean, one_line
from incidents.models import Alert, Incident, MaintenanceWindow, Service, Source
from incidents.parsers.alert import ParsedAlert
from incidents.policies import Actor

MONITORING = Actor(None, Via.MONITORING)
MAX_KEY = 255
MAX_TITLE = limits.LINE
MAX_DESCRIPTION = 20_000
#: Doors through which no person comes.
MACHINES = (Via.MONITORING, Via.SYSTEM)
#: Who only looks on has not touched it.
LOOKING_ON = (EntryKind.WATCHER_ADDED, EntryKind.WATCHER_REMOVED)


class Overtaken(Exception):
    """Somebody else did something with the alert in the same moment; look again."""


def service_named(name: str) -> Service | None:
    rows = Service.objects.filter(name__iexact=name, is_active=True)
    return rows.select_related("team").order_by("pk").first()


def draft(
    parsed: ParsedAlert,
    *,
    key: str,
    source: Source,
    at: datetime,
    find: Callable[[str], Service | None] = service_named,
) -> Alert:
    """The alert as a row, not saved. `find`: the service in use of that name."""
    name = service_name(parsed)
    named = find(name) if name else None
    own = source.service if source.service and source.service.is_active else None
    return Alert(
        source=source,
        dedup_key=key,
        title=one_line(parsed.title, MAX_TITLE) or key[:MAX_TITLE],
        description=_description(parsed),
        service=named or own,
        severity=one_line(parsed.severity_raw or "", 40),
        grade=weigh(parsed.severity_raw, is_lesser=parsed.is_lesser),
        facts={one_line(name, 80): one_line(value, 300) for name, value in parsed.labels.items()},
        links=[[one_line(name, 80), address] for name, address in parsed.links.items()],
        started_at=parsed.starts_at or at,
        sent_started_at=parsed.starts_at,
        last_seen_at=at,
    )


def service_name(parsed: ParsedAlert) -> str:
    return one_line(parsed.service or "", 120)


def _description(parsed: ParsedAlert) -> str:
    said = [
        ("Where", parsed.source),
        ("Service", parsed.service),
        ("Severity", parsed.severity_raw),
        ("More", parsed.url),
    ]
    lines = [f"{name}: {one_line(value, 500)}" for name, value in said if value]
    labels = [f"{one_line(name, 80)}: {one_line(value, 300)}" for name, value in parsed.labels.items()]
    links = [f"{one_line(name, 80)}: {address}" for name, address in parsed.links.items()]
    blocks = [clean(parsed.description or "", MAX_DESCRIPTION), *map("\n".join, (lines, links, labels))]
    return "\n\n".join(block for block in blocks if block.strip()).strip()[: 2 * MAX_DESCRIPTION]


def report_of(alert: Alert, at: datetime, *, follows_up: Incident | None = None) -> workflow.Report:
    """What a new incident for this alert says."""
    impact, urgency = GRADES[alert.grade]
    service = alert.service if alert.service and alert.service.is_active else None
    has_team = service is not None and service.team is not None and service.team.is_active
    return workflow.Report(
        title=alert.title,
        description=alert.description,
        channel=Channel.MONITORING,
        impact=impact,
        urgency=urgency,
        service=service,
        team=None if has_team else alert.source.team,
        started_at=min(alert.started_at, at) if alert.sent_started_at else None,
        detected_at=at,
        follows_up=follows_up,
    )


def open_for(alert: Alert, at: datetime, *, follows_up: Incident | None = None) -> Incident:
    """A new incident for this alert."""
    incident = workflow.open_incident(report_of(alert, at, follows_up=follows_up), actor=MONITORING, at=at)
    attach(alert, incident)
    return incident


def attach(alert: Alert, incident: Incident) -> None:
    """Raises Overtaken when the alert got another incident meanwhile."""
    if not Alert.objects.filter(pk=alert.pk, incident=alert.incident_id).update(incident=incident):
        raise Overtaken
    alert.incident = incident


def heir(incident: Incident) -> Incident:
    """The incident that goes on for this one: itself, or what it was merged into, to the end."""
    seen = {incident.pk}
    while incident.duplicate_of_id and incident.duplicate_of_id not in seen:
        incident = Incident.objects.get(pk=incident.duplicate_of_id)
        seen.add(incident.pk)
    return incident


def family_of(incident: Incident) -> set[int]:
    """It, and all that was merged into it."""
    family = {incident.pk}
    added = family
    while added:
        rows = Incident.objects.filter(duplicate_of__in=added).values_list("pk", flat=True)
        added = set(rows) - family
        family |= added
    return family


def is_untouched(incident: Incident) -> bool:
    """Nobody has begun with it, here or in the tool, and it stands for no other work."""
    if incident.state not in {State.NEW, State.IN_PROGRESS} or incident.acknowledged_at or incident.is_major:
        return False
    people = incident.entries.exclude(via__in=MACHINES).exclude(kind__in=LOOKING_ON)
    return not people.exists() and not incident.children.open().exists()


def is_maintained(service: Service, at: datetime) -> bool:
    if not service.is_active:
        return False
    return MaintenanceWindow.objects.filter(service=service, starts_at__lte=at, ends_at__gt=at).exists()


def worsen(alert: Alert, incident: Incident, at: datetime) -> None:
    impact, urgency = GRADES[alert.grade]
    workflow.record_worsening(
        incident,
        actor=MONITORING,
        at=at,
        text=f"Is now {alert.severity}: {alert.title}",
        alert=alert_facts(alert),
        impact=impact,
        urgency=urgency,
    )


def alert_facts(alert: Alert) -> dict[str, object]:
    return {"id": alert.pk, "key": alert.dedup_key, "title": alert.title, "severity": alert.severity}
