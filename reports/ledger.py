"""The part of the books that reports keep: what was ordered is made, and what is made is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from reports.models import Report
from reports.models.report import LEASE

#: The tick comes every minute.
PATIENCE = timedelta(minutes=5)


def breaches(at: datetime) -> Iterator[str]:
    """Each breach as one line."""
    for report in Report.objects.filter(made_at=None, requested_at__lt=at - LEASE - PATIENCE).order_by("pk"):
        reason = (
            f"given up after {report.tries} tries" if report.gave_up else f"not made by {at:%Y-%m-%d %H:%M}"
        )
        yield f"report {report.pk} ({report}): {reason}"
    for report in Report.objects.unannounced().filter(made_at__lt=at - PATIENCE).order_by("pk"):
        yield f"report {report.pk} ({report}): made, and its readers not told"
