"""The equation that shows nothing was lost: rows, timelines, clocks and deliveries agree.

Per incident: version = number of entries = last seq, seq without gap, the hash chain verifies,
folding the timeline gives the row, evidence, hypotheses, actions, review and files are what their
entries tell, and the clocks equal their recomputation. Over all: what was sealed is there as it was.
Beyond that: nothing is overdue or stuck without a reason.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from incidents import anchors, append_only, timeline
from incidents import ledger as incidents_ledger
from incidents.models import Clock, Incident, SetAside, TimelineEntry
from incidents.models.incident import format_number
from incidents.models.sla import next_due_at
from incidents.sla import clocks as sla_clocks
from incidents.sla.policy import PolicyBook, load_policy_book
from itsm import sealing
from notifications import ledger as notifications_ledger
from notifications.models import Delivery
from reports import ledger as reports_ledger

log = structlog.get_logger(__name__)

#: Sweeps come every few seconds; what waits longer than this is stuck.
PATIENCE = timedelta(minutes=5)
CHUNK = 200


def breaches(at: datetime, *, heads: Mapping[int, str] | None = None, files: bool = False) -> Iterator[str]:
    """Each breach as one line; nothing when the books are in order. Reads the whole database in chunks.

    `heads` were kept outside (see `incidents.anchors.proving`). With `files` each attachment is read whole.
    """
    book = load_policy_book()
    for incident in for_check().iterator(chunk_size=CHUNK):
        for fault in checked(incident, book):
            yield f"{incident.number}: {fault}"
    yield from without_incident()
    for reason in append_only.left_open():
        yield f"the lock on what is append-only stands open: {reason}"
    yield from anchors.breaches(sealing.KINDS, at, {**mailed_heads(), **(heads or {})})
    if files:
        yield from incidents_ledger.file_faults()
    yield from unannounced(at)
    yield from unscanned(at)
    yield from set_aside()
    yield from notifications_ledger.breaches(at)
    yield from reports_ledger.breaches(at)


def for_check() -> QuerySet[Incident]:
    """Incidents with everything that `incident_faults` reads."""
    entries = TimelineEntry.objects.order_by("seq").prefetch_related("attachments")
    return (
        Incident.objects.order_by("pk")
        .select_related("review")
        .prefetch_related(Prefetch("entries", entries), "clocks", *incidents_ledger.FINDINGS)
    )


def mailed_heads() -> dict[int, str]:
    """Those in the kept words of report mails: a witness inside, for whoever forgets that it is there."""
    heads: dict[int, str] = {}
    mails = Delivery.objects.filter(key__startswith="report:", text__contains="-").order_by("pk")
    for text in mails.values_list("text", flat=True).iterator():
        with suppress(anchors.NoHead):
            heads.update(anchors.heads_in(text))
    return heads


def without_incident() -> Iterator[str]:
    orphans = TimelineEntry.objects.filter(~Exists(Incident.objects.filter(pk=OuterRef("incident_id"))))
    for pk in orphans.order_by("incident_id").values_list("incident_id", flat=True).distinct():
        yield f"{format_number(pk)}: the incident is gone, its timeline is there"


def checked(incident: Incident, book: PolicyBook) -> list[str]:
    """An incident that cannot be checked is a breach of its own, and stops no other's check."""
    try:
        return list(incident_faults(incident, book))
    except Exception as error:
        log.exception("not_checked", incident=incident.number)
        return [f"could not be checked: {type(error).__name__}: {error}"]


def incident_faults(incident: Incident, book: PolicyBook) -> Iterator[str]:
    """What is wrong with one incident, taken from `for_check`."""
    entries = list(incident.entries.all())
    if incident.version != len(entries):
        yield f"version {incident.version}, but {len(entries)} timeline entries"
    yield from timeline.chain_breaks(entries, incident.uid, incident.chain_head)
    told, stands = timeline.fold(entries), timeline.row_values(incident)
    for name in timeline.TRACKED:
        if told[name] != stands[name]:
            yield f"{name} is {stands[name]!r}, its timeline says {told[name]!r}"
    if entries and incident.updated_at != entries[-1].at:
        yield f"updated_at is {incident.updated_at}, the last entry is of {entries[-1].at}"
    yield from incidents_ledger.finding_faults(incident, entries)
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
    due = next_due_at(stored.values())
    if incident.next_due_at != due:
        yield f"next_due_at is {incident.next_due_at}, its clocks say {due}"


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
