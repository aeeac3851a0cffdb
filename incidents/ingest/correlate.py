"""What becomes of an alert: opened, joined, suppressed, resolved, reopened or ignored.

One alert key of one source is one condition. The unique constraint on firing alerts decides races:
of two equal alerts at once, one row is made and the other joins it.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from incidents import workflow
from incidents.enums import Channel, ResolutionCode, State, Verb, Via
from incidents.errors import StaleIncident
from incidents.ingest.parsers.alert import AlertStatus, ParsedAlert
from incidents.ingest.severity import is_heartbeat, weigh
from incidents.ingest.storing import clean, one_line
from incidents.models import Alert, Incident, MaintenanceWindow, Service, Source
from incidents.models.monitoring import IngestOutcome
from incidents.policies import Actor

MONITORING = Actor(None, Via.MONITORING)
MAX_KEY = 255
MAX_TITLE = 200
MAX_DESCRIPTION = 20_000
#: How often a verb is tried when somebody else changes the incident in the same moment.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Decision:
    key: str
    outcome: IngestOutcome
    incident_id: int | None = None


def key_of(parsed: ParsedAlert) -> str:
    """The alert's key as it is stored; empty where the tool leaves it to us."""
    return one_line(parsed.dedup_key or "", MAX_KEY)


def decide(parsed: ParsedAlert, *, source: Source, at: datetime) -> Decision:
    """Act on one alert, in a transaction of its own. Safe to call again with the same alert."""
    key = key_of(parsed) or uuid.uuid4().hex
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _decide(parsed, key, source, at)
        except StaleIncident:
            if attempt == TRIES:
                raise
    raise AssertionError  # the last try either returned or raised


