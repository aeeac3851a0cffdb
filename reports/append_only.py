"""Reports that the database refuses to change once they are made, and what of them the ledger seals."""

from django.db.models import Q

from incidents.anchors.kinds import Kind, columns_of
from incidents.append_only import Fixed
from reports.models import Report

#: Written after it was made, or lost with what they name.
FREE = ("announced_at", "begun_at", "tries", "schedule_id", "requested_by_id")

TABLES = (Fixed(Report, free=FREE, once=("anchor",), since="OLD.made_at IS NOT NULL"),)
KINDS = (
    Kind(
        "report",
        Report,
        columns_of(Report, without=FREE),
        lambda values: f"report {values['pk']}",
        since="made_at",
        ready=Q(made_at__isnull=False),
    ),
)
