"""The part of the books that deliveries keep: what was due exists, and what exists ends or is on time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Subquery

from incidents.enums import Via
from incidents.models import Desk, Removal, RemovalKind, TimelineEntry
from notifications.delivery import recheck
from notifications.delivery.queue import content_hash
from notifications.delivery.recheck import EXPIRED, Obstacle
from notifications.delivery.recover import BROKEN
from notifications.enums import Outcome, Purpose, Reason, Status
from notifications.kinds import kinds_where
from notifications.models import Announcement, Attempt, ChannelPause, Delivery, OptOut

PATIENCE = timedelta(minutes=5)
#: These are ends or halts that a person should be able to explain.
NEED_A_REASON = (Status.FAILED, Status.DEAD, Status.CANCELLED, Status.HELD)

#: How the last try of one that ended went.
LAST_OUTCOMES = {
    Status.SENT: {Outcome.SENT},
    Status.FAILED: {Outcome.PERMANENT},
    Status.DEAD: set(Outcome) - {Outcome.SENT, Outcome.PERMANENT},
}
CHUNK = 200

#: With these a disturbance is over.
ENDS = kinds_where(lambda news: news.is_end)


def breaches(at: datetime) -> Iterator[str]:
    """Each breach as one line. Reads in chunks, and only what is not in order."""
    yield from _announced_without_receipt()
    yield from _receipts_that_differ()
    yield from _stuck(at)
    yield from _without_reason()
    yield from _with_a_reason_nobody_gives(at)
    yield from _ended_otherwise()
    yield from _without_attempt()
    yield from _other_words()
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


def _with_a_reason_nobody_gives(at: datetime) -> Iterator[str]:
    """The code gives a closed list of reasons; any other is a person's, and the admin's log says whose."""
    ours = [found.reason for found in vars(recheck).values() if isinstance(found, Obstacle)]
    halted = Delivery.objects.filter(status__in=(Status.CANCELLED, Status.HELD)).exclude(status_reason="")
    for delivery in halted.exclude(status_reason__in=ours).order_by("pk").iterator():
        if not _says_the_log(delivery):
            yield (
                f"delivery {delivery.uuid} is {delivery.status} because {delivery.status_reason!r}: "
                "the desk gives no such reason, and the admin's log knows of nobody who did"
            )
    early = Q(expires_at=None) | Q(expires_at__gt=at)
    for delivery in halted.filter(early, status_reason=EXPIRED.reason).order_by("pk").iterator():
        yield f"delivery {delivery.uuid} is cancelled as expired before its time"


def _says_the_log(delivery: Delivery) -> bool:
    acts = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(Delivery), object_id=str(delivery.pk)
    )
    return acts.filter(change_message__contains=delivery.status_reason).exists()


def _ended_otherwise() -> Iterator[str]:
    """The last try says how it ended."""
    for uuid, status in Delivery.objects.exclude(status__in=Status.values).values_list("uuid", "status"):
        yield f"delivery {uuid} has the status {status!r}, which there is not"
    last = Attempt.objects.filter(delivery=OuterRef("pk")).order_by("-n").values("outcome")[:1]
    ended = Delivery.objects.filter(status__in=LAST_OUTCOMES).exclude(status_reason=BROKEN)
    rows = ended.annotate(last=Subquery(last)).order_by("pk").values_list("uuid", "status", "last")
    for uuid, status, outcome in rows.iterator():
        if outcome not in LAST_OUTCOMES[Status(status)]:
            yield f"delivery {uuid} is {status}, its last try says {outcome or 'nothing'}"


def _other_words() -> Iterator[str]:
    """Their hash was taken when they were written; those of sent ones go when they were kept long enough."""
    written = Delivery.objects.exclude(body_hash="").order_by("pk")
    for delivery in written.exclude(text="", html="").iterator(chunk_size=CHUNK):
        if content_hash(delivery) != delivery.body_hash:
            yield f"delivery {delivery.uuid} has other words than were written"
    for delivery in written.filter(text="", html="").exclude(_removed_in_time()).iterator():
        if content_hash(delivery) != delivery.body_hash:  # the call of a webhook never had any
            yield f"delivery {delivery.uuid} lost its words before their time"


def _removed_in_time() -> Q:
    """Sent, and older at the last sweep than the shortest time that the desk ever kept them."""
    swept = Removal.objects.filter(kind=RemovalKind.SENT).values_list("at", flat=True).first()
    if swept is None:
        return Q(pk__in=())
    now = Desk.current().keep_sent_days
    ever = Desk.history.aggregate(days=Min("keep_sent_days"))["days"]
    return Q(status=Status.SENT, created_at__lt=swept - timedelta(days=min(now, ever or now)))


def _without_attempt() -> Iterator[str]:
    sent = Attempt.objects.filter(delivery=OuterRef("pk"), outcome=Outcome.SENT)
    bare = Delivery.objects.filter(Q(status=Status.SENT) & ~Exists(sent))
    for delivery in bare.order_by("pk").iterator():
        yield f"delivery {delivery.uuid} is sent, but no attempt says so"
    doubtful = Count("tries", filter=Q(tries__outcome=Outcome.AMBIGUOUS))
    differing = Delivery.objects.annotate(n=doubtful).exclude(n=F("ambiguous"))
    for uuid, counted, n in differing.order_by("pk").values_list("uuid", "ambiguous", "n").iterator():
        yield f"delivery {uuid} counts {counted} doubtful attempts, {n} are on record"


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