def _decide(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    firing = Alert.objects.firing().filter(source=source, dedup_key=key).select_related("incident").first()
    if parsed.status == AlertStatus.FIRING and not is_heartbeat(parsed.severity_raw):
        return _repeat(firing, parsed, at) if firing else _begin(parsed, key, source, at)
    if parsed.status == AlertStatus.RESOLVED:
        return _end(firing, parsed, key, source, at)
    if parsed.status == AlertStatus.ACKNOWLEDGED and firing and firing.incident:
        return _acknowledge(firing, firing.incident, at)
    return Decision(key, IngestOutcome.IGNORED, firing.incident_id if firing else None)


def _repeat(alert: Alert, parsed: ParsedAlert, at: datetime) -> Decision:
    """Counted; nothing is written to the incident. Whose work is over opens again."""
    Alert.objects.filter(pk=alert.pk).update(count=F("count") + 1, last_seen_at=at)
    if alert.incident is None:
        return _place(alert, parsed, at)
    if alert.incident.state == State.CLOSED:
        return _open(alert, parsed, _service(parsed, alert.source), at, follows_up=alert.incident)
    return Decision(alert.dedup_key, IngestOutcome.JOINED, alert.incident_id)


def _begin(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    last = (
        Alert.objects.filter(source=source, dedup_key=key).select_related("incident").order_by("-pk").first()
    )
    if last and last.ended_at and parsed.starts_at and parsed.starts_at <= last.ended_at:
        return Decision(key, IngestOutcome.IGNORED, last.incident_id)  # it ended before this was heard
    alert = Alert(
        source=source,
        dedup_key=key,
        title=one_line(parsed.title, MAX_TITLE) or key[:MAX_TITLE],
        severity=one_line(parsed.severity_raw or "", 40),
        started_at=parsed.starts_at or at,
        last_seen_at=at,
    )
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        first = Alert.objects.firing().select_related("incident", "source").get(source=source, dedup_key=key)
        return _repeat(first, parsed, at)
    return _place(alert, parsed, at, before=last.incident if last else None)


def _place(alert: Alert, parsed: ParsedAlert, at: datetime, *, before: Incident | None = None) -> Decision:
    """Find the incident of a new alert: none in maintenance, the one before if it lives, else a new one."""
    service = _service(parsed, alert.source)
    if service is not None and _is_maintained(service, at):
        return Decision(alert.dedup_key, IngestOutcome.SUPPRESSED)
    if before is None or before.state in {State.CLOSED, State.CANCELLED}:
        return _open(alert, parsed, service, at, follows_up=before)
    if before.state == State.RESOLVED:
        workflow.reopen(before, actor=MONITORING, at=at, text=f"It fires again: {alert.title}")
        outcome = IngestOutcome.REOPENED
    else:
        workflow.record_alert(
            before, actor=MONITORING, at=at, text=f"Fires again: {alert.title}", alert=_facts(alert)
        )
        outcome = IngestOutcome.JOINED
    Alert.objects.filter(pk=alert.pk).update(incident=before)
    return Decision(alert.dedup_key, outcome, before.pk)


def _open(
    alert: Alert,
    parsed: ParsedAlert,
    service: Service | None,
    at: datetime,
    *,
    follows_up: Incident | None = None,
) -> Decision:
    impact, urgency = weigh(parsed.severity_raw)
    has_team = service is not None and service.team is not None and service.team.is_active
    report = workflow.Report(
        title=alert.title,
        description=_description(parsed),
        channel=Channel.MONITORING,
        impact=impact,
        urgency=urgency,
        service=service,
        team=None if has_team else alert.source.team,
        started_at=parsed.starts_at if parsed.starts_at and parsed.starts_at <= at else None,
        detected_at=at,
        follows_up=follows_up,
    )
    incident = workflow.open_incident(report, actor=MONITORING, at=at)
    Alert.objects.filter(pk=alert.pk).update(incident=incident)
    return Decision(alert.dedup_key, IngestOutcome.OPENED, incident.pk)


def _end(firing: Alert | None, parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    """The condition is over. An incident that nobody has taken is resolved; else its people are told."""
    if firing is None:
        _remember_end(parsed, key, source, at)
        return Decision(key, IngestOutcome.IGNORED)
    if parsed.ends_at and parsed.ends_at < firing.started_at:
        return Decision(key, IngestOutcome.IGNORED, firing.incident_id)  # it ended an earlier time
    Alert.objects.filter(pk=firing.pk).update(ended_at=parsed.ends_at or at, last_seen_at=at)
    incident = firing.incident
    if incident is None:
        return Decision(key, IngestOutcome.RESOLVED)
    others = Alert.objects.firing().filter(incident=incident).exists()
    if incident.state == State.NEW and not others:
        text = f"Recovered: {source.name} reports that “{firing.title}” is over."
        workflow.resolve(incident, actor=MONITORING, at=at, code=ResolutionCode.RECOVERED, text=text)
    elif incident.is_open:
        workflow.record_alert(
            incident, actor=MONITORING, at=at, text=f"Is over: {firing.title}", alert=_facts(firing)
        )
    return Decision(key, IngestOutcome.RESOLVED, incident.pk)


def _remember_end(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> None:
    """An end that overtook its beginning: kept, so that the late beginning opens nothing."""
    if parsed.starts_at is None or parsed.ends_at is None:
        return
    Alert.objects.get_or_create(
        source=source,
        dedup_key=key,
        started_at=parsed.starts_at,
        defaults={
            "title": one_line(parsed.title, MAX_TITLE) or key[:MAX_TITLE],
            "last_seen_at": at,
            "ended_at": parsed.ends_at,
        },
    )


def _acknowledge(alert: Alert, incident: Incident, at: datetime) -> Decision:
    if Verb.ACKNOWLEDGE in workflow.verbs_from(incident.state):
        workflow.acknowledge(incident, actor=MONITORING, at=at)
    return Decision(alert.dedup_key, IngestOutcome.JOINED, incident.pk)


def _service(parsed: ParsedAlert, source: Source) -> Service | None:
    """The one the alert names, else the one of its source."""
    name = one_line(parsed.service or "", 120)
    named = Service.objects.filter(name__iexact=name, is_active=True).order_by("pk").first() if name else None
    return named or source.service


def _is_maintained(service: Service, at: datetime) -> bool:
    return MaintenanceWindow.objects.filter(service=service, starts_at__lte=at, ends_at__gt=at).exists()


def _description(parsed: ParsedAlert) -> str:
    facts = (
        ("Where", parsed.source),
        ("Service", parsed.service),
        ("Severity", parsed.severity_raw),
        ("More", parsed.url),
    )
    lines = [f"{name}: {one_line(value, 500)}" for name, value in facts if value]
    return "\n".join([clean(parsed.description or "", MAX_DESCRIPTION), "", *lines]).strip()


def _facts(alert: Alert) -> dict[str, object]:
    return {"id": alert.pk, "key": alert.dedup_key, "title": alert.title, "severity": alert.severity}
