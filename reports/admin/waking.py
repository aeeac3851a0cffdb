"""Telling a worker that a report waits. If nobody hears it, the next tick finds the row."""

import structlog
from django.db import transaction
from kombu.exceptions import OperationalError

from reports.models import Report
from reports.tasks import make

logger = structlog.get_logger(__name__)


def wake(report: Report) -> None:
    transaction.on_commit(lambda: _send(report.pk))


def _send(report_id: int) -> None:
    try:
        make.delay(report_id=report_id)
    except OperationalError:
        logger.warning("broker_not_reached", report=report_id)
