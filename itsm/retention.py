"""The sweep that removes what was kept long enough. How long is said by the desk, one number a kind."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from incidents import retention as incidents_retention
from incidents.models import Desk, Removal, SetAside
from incidents.retention import Rule
from incidents.sweeping import Stop, never, set_aside
from notifications import retention as notifications_retention

log = structlog.get_logger(__name__)

RULES = (*incidents_retention.RULES, *notifications_retention.RULES)
JOB = "itsm.retention"
BATCH = 500


def due(at: datetime) -> Iterator[tuple[Rule, int, datetime]]:
    """Each rule with its days and the moment before which things go."""
    desk = Desk.current()
    for rule in RULES:
        days = getattr(desk, rule.days)
        yield rule, days, at - timedelta(days=days)


def sweep(at: datetime, *, stop: Stop = never) -> dict[str, int]:
    """Remove what is old enough, batch by batch; how many of each kind. One kind's trouble stops no other."""
    removed = {}
    for position, (rule, _days, moment) in enumerate(due(at)):
        try:
            removed[rule.kind.value] = remove(rule, moment, at, stop)
        except Exception as error:  # noqa: BLE001 -- the other kinds are not to blame
            set_aside(JOB, position, str(rule.kind.label), error, at=at)
        else:
            SetAside.objects.filter(job=JOB, row_id=position).delete()
    return removed


def remove(rule: Rule, moment: datetime, at: datetime, stop: Stop) -> int:
    older, count = rule.older(moment), 0
    while not stop() and (batch := list(older.order_by("pk").values_list("pk", flat=True)[:BATCH])):
        with transaction.atomic():
            count += rule.remove(older.filter(pk__in=batch), at)
    Removal.objects.get_or_create(kind=rule.kind, defaults={"at": at})
    Removal.objects.filter(kind=rule.kind).update(at=at, last=count, total=F("total") + count)
    if count:
        log.info("removed", kind=rule.kind.value, count=count, older_than=moment.isoformat())
    return count
