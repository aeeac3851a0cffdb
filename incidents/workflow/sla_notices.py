"""A clock reached a threshold: it is written down, once."""

from datetime import datetime

from django.db import transaction

from incidents.enums import EntryKind, Via
from incidents.models import Clock, TimelineEntry
from incidents.policies import Actor
from incidents.sla.clocks import THRESHOLDS, from_row
from incidents.sla.policy import load_policy_book
from incidents.sla.rebuild import ClockRows
from incidents.workflow import persist


@transaction.atomic
def notice_clock(clock: Clock, *, at: datetime) -> TimelineEntry | None:
    """Write the highest threshold reached (warning at 50 and 75 percent, breach at 100) to the timeline.

    None when it is written already or not reached. Raises StaleIncident when the incident moved
    meanwhile; the next scan looks again.
    """
    clock = Clock.objects.select_related("incident").get(pk=clock.pk)
    if clock.stopped_at is not None or clock.notice_at is None or clock.notice_at > at:
        return None
    book = load_policy_book()
    running = from_row(clock)
    percent = running.percent_at(book.calendars[clock.calendar_id], at)
    if percent <= clock.noticed_percent:
        # Its calendar was changed in place: measured again, or every scan would find it due.
        rows = Clock.objects.filter(incident=clock.incident)
        ClockRows(clock.incident, {clock.metric: running}, rows=rows, book=book).settle()
        return None
    due_at = clock.due_at.isoformat() if clock.due_at else None
    return persist.write(
        clock.incident,
        kind=EntryKind.SLA_BREACHED if percent == THRESHOLDS[-1] else EntryKind.SLA_WARNED,
        actor=Actor(None, Via.SYSTEM),
        at=at,
        data={"clock": {"metric": clock.metric, "percent": percent, "due_at": due_at}},
    )
