"""One body of one source: kept raw, then decided alert by alert.

It is kept before anybody looks into it: whatever happens then, the body is there, waits, and is
taken up again by `work_off_waiting` or when its sender sends it again. Trouble is always ours; a
body that can never be right is not kept. What is only said again is counted in one go.
"""

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.db.models import F, Q

from incidents.enums import OPEN_STATES
from incidents.ingest.beginning import begin_all
from incidents.ingest.correlate import Decision, decide, is_worse, key_of
from incidents.ingest.reading import meaning_of, read
from incidents.ingest.severity import is_heartbeat
from incidents.ingest.storing import storable
from incidents.kept import read_once
from incidents.models import Alert, IngestEvent, Source, hash_of_key
from incidents.models.incident import NUMBER_PREFIX
from incidents.models.monitoring import EventStatus, IngestOutcome
from incidents.parsers.alert import AlertStatus, BadPayload, ParsedAlert, Unreadable
from incidents.sweeping import Stop, never

log = structlog.get_logger(__name__)

MAX_ALERTS = 10_000
#: So long a sender is kept waiting for decisions; what is left then is worked off later.
PATIENCE = 60.0
#: So long nobody else takes up a body that is being worked on.
LEASE = timedelta(minutes=3)
MAX_TRIES = 12
#: So many processes may end while they read one body.
MAX_LOST = 3
LONGEST_PAUSE = timedelta(hours=1)
BATCH = 50

Alerts = list[ParsedAlert | Unreadable]


class TooManyAlerts(BadPayload):
    """More than one body may hold."""


def source_of(key: str) -> Source | None:
    """The active source that was given this key."""
    sources = Source.objects.select_related("service", "team").filter(is_active=True)
    return sources.filter(key_hash=hash_of_key(key)).first()


def receive(payload: object, *, source: Source, headers: Mapping[str, str], at: datetime) -> IngestEvent:
    """The body as it is kept, with a decision for each of its alerts in their order.

    It waits still when something of ours went wrong. Raises BadPayload, and then nothing is kept.
    """
    body, told = storable(payload), meaning_of(headers)
    event = IngestEvent(source=source, received_at=at, payload=body, headers=told, digest=digest(body, told))
    event.look_again_at = at + LEASE
    event.save(force_insert=True)  # before anybody looks into it: who dies of that leaves it on record
    try:
        alerts = _bounded(read(body, source=source, headers=told))
        known = _count_repeats(alerts, source, at)
    except BadPayload:
        event.delete()
        raise
    except Exception as error:  # whatever it is: the body stays, and is looked at again
        log.exception("ingest_trouble", source=source.pk)
        _put_off(event, [error], at)
        event.save()
        return event
    if all(isinstance(alert, ParsedAlert) and key_of(alert) in known for alert in alerts):
        event.decisions = [_told(known[key_of(alert)]) for alert in alerts if isinstance(alert, ParsedAlert)]
        event.status, event.look_again_at = EventStatus.DONE, None
        event.save(update_fields=["decisions", "status", "look_again_at"])
        return event
    if before := _waiting_like(event, at):
        event.delete()
        return work_off(before, alerts, at, known)
    return work_off(_keep(event, alerts), alerts, at, known)


def _bounded(alerts: Alerts) -> Alerts:
    if len(alerts) > MAX_ALERTS:
        raise TooManyAlerts
    return alerts


def digest(body: object, headers: Mapping[str, str]) -> str:
    whole = json.dumps([body, headers], sort_keys=True, default=str)
    return hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def _keep(event: IngestEvent, alerts: Alerts) -> IngestEvent:
    """Before anything is decided. An alert without a key gets one here, so that a second try knows it."""
    event.decisions = [_undecided(alert) for alert in alerts]
    event.save(update_fields=["decisions"])
    return event


def _undecided(alert: ParsedAlert | Unreadable) -> dict[str, str | None]:
    if isinstance(alert, Unreadable):
        return {"key": "", "outcome": IngestOutcome.REFUSED.value, "incident": None, "why": alert.why[:300]}
    return _told(Decision(key_of(alert) or uuid.uuid4().hex, IngestOutcome.WAITING))


def _waiting_like(event: IngestEvent, at: datetime) -> IngestEvent | None:
    """The same body, if it waits since a try that failed: sent again, it is the same statement."""
    rows = IngestEvent.objects.filter(
        source=event.source, digest=event.digest, status=EventStatus.WAITING, tries__gt=0
    )
    found = rows.order_by("pk").first()
    return found if found and claim(found, at) else None


def claim(event: IngestEvent, at: datetime) -> bool:
    """So that of two who take it up at once, one does."""
    rows = IngestEvent.objects.filter(
        pk=event.pk, status=EventStatus.WAITING, look_again_at=event.look_again_at
    )
    event.look_again_at = at + LEASE
    return bool(rows.update(look_again_at=event.look_again_at))


def work_off(
    event: IngestEvent,
    alerts: Alerts,
    at: datetime,
    known: Mapping[str, Decision] | None = None,
    *,
    is_late: bool = False,
) -> IngestEvent:
    """Decide what waits, each alert by itself. `is_late`: what was heard of it since then counts more."""
    decisions = list(event.decisions)
    troubles: list[Exception] = []
    until = monotonic() + PATIENCE
    waiting = [place for place, told in enumerate(decisions) if told["outcome"] == IngestOutcome.WAITING]
    with read_once():
        settled = dict(known or {})
        if not is_late:
            fresh = _said_once(alerts, decisions, waiting)
            settled |= begin_all(fresh, event.source, at, stop=lambda: monotonic() > until)
        for place in waiting:
            alert, key = alerts[place], decisions[place]["key"]
            if isinstance(alert, Unreadable) or (key not in settled and monotonic() > until):
                continue
            try:
                decision = settled.get(key) or (_outrun(key, event) if is_late else None)
                decisions[place] = _told(decision or decide(alert, key=key, source=event.source, at=at))
            except Exception as error:  # one alert does not stop the others, and stays
                log.exception("alert_trouble", source=event.source_id, key=key)
                troubles.append(error)
    event.decisions = decisions
    if all(told["outcome"] != IngestOutcome.WAITING for told in decisions):
        event.status, event.look_again_at, event.trouble = EventStatus.DONE, None, ""
    else:
        _put_off(event, troubles, at)
    event.save(update_fields=["decisions", "status", "tries", "trouble", "look_again_at"])
    return event


