"""The part of the books that deliveries keep: what was due exists, and what exists ends or is on time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q

from incidents.enums import EntryKind, Via
from incidents.models import TimelineEntry
from notifications.enums import Outcome, Purpose, Reason, Status
from notifications.models import Announcement, Attempt, ChannelPause, Delivery, OptOut

PATIENCE = timedelta(minutes=5)
#: These are ends or halts that a person should be able to explain.
NEED_A_REASON = (Status.FAILED, Status.DEAD, Status.CANCELLED, Status.HELD)

#: With these a disturbance is over.
ENDS = (EntryKind.RESOLVED, EntryKind.CANCELLED, EntryKind.MERGED)


def breaches(at: datetime) -> Iterator[str]:
    """Each breach as one line. Reads in chunks, and only what is not in order."""
    yield from _announced_without_receipt()
    yield from _receipts_that_differ()
    yield from _stuck(at)
    yield from _without_reason()
    yield from _without_attempt()
    yield from _news_that_leaked()
    yield from _news_that_never_ended()


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


def _news_that_leaked() -> Iterator[str]:
    """Public news is read by people who may not know of the incident: it must not name it."""
    written = Delivery.objects.filter(purpose=Purpose.SERVICE).exclude(body_hash="")
    for delivery in written.select_related("incident").order_by("pk").iterator():
        number = delivery.incident.number if delivery.incident else ""
        if number and number in f"{delivery.subject}\n{delivery.text}\n{delivery.html}":
            yield f"delivery {delivery.uuid} is public news and names {number}"


def _news_that_never_ended() -> Iterator[str]:
    """Whoever was sent public news of an incident was told that it is over, once it was."""
    unwilling = OptOut.objects.filter(
        Q(incident=None) | Q(incident=OuterRef("incident")),
        user=OuterRef("recipient"),
        reason__in=("", Reason.SUBSCRIBER),
    )
    ended = TimelineEntry.objects.filter(
        incident=OuterRef("incident"), kind__in=ENDS, announced_at__isnull=False, pk__gt=OuterRef("entry")
    ).exclude(actor=OuterRef("recipient"))
    told = Delivery.objects.filter(
        incident=OuterRef("incident"), target=OuterRef("target"), entry__kind__in=ENDS
    )
    begun = Delivery.objects.filter(purpose=Purpose.SERVICE, status=Status.SENT)
    reachable = begun.filter(recipient__is_active=True, incident__is_confidential=False)
    silent = reachable.exclude(recipient__email="").filter(Exists(ended), ~Exists(told), ~Exists(unwilling))
    for delivery in silent.select_related("incident").order_by("pk").iterator():
        yield f"delivery {delivery.uuid} told of a disturbance, and its end was not told to {delivery.target}"
