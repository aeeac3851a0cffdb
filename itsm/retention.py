"""The sweep that removes what was kept long enough. How long is said by the desk, one number a kind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.db import transaction
from django.db.models import F

from incidents import orphans
from incidents import retention as incidents_retention
from incidents.models import Desk, Removal, RemovalKind, SetAside
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
    works = [(rule.kind, partial(remove, rule, moment, at, stop)) for rule, _days, moment in due(at)]
    works += [(RemovalKind.ORPHANS, partial(set_orphans_aside, at, stop))]
    works += [(RemovalKind.ASIDE, partial(remove_aside, at, stop))]
    for position, (kind, work) in enumerate(works):
        try:
            removed[kind.value] = work()
        except Exception as error:  # noqa: BLE001 -- the other kinds are not to blame
            set_aside(JOB, position, str(kind.label), error, at=at)
        else:
            SetAside.objects.filter(job=JOB, row_id=position).delete()
    return removed


def set_orphans_aside(at: datetime, stop: Stop) -> int:
    return note(RemovalKind.ORPHANS, orphans.set_aside(at, stop), at)


def remove_aside(at: datetime, stop: Stop) -> int:
    """Kept as long as unsent files: perhaps it is the rows that are missing."""
    before = at - timedelta(days=Desk.current().keep_drafts_days)
    return note(RemovalKind.ASIDE, orphans.remove_aside(before, stop), at)


def remove(rule: Rule, moment: datetime, at: datetime, stop: Stop) -> int:
    older, count = rule.older(moment), 0
    while not stop() and (batch := list(older.order_by("pk").values_list("pk", flat=True)[:BATCH])):
        with transaction.atomic():
            count += rule.remove(older.filter(pk__in=batch), at)
    return note(rule.kind, count, at)


def note(kind: RemovalKind, count: int, at: datetime) -> int:
    """Put it on record."""
    Removal.objects.get_or_create(kind=kind, defaults={"at": at})
    Removal.objects.filter(kind=kind).update(at=at, last=count, total=F("total") + count)
    if count:
        log.info("removed", kind=kind.value, count=count)
    return count