def _said_once(
    alerts: Alerts, decisions: list[dict[str, str | None]], waiting: list[int]
) -> dict[str, ParsedAlert]:
    times = Counter(decisions[place]["key"] for place in waiting)
    keyed = [(decisions[place]["key"], alerts[place]) for place in waiting]
    return {key: alert for key, alert in keyed if key and times[key] == 1 and isinstance(alert, ParsedAlert)}


def _put_off(event: IngestEvent, troubles: list[Exception], at: datetime) -> None:
    """Trouble is tried again after longer and longer pauses, and given up in the end."""
    event.look_again_at = at
    if troubles:
        event.tries += 1
        event.trouble = f"{type(troubles[0]).__name__}: {troubles[0]}"[:300]
        event.look_again_at = at + min(timedelta(minutes=2**event.tries / 2), LONGEST_PAUSE)
        if event.tries >= MAX_TRIES:
            event.status = EventStatus.GIVEN_UP
            log.error("ingest_given_up", body=event.pk, trouble=event.trouble)


def _outrun(key: str, event: IngestEvent) -> Decision | None:
    """What was heard of the alert after this body came, by our own clock both, is the last word."""
    rows = Alert.objects.filter(source=event.source, dedup_key=key, last_seen_at__gt=event.received_at)
    newer = rows.order_by("-pk").first()
    return Decision(key, IngestOutcome.IGNORED, newer.incident_id) if newer else None


def work_off_waiting(at: datetime, *, stop: Stop = never) -> int:
    """Take up bodies that wait, oldest first; how many. One that fails is put off by itself."""
    rows = IngestEvent.objects.filter(Q(status__literal=EventStatus.WAITING), look_again_at__lte=at)
    waiting, taken, after = rows.select_related("source__service", "source__team").order_by("pk"), 0, 0
    while batch := list(waiting.filter(pk__gt=after)[:BATCH]):
        after = batch[-1].pk
        for event in batch:
            if stop():
                return taken
            if claim(event, at):
                taken += 1
                _take_up(event, at)
    return taken


def _take_up(event: IngestEvent, at: datetime) -> None:
    if not (event.decisions or event.trouble) and _has_cost_too_many(event):
        return
    try:
        alerts = read(event.payload, source=event.source, headers=event.headers)
        if len(alerts) != len(event.decisions):  # it could not even be read before
            event.decisions = [_undecided(alert) for alert in alerts]
            event.save(update_fields=["decisions"])
        work_off(event, alerts, at, is_late=True)
    except Exception as error:  # the next one is taken up all the same
        log.exception("ingest_trouble", body=event.pk)
        _put_off(event, [error], at)
        event.save(update_fields=["status", "tries", "trouble", "look_again_at"])


def _has_cost_too_many(event: IngestEvent) -> bool:
    """Nobody came back from reading it, not even with an error: counted beforehand, and given up soon."""
    event.tries += 1
    if event.tries > MAX_LOST:
        event.status = EventStatus.GIVEN_UP
        event.trouble = "Whoever read it was ended: it takes too long."
        log.error("ingest_given_up", body=event.pk, trouble=event.trouble)
    event.save(update_fields=["status", "tries", "trouble"])
    return event.status == EventStatus.GIVEN_UP


def _count_repeats(alerts: Alerts, source: Source, at: datetime) -> dict[str, Decision]:
    """The fast way for what is said again: one read and one write for all of them.

    Only alerts that fire already, once in this body, no worse than before and not since later, whose
    incident is open.
    """
    keyed = [(key_of(alert), alert) for alert in alerts if isinstance(alert, ParsedAlert)]
    times = Counter(key for key, _ in keyed)
    said_once = {
        key: alert
        for key, alert in keyed
        if key
        and times[key] == 1
        and alert.status == AlertStatus.FIRING
        and not is_heartbeat(alert.severity_raw)
    }
    if not said_once:
        return {}
    firing = Alert.objects.firing().filter(source=source, dedup_key__in=said_once)
    rows = firing.filter(incident__state__in=OPEN_STATES).values_list(
        "pk", "dedup_key", "incident", "grade", "sent_started_at"
    )
    same = [
        (pk, key, incident)
        for pk, key, incident, grade, began in rows
        if not is_worse(said_once[key], grade) and not _is_later(said_once[key].starts_at, began)
    ]
    if same:
        counted = Alert.objects.filter(pk__in=[pk for pk, _, _ in same])
        counted.update(count=F("count") + 1, last_seen_at=at)
    return {key: Decision(key, IngestOutcome.JOINED, incident) for _, key, incident in same}


def _is_later(said: datetime | None, began: datetime | None) -> bool:
    return said is not None and (began is None or said > began)


def _told(decision: Decision) -> dict[str, str | None]:
    number = f"{NUMBER_PREFIX}{decision.incident_id:07d}" if decision.incident_id else None
    return {"key": decision.key, "outcome": decision.outcome.value, "incident": number}
