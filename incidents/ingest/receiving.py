"""One body of one source: read, decided alert by alert, kept raw with what became of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F

from incidents.enums import State
from incidents.ingest.correlate import Decision, decide, key_of
from incidents.ingest.parsers.alert import AlertStatus, BadPayload, ParsedAlert
from incidents.ingest.parsers.registry import PARSERS
from incidents.ingest.severity import is_heartbeat
from incidents.ingest.storing import storable
from incidents.models import Alert, IngestEvent, Source, hash_of_key
from incidents.models.incident import format_number
from incidents.models.monitoring import IngestOutcome

MAX_ALERTS = 1000


def source_of(key: str) -> Source | None:
    """The active source that was given this key."""
    sources = Source.objects.select_related("service", "team").filter(is_active=True)
    return sources.filter(key_hash=hash_of_key(key)).first()


def receive(
    payload: Any, *, source: Source, headers: Mapping[str, str], at: datetime
) -> list[dict[str, str | None]]:
    """The decisions, in the order of the alerts. Raises BadPayload, and then nothing is kept.

    The raw body is kept last: who is not told of success sends it again, which joins what was done.
    """
    alerts = PARSERS[source.kind](payload, headers)
    if len(alerts) > MAX_ALERTS:
        raise BadPayload(f"Send at most {MAX_ALERTS} alerts at a time.")
    known = count_repeats(alerts, source, at)
    decided = [known.get(key_of(alert)) or decide(alert, source=source, at=at) for alert in alerts]
    decisions = [told(decision) for decision in decided]
    IngestEvent.objects.create(source=source, received_at=at, payload=storable(payload), decisions=decisions)
    return decisions


def count_repeats(alerts: list[ParsedAlert], source: Source, at: datetime) -> dict[str, Decision]:
    """The fast way for what is said again: one read and one write for all of them.

    Only alerts that fire already, once in this body, with an incident that lives.
    """
    keys = [key_of(alert) for alert in alerts]
    said_once = {key for key, times in Counter(keys).items() if key and times == 1}
    repeated = {
        key
        for key, alert in zip(keys, alerts, strict=True)
        if key in said_once and alert.status == AlertStatus.FIRING and not is_heartbeat(alert.severity_raw)
    }
    if not repeated:
        return {}
    firing = Alert.objects.firing().filter(source=source, dedup_key__in=repeated, incident__isnull=False)
    rows = list(firing.exclude(incident__state=State.CLOSED).values_list("pk", "dedup_key", "incident"))
    if rows:
        counted = Alert.objects.filter(pk__in=[pk for pk, _, _ in rows])
        counted.update(count=F("count") + 1, last_seen_at=at)
    return {key: Decision(key, IngestOutcome.JOINED, incident) for _, key, incident in rows}


def told(decision: Decision) -> dict[str, str | None]:
    number = format_number(decision.incident_id) if decision.incident_id else None
    return {"key": decision.key, "outcome": decision.outcome.value, "incident": number}
