"""What beat and the admin wake. All that is due stands in the database: see `making`."""

import structlog
from celery import shared_task
from django.utils import timezone

from reports import making
from reports.models import Report

logger = structlog.get_logger(__name__)


@shared_task(name="reports.tick")
def tick(**_future: object) -> None:
    """Every minute: order what is due, make what waits, nudge about what nobody was told of."""
    at = timezone.now()
    for schedule, slot in making.due_slots(at=at):
        report = making.order_slot(schedule, slot, at=at)
        logger.info(
            "report_ordered", report=report.pk, schedule=schedule.pk, slot=str(slot), late=report.late
        )
    for report_id in Report.objects.unannounced().order_by("pk").values_list("pk", flat=True):
        making.announce(report_id)
    for report_id in Report.objects.to_make(at).order_by("pk").values_list("pk", flat=True):
        make.run(report_id=report_id)


@shared_task(name="reports.make")
def make(*, report_id: int, **_future: object) -> None:
    made = making.make(report_id, at=timezone.now())
    logger.info("report_made" if made else "report_not_to_make", report=report_id)
