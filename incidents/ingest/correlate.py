"""What becomes of an alert: opened, joined, suppressed, resolved, reopened or ignored.

One alert key of one source is one condition. The unique constraint on firing alerts decides races:
of two equal alerts at once, one row is made and the other joins it. Whether something is early or
late is asked of times that the sender gave for both; else what comes later is later.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F

from incidents import workflow
from incidents.enums import FINAL_STATES, ResolutionCode, State, Verb
from incidents.errors import StaleIncident
from incidents.ingest.lasting import tell_still_firing
from incidents.ingest.placing import (
    MAX_KEY,
    MONITORING,
    Overtaken,
    alert_facts,
    attach,
    draft,
    family_of,
    heir,
    is_maintained,
    is_untouched,
    open_for,
    worsen,
)
from incidents.ingest.severity import grade_of, is_heartbeat
from incidents.ingest.storing import clean, one_line, short
from incidents.models import Alert, Incident, Source
from incidents.models.monitoring import IngestOutcome
from incidents.parsers.alert import AlertStatus, ParsedAlert
from incidents.verbs import verbs_from

#: How often a verb is tried when somebody else changes the incident in the same moment.
TRIES = 5
MAX_NOTE = 20_000


@dataclass(frozen=True, slots=True)
class Decision:
    key: str
    outcome: IngestOutcome
    incident_id: int | None = None


def key_of(parsed: ParsedAlert) -> str:
    """The alert's key as it is stored; empty where the tool leaves it to us."""
    return short(parsed.dedup_key or "", MAX_KEY)


