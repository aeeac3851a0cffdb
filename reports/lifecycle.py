"""Reports are ordered, made and told; each step once, whoever does it and however often.

The row is the queue: a `Report` without `made_at` waits to be made, without `announced_at` to be told.
"""

from datetime import date, datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.dispatch import Signal

from incidents import rights
from reports import periods
from reports.enums import Kind
from reports.metrics.scope import Scope
from reports.models import READ, Report, Schedule

LATE = timedelta(hours=1)

#: Sent after commit with `report_id: int`. It is a nudge: a listener that misses it gets it again with
#: the next tick, until the report is marked as announced (`told`).
report_made = Signal()


def make_report(*, schedule: Schedule, slot: date, at: datetime) -> Report:
    """The report of that slot, made now if it was not: safe to call twice, and from two places at once."""
    report = order_slot(schedule, slot, at=at)
    make(report.pk, at=at)
    report.refresh_from_db()
    return report


def due_slot(schedule: Schedule, *, at: datetime) -> date | None:
    """What the schedule wants by now and has not ordered: the latest slot only, never a backlog."""
    slot = schedule.latest_slot(at)
    if schedule.due_at(slot) < schedule.since or Report.objects.filter(schedule=schedule, slot=slot).exists():
        return None
    return slot


def order_slot(schedule: Schedule, slot: date, *, at: datetime) -> Report:
    """The order for one slot; of two who try, the unique key lets one write it."""
    period = schedule.period(slot)
    with transaction.atomic():
        report, is_new = Report.objects.get_or_create(
            schedule=schedule,
            slot=slot,
            defaults={
                "kind": schedule.kind,
                "first": period.first,
                "after": period.after,
                "zone": schedule.zone,
                "team": schedule.team,
                "service": schedule.service,
                "with_confidential": schedule.with_confidential,
                "late": at - schedule.due_at(slot) > LATE,
                "requested_at": at,
            },
        )
        if is_new:
            report.readers.set(schedule.readers.all())
    return report


def order(period: periods.Period, scope: Scope, *, at: datetime, user: User | None = None) -> Report:
    """A report that somebody wants now. Nobody is mailed. `scope` is cut for whoever will read it."""
    kind = Kind.WEEKLY if periods.is_week(period) else Kind.MONTHLY if periods.is_month(period) else Kind.SPAN
    return Report.objects.create(
        kind=kind,
        first=period.first,
        after=period.after,
        zone=period.zone.key,
        team=scope.team,
        service=scope.service,
        with_confidential=scope.with_confidential,
        requested_by=user,
        requested_at=at,
    )


def make(report_id: int, *, at: datetime) -> bool:
    """Make one that waits, unless somebody is at it. Announces it after commit.

    A fault in making it is raised, and leaves it to be tried again.
    """
    from reports.content.compose import compose  # noqa: PLC0415 -- slow import

    begun = Report.objects.to_make(at).filter(pk=report_id)
    if not begun.update(begun_at=at, tries=F("tries") + 1):
        return False
    report = Report.objects.select_related("team", "service").get(pk=report_id)
    mine = Report.objects.filter(pk=report_id, made_at=None)
    try:
        scope = Scope(report.team, report.service, with_confidential=report.with_confidential)
        content = compose(report.period, scope, at=at)
    except Exception:
        mine.filter(begun_at=at).update(begun_at=None)
        raise
    with transaction.atomic():
        if not mine.update(content=content, made_at=at):
            return False
        transaction.on_commit(lambda: announce(report_id), robust=True)
    return True


def announce(report_id: int) -> None:
    """Nudge whoever tells its readers. They mark it with `told`; until then the tick nudges again.

    Raises what a receiver raised.
    """
    for _receiver, result in report_made.send_robust(Report, report_id=report_id):
        if isinstance(result, Exception):
            raise result


def readers_of(report: Report) -> QuerySet[User]:
    """Its readers who may still read reports."""
    needed = [READ, rights.SEE_ALL, rights.SEE_CONFIDENTIAL] if report.with_confidential else [READ]
    rows = User.objects.filter(pk__in=report.readers.values("pk"), is_active=True)
    for right in needed:
        holders = User.objects.with_perm(right, backend="django.contrib.auth.backends.ModelBackend")
        rows = rows.filter(pk__in=holders.values("pk"))
    return rows.order_by("pk")


def told(report_id: int, *, at: datetime) -> bool:
    """Its readers have been told. True for the first who says so."""
    return bool(Report.objects.unannounced().filter(pk=report_id).update(announced_at=at))
