"""The part of the books that deliveries keep: what was due exists, and what exists ends or is on time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from incidents.enums import Via
from incidents.models import TimelineEntry
from notifications.enums import Outcome, Status
from notifications.models import Announcement, Attempt, ChannelPause, Delivery

PATIENCE = timedelta(minutes=5)
#: These are ends or halts that a person should be able to explain.
NEED_A_REASON = (Status.FAILED, Status.DEAD, Status.CANCELLED, Status.HELD)


def breaches(at: datetime) -> Iterator[str]:
    """Each breach as one line. Reads in chunks, and only what is not in order."""
    yield from _announced_without_receipt()
    yield from _receipts_that_differ()
    yield from _stuck(at)
    yield from _without_reason()
    yield from _without_attempt()


def _announced_without_receipt() -> Iterator[str]:
    """Imported history counts as announced; everything else was expanded by us and has a receipt."""
    expanded = TimelineEntry.objects.exclude(announced_at=None).exclude(via=Via.IMPORT)
    for entry in expanded.filter(announcement=None).select_related("incident").order_by("pk").iterator():
        yield f"{entry.incident.number}: entry {entry.seq} is announced, but nobody wrote down to whom"


def _receipts_that_differ() -> Iterator[str]:
    counted = Announcement.objects.annotate(rows=Count("entry__deliveries")).exclude(rows=F("expected"))
    for receipt in counted.select_related("entry__incident").order_by("pk").iterator():
        entry = receipt.entry
        yield (
            f"{entry.incident.number}: entry {entry.seq} is due {receipt.expected} deliveries "
            f"and has {receipt.rows}"
        )
    unannounced = Delivery.objects.filter(entry__isnull=False, entry__announcement=None)
    for delivery in unannounced.order_by("pk").iterator():
        yield f"delivery {delivery.uuid} belongs to an entry that was never announced"


def _stuck(at: datetime) -> Iterator[str]:
    """A channel that is paused says why its deliveries wait."""
    paused = ChannelPause.objects.in_force(at).values("channel")
    late = Delivery.objects.overdue(at, PATIENCE).exclude(status=Status.PENDING, channel__in=paused)
    for delivery in late.order_by("pk").iterator():
        since = f"{delivery.due_at:%Y-%m-%d %H:%M} UTC"
        yield f"delivery {delivery.uuid} is {delivery.status} and overdue since {since}"


def _without_reason() -> Iterator[str]:
    for delivery in (
        Delivery.objects.filter(status__in=NEED_A_REASON, status_reason="").order_by("pk").iterator()
    ):
        yield f"delivery {delivery.uuid} is {delivery.status} and does not say why"


def _without_attempt() -> Iterator[str]:
    sent = Attempt.objects.filter(delivery=OuterRef("pk"), outcome=Outcome.SENT)
    bare = Delivery.objects.filter(Q(status=Status.SENT) & ~Exists(sent))
    for delivery in bare.order_by("pk").iterator():
        yield f"delivery {delivery.uuid} is sent, but no attempt says so"
    doubtful = Attempt.objects.filter(outcome=Outcome.AMBIGUOUS).values("delivery").annotate(n=Count("pk"))
    for row in doubtful.exclude(n=F("delivery__ambiguous")).values(
        "delivery__uuid", "n", "delivery__ambiguous"
    ):
        yield (
            f"delivery {row['delivery__uuid']} counts {row['delivery__ambiguous']} doubtful attempts, "
            f"{row['n']} are on record"
        )