def decide(parsed: ParsedAlert, *, key: str, source: Source, at: datetime) -> Decision:
    """Act on one alert, in a transaction of its own. Safe to call again with the same alert."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return _decide(parsed, key, source, at)
        except (StaleIncident, Overtaken):
            if attempt == TRIES:
                raise
    raise AssertionError  # the last try either returned or raised


def _decide(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    rows = Alert.objects.firing().filter(source=source, dedup_key=key)
    firing = rows.select_related("incident", "service__team", "source__team").first()
    if parsed.status == AlertStatus.FIRING and not is_heartbeat(parsed.severity_raw):
        return _repeat(firing, parsed, at) if firing else _begin(parsed, key, source, at)
    if parsed.status == AlertStatus.RESOLVED:
        return _end(firing, parsed, at) if firing else _end_unheard(parsed, key, source, at)
    if firing and firing.incident:
        if parsed.status == AlertStatus.ACKNOWLEDGED:
            return _acknowledge(firing, firing.incident, at)
        if parsed.status == AlertStatus.CHANGED:
            return _change(firing, firing.incident, parsed, at)
    return Decision(key, IngestOutcome.IGNORED, firing.incident_id if firing else None)


def is_worse(parsed: ParsedAlert, grade: int) -> bool:
    """Only a word that we know can be worse."""
    place = grade_of(parsed.severity_raw, is_lesser=parsed.is_lesser)
    return place is not None and place < grade


def _heard(alert: Alert, parsed: ParsedAlert, at: datetime) -> bool:
    """Count it. True when it is more severe than it ever was."""
    worse = is_worse(parsed, alert.grade)
    later = parsed.starts_at and (alert.sent_started_at is None or parsed.starts_at > alert.sent_started_at)
    if worse:
        alert.grade = grade_of(parsed.severity_raw, is_lesser=parsed.is_lesser) or 0
        alert.severity = one_line(parsed.severity_raw or "", 40)
    if later:
        alert.sent_started_at = parsed.starts_at
    Alert.objects.filter(pk=alert.pk).update(
        count=F("count") + 1,
        last_seen_at=at,
        grade=alert.grade,
        severity=alert.severity,
        sent_started_at=alert.sent_started_at,
    )
    return worse


def _repeat(alert: Alert, parsed: ParsedAlert, at: datetime) -> Decision:
    """Counted; the incident hears only of what is new. Whose work is over opens again."""
    worse = _heard(alert, parsed, at)
    if alert.incident is None:
        return settle(alert, at)
    incident = at_home(alert, alert.incident, at)
    if incident.state == State.CLOSED:
        return _opened(alert, at, follows_up=incident)
    if worse:
        worsen(alert, incident, at)
    elif not incident.is_open:
        tell_still_firing(alert, incident, at)
    return Decision(alert.dedup_key, IngestOutcome.JOINED, incident.pk)


def at_home(alert: Alert, incident: Incident, at: datetime) -> Incident:
    """The incident of an alert; where it was merged away, the one that goes on, which then hears of it."""
    goes_on = heir(incident)
    if goes_on.pk != incident.pk:
        attach(alert, goes_on)
        text = f"Alert of the duplicate {incident.number}: {alert.title}"
        workflow.record_alert(goes_on, actor=MONITORING, at=at, text=text, alert=alert_facts(alert))
    return goes_on


def _begin(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    rows = Alert.objects.filter(source=source, dedup_key=key).select_related("incident")
    last = rows.order_by("-pk").first()
    if last and last.count == 0 and parsed.starts_at and parsed.starts_at == last.sent_started_at:
        # the end of just this has overtaken it; whatever comes after counts again
        if Alert.objects.filter(pk=last.pk, count=0).update(count=1, last_seen_at=at):
            return Decision(key, IngestOutcome.IGNORED, last.incident_id)
        raise Overtaken
    alert = draft(parsed, key=key, source=source, at=at)
    try:
        with transaction.atomic():
            alert.save(force_insert=True)
    except IntegrityError:
        rows = Alert.objects.firing().filter(source=source, dedup_key=key)
        first = rows.select_related("incident", "service__team", "source__team").first()
        if first is None:
            raise Overtaken from None
        return _repeat(first, parsed, at)
    return _place(alert, at, last)


def settle(alert: Alert, at: datetime) -> Decision:
    """Look again for the incident of an alert that fires without one. Inside a transaction."""
    rows = Alert.objects.filter(source=alert.source, dedup_key=alert.dedup_key, pk__lt=alert.pk)
    return _place(alert, at, rows.select_related("incident").order_by("-pk").first())


def _place(alert: Alert, at: datetime, last: Alert | None) -> Decision:
    """None in maintenance, the one of the alert before if it lives, else a new one."""
    if alert.service is not None and is_maintained(alert.service, at):
        return Decision(alert.dedup_key, IngestOutcome.SUPPRESSED)
    before = heir(last.incident) if last and last.incident else None
    if before is None or before.state in FINAL_STATES:
        return _opened(alert, at, follows_up=before)
    if before.state == State.RESOLVED:
        workflow.reopen(before, actor=MONITORING, at=at, text=f"It fires again: {alert.title}")
        outcome = IngestOutcome.REOPENED
    else:
        text = f"Fires again: {alert.title}"
        workflow.record_alert(before, actor=MONITORING, at=at, text=text, alert=alert_facts(alert))
        outcome = IngestOutcome.JOINED
    attach(alert, before)
    if last and alert.grade < last.grade:
        worsen(alert, before, at)
    return Decision(alert.dedup_key, outcome, before.pk)


def _opened(alert: Alert, at: datetime, *, follows_up: Incident | None) -> Decision:
    incident = open_for(alert, at, follows_up=follows_up)
    return Decision(alert.dedup_key, IngestOutcome.OPENED, incident.pk)


def _end(firing: Alert, parsed: ParsedAlert, at: datetime) -> Decision:
    """The condition is over. An incident that nobody has touched is resolved; else its people are told."""
    sent, began = parsed.ends_at, firing.sent_started_at
    if sent and began and sent < began:
        return Decision(firing.dedup_key, IngestOutcome.IGNORED, firing.incident_id)  # an earlier time
    ended = Alert.objects.filter(pk=firing.pk, ended_at=None).update(
        ended_at=sent if sent and began else at, sent_ended_at=sent, last_seen_at=at
    )
    if not ended:
        raise Overtaken
    if firing.incident is None:
        return Decision(firing.dedup_key, IngestOutcome.RESOLVED)
    incident = heir(firing.incident)
    others = Alert.objects.firing().filter(incident__in=family_of(incident)).exists()
    if not others and is_untouched(incident):
        text = f"Recovered: {firing.source.name} reports that “{firing.title}” is over."
        workflow.resolve(incident, actor=MONITORING, at=at, code=ResolutionCode.RECOVERED, text=text)
    elif incident.is_open or firing.still_firing_told_at:
        facts = {**alert_facts(firing), "over": True}
        text = f"Is over: {firing.title}"
        workflow.record_alert(incident, actor=MONITORING, at=at, text=text, alert=facts)
    return Decision(firing.dedup_key, IngestOutcome.RESOLVED, incident.pk)


def _end_unheard(parsed: ParsedAlert, key: str, source: Source, at: datetime) -> Decision:
    """An end that overtook its beginning: kept, so that just this beginning opens nothing when it comes."""
    if parsed.starts_at and parsed.ends_at:
        row = draft(parsed, key=key, source=source, at=at)
        Alert.objects.get_or_create(
            source=source,
            dedup_key=key,
            sent_started_at=parsed.starts_at,
            ended_at__isnull=False,
            defaults={
                "title": row.title,
                "started_at": parsed.starts_at,
                "last_seen_at": at,
                "ended_at": parsed.ends_at,
                "sent_ended_at": parsed.ends_at,
                "count": 0,
            },
        )
    return Decision(key, IngestOutcome.IGNORED)


def _acknowledge(alert: Alert, incident: Incident, at: datetime) -> Decision:
    incident = at_home(alert, incident, at)
    if Verb.ACKNOWLEDGE in verbs_from(incident.state):
        workflow.acknowledge(incident, actor=MONITORING, at=at)
    return Decision(alert.dedup_key, IngestOutcome.JOINED, incident.pk)


def _change(alert: Alert, incident: Incident, parsed: ParsedAlert, at: datetime) -> Decision:
    """Other words for it, a note, or another severity."""
    incident = at_home(alert, incident, at)
    title = one_line(parsed.title, 200)
    if title and parsed.title != parsed.dedup_key:
        alert.title = title
        Alert.objects.filter(pk=alert.pk).update(title=title)
        text = f"Now says: {title}"
    else:
        text = clean(parsed.description or "", MAX_NOTE).strip()
    if text:
        workflow.record_alert(incident, actor=MONITORING, at=at, text=text, alert=alert_facts(alert))
    if is_worse(parsed, alert.grade):
        alert.grade = grade_of(parsed.severity_raw, is_lesser=parsed.is_lesser) or 0
        alert.severity = one_line(parsed.severity_raw or "", 40)
        Alert.objects.filter(pk=alert.pk).update(grade=alert.grade, severity=alert.severity)
        worsen(alert, incident, at)
    return Decision(alert.dedup_key, IngestOutcome.JOINED, incident.pk)
