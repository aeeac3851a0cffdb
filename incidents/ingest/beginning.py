"""Alerts that were never heard before, many at once: a storm costs as many statements as one alert.

What it decides is what `correlate.decide` would decide of each. Whatever comes between, as the same
alert by another process, undoes the whole, and they are decided one by one.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q

from incidents import workflow
from incidents.ingest.correlate import Decision
from incidents.ingest.placing import MONITORING, draft, report_of, service_name
from incidents.ingest.severity import is_heartbeat
from incidents.models import Alert, MaintenanceWindow, Service, Source
from incidents.models.monitoring import IngestOutcome
from incidents.parsers.alert import AlertStatus, ParsedAlert
from incidents.sweeping import Stop, never

log = structlog.get_logger(__name__)

#: So many in one transaction: others write meanwhile.
BATCH = 500
NAMES = 50


def begin_all(
    alerts: Mapping[str, ParsedAlert], source: Source, at: datetime, *, stop: Stop = never
) -> dict[str, Decision]:
    """By key, what became of those that fire and were never heard of. `alerts`: said once in their body."""
    begun: dict[str, Decision] = {}
    firing = {key: alert for key, alert in alerts.items() if _fires(alert)}
    for keys in slices(list(firing), BATCH):
        if stop():
            break
        try:
            with transaction.atomic():
                begun |= _begin({key: firing[key] for key in keys}, source, at)
        except IntegrityError:
            log.info("alerts_overtaken", source=source.pk)
        except Exception:  # each of them is tried by itself, and what other batches came to stands
            log.exception("alerts_trouble", source=source.pk)
    return begun


def slices(whole: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def _fires(alert: ParsedAlert) -> bool:
    return alert.status == AlertStatus.FIRING and not is_heartbeat(alert.severity_raw)


def _begin(alerts: dict[str, ParsedAlert], source: Source, at: datetime) -> dict[str, Decision]:
    heard = Alert.objects.filter(source=source, dedup_key__in=alerts).values_list("dedup_key", flat=True)
    for key in heard.distinct():
        del alerts[key]
    if not alerts:
        return {}
    services = _services({name for alert in alerts.values() if (name := service_name(alert))})
    rows = [
        draft(alert, key=key, source=source, at=at, find=lambda name: services.get(name.casefold()))
        for key, alert in alerts.items()
    ]
    maintained = _maintained({row.service_id for row in rows if row.service_id}, at)
    to_open = [row for row in rows if row.service_id not in maintained]
    opened = workflow.open_incidents([report_of(row, at) for row in to_open], actor=MONITORING, at=at)
    for row, incident in zip(to_open, opened, strict=True):
        row.incident = incident
    # in one order: of two bodies with the same keys one waits for the other, and never each for each
    Alert.objects.bulk_create(sorted(rows, key=lambda row: row.dedup_key))
    return {row.dedup_key: _told(row) for row in rows}


def _told(row: Alert) -> Decision:
    outcome = IngestOutcome.OPENED if row.incident_id else IngestOutcome.SUPPRESSED
    return Decision(row.dedup_key, outcome, row.incident_id)


def _services(names: Iterable[str]) -> dict[str, Service]:
    """Those in use, by their name in small letters; of two the older."""
    found: dict[str, Service] = {}
    for some in slices(sorted(names), NAMES):
        asked = reduce(or_, (Q(name__iexact=name) for name in some))
        rows = Service.objects.filter(asked, is_active=True).select_related("team")
        for service in rows.order_by("-pk"):
            found[service.name.casefold()] = service
    return found


def _maintained(services: set[int], at: datetime) -> set[int | None]:
    if not services:
        return set()
    now = MaintenanceWindow.objects.filter(starts_at__lte=at, ends_at__gt=at, service__is_active=True)
    return set(now.filter(service__in=services).values_list("service", flat=True))
