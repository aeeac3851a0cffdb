"""What beat and the admin wake. All that is due stands in the database: see `making`."""

from datetime import datetime

import structlog
from celery import shared_task

from incidents.sweeping import for_each, spent_after
from itsm import timekeeping
from reports import lifecycle
from reports.models import Report, Schedule

logger = structlog.get_logger(__name__)

#: Reports may take long; what is left then is for the next tick.
BUDGET_SECONDS = 300


@shared_task(name="reports.tick")
def tick(**_future: object) -> None:
    """Every minute: order what is due, make what waits, nudge about what nobody was told of."""
    at, stop = timekeeping.now(), spent_after(BUDGET_SECONDS)
    for_each("reports.order", Schedule.objects.active(), lambda row: order(row, at), at=at, stop=stop)
    untold = Report.objects.unannounced()
    for_each("reports.announce", untold, lambda report: lifecycle.announce(report.pk), at=at, stop=stop)
    for_each("reports.make", Report.objects.to_make(at), lambda row: make_one(row.pk, at), at=at, stop=stop)


@shared_task(name="reports.make")
def make(*, report_id: int, **_future: object) -> None:
    make_one(report_id, timekeeping.now())


def order(schedule: Schedule, at: datetime) -> None:
    slot = lifecycle.due_slot(schedule, at=at)
    if slot is None:
        return
    report = lifecycle.order_slot(schedule, slot, at=at)
    logger.info("report_ordered", report=report.pk, schedule=schedule.pk, slot=str(slot), late=report.late)


def make_one(report_id: int, at: datetime) -> None:
    made = lifecycle.make(report_id, at=at)
    logger.info("report_made" if made else "report_not_to_make", report=report_id)
