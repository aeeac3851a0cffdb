"""The equation that shows nothing was lost: rows, timelines, clocks and deliveries agree.

Per incident: version = number of entries = last seq, seq without gap, the hash chain verifies,
folding the timeline gives the row, and the clocks equal their recomputation. Beyond that: nothing
is overdue or stuck without a reason.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.db.models import Prefetch

from incidents import timeline
from incidents.models import Clock, Incident, SetAside, TimelineEntry
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import PolicyBook, load_policy_book
from notifications import ledger as notifications_ledger
from reports import ledger as reports_ledger

log = structlog.get_logger(__name__)

#: Sweeps come every few seconds; what waits longer than this is stuck.
PATIENCE = timedelta(minutes=5)
CHUNK = 200


def breaches(at: datetime) -> Iterator[str]:
    """Each breach as one line; nothing when the books are in order. Reads the whole database in chunks."""
    book = load_policy_book()
    incidents = Incident.objects.order_by("pk").prefetch_related(
        Prefetch("entries", TimelineEntry.objects.order_by("seq")), "clocks"
    )
    for incident in incidents.iterator(chunk_size=CHUNK):
        for fault in checked(incident, book):
            yield f"{incident.number}: {fault}"
    yield from unannounced(at)
    yield from unscanned(at)
    yield from set_aside()
    yield from notifications_ledger.breaches(at)
    yield from reports_ledger.breaches(at)


def checked(incident: Incident, book: PolicyBook) -> list[str]:
    """An incident that cannot be checked is a breach of its own, and stops no other's check."""
    try:
        return list(incident_faults(incident, book))
    except Exception as error:
        log.exception("not_checked", incident=incident.number)
        return [f"could not be checked: {type(error).__name__}: {error}"]


def incident_faults(incident: Incident, book: PolicyBook) -> Iterator[str]:
    """What is wrong with one incident. Reads its `entries` (in order) and `clocks`: prefetch them."""
    entries = list(incident.entries.all())
    if incident.version != len(entries):
        yield f"version {incident.version}, but {len(entries)} timeline entries"
    yield from timeline.chain_breaks(entries, incident.uid, incident.chain_head)
    told, stands = timeline.fold(entries), timeline.row_values(incident)
    for name in timeline.TRACKED:
        if told[name] != stands[name]:
            yield f"{name} is {stands[name]!r}, its timeline says {told[name]!r}"
    yield from clock_faults(incident, entries, book)


def clock_faults(incident: Incident, entries: list[TimelineEntry], book: PolicyBook) -> Iterator[str]:
    """Where stored clocks differ from what timeline, targets and calendars give."""
    if not entries:
        return
    expected = sla_clocks.replay(timeline.steps(entries), book)
    stored = {clock.metric: clock for clock in incident.clocks.all()}
    for metric in sorted(expected.keys() | stored.keys()):
        if metric not in stored:
            yield f"the clock {metric} is missing"
        elif metric not in expected:
            yield f"the clock {metric} has no target"
        else:
            yield from _clock_differences(stored[metric], expected[metric], book)


def _clock_differences(stored: Clock, expected: sla_clocks.Running, book: PolicyBook) -> Iterator[str]:
    for name, value in expected.columns(book.calendars[expected.terms.calendar_id]).items():
        if getattr(stored, name) != value:
            yield f"the clock {stored.metric} has {name} {getattr(stored, name)}, recomputed {value}"


def unannounced(at: datetime) -> Iterator[str]:
    late = TimelineEntry.objects.unannounced().filter(recorded_at__lt=at - PATIENCE)
    for entry in late.select_related("incident").order_by("pk"):
        yield f"{entry.incident.number}: entry {entry.seq} was never announced"


def unscanned(at: datetime) -> Iterator[str]:
    late = Clock.objects.due_for_notice(at - PATIENCE)
    for clock in late.select_related("incident").order_by("pk"):
        yield f"{clock.incident.number}: the clock {clock.metric} reached a threshold that nobody wrote down"


def set_aside() -> Iterator[str]:
    for row in SetAside.objects.order_by("since", "pk"):
        yield f"{row} is set aside since {row.since:%Y-%m-%d %H:%M} UTC: {row.error}"
