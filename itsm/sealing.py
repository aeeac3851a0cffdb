"""Everything the desk seals, whichever room it lives in."""

from datetime import datetime

from incidents import anchors, append_only
from incidents.sweeping import Stop, never
from notifications import append_only as notifications_rows
from reports import append_only as reports_rows

KINDS = (*anchors.CORE, *notifications_rows.KINDS, *reports_rows.KINDS)
TABLES = (*append_only.TABLES, *notifications_rows.TABLES, *reports_rows.TABLES)


def seal(at: datetime, *, stop: Stop = never) -> int:
    """Pages made. See `incidents.anchors.pages`."""
    return anchors.anchor_pending(KINDS, at=at, stop=stop)
