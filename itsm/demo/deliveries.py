"""Deliveries of a past that is told rather than lived through: the demo's.

The same people are told for the same reasons as if it had happened here; only the sending is not done
again, and the words of what is older than `words_since` are not kept. Rows are written in bulk.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import F

from incidents.models import TimelineEntry
from notifications.delivery.announce import news
from notifications.delivery.queue import content_hash
from notifications.enums import Outcome, Phase, Status
from notifications.models import Announcement, Attempt, Delivery, Endpoint
from notifications.rendering.mail import render
from notifications.routing.concerned import is_recovery
from notifications.routing.recipients import Recipient, may_concern, recipients

BATCH = 500
QUICK = timedelta(seconds=4)
#: Every so many deliveries the other server asks to come back later, and takes it then.
GREYLISTED = 89
LATER = timedelta(minutes=5)


class PastDeliveries:
    """Collects entries in the order they happened; their incidents must be as they were then."""

    def __init__(self, *, words_since: datetime, refused: Collection[str] = ()) -> None:
        self._words_since, self._refused = words_since, refused
        self._people = User.objects.select_related("profile__location").in_bulk()
        self._programs_listen = Endpoint.objects.exists()
        self._receipts: list[Announcement] = []
        self._deliveries: list[Delivery] = []
        self._count = 0

    def add(self, entry: TimelineEntry) -> None:
        told = [news(entry, recipient, entry.at) for recipient in self._recipients(entry)]
        for delivery in told:
            self._send(delivery)
        self._deliveries += told
        self._receipts.append(Announcement(entry=entry, expected=len(told), at=entry.at))
        if len(self._receipts) >= BATCH:
            self.flush()

    def finish(self) -> None:
        """Those nobody handed in: steps that passed on to other incidents."""
        self.flush()
        for entry in TimelineEntry.objects.unannounced().select_related("incident").order_by("pk"):
            self.add(entry)
        self.flush()

    def flush(self) -> None:
        Delivery.objects.bulk_create(self._deliveries)
        Attempt.objects.bulk_create(
            [attempt for delivery in self._deliveries for attempt in _attempts(delivery)]
        )
        Announcement.objects.bulk_create(self._receipts)
        entries = TimelineEntry.objects.filter(pk__in=[receipt.entry_id for receipt in self._receipts])
        entries.update(announced_at=F("at"))
        self._deliveries, self._receipts = [], []

    def _recipients(self, entry: TimelineEntry) -> list[Recipient]:
        """Most internal entries concern nobody; asking who would be told takes most of the time."""
        if is_recovery(entry):
            self.flush()  # it is told to those who were told before
        return recipients(entry) if self._programs_listen or may_concern(entry) else []

    def _send(self, delivery: Delivery) -> None:
        person = self._people[delivery.recipient_id] if delivery.recipient_id else None
        delivery.recipient = person
        delivery.address = person.email if person else ""
        self._count += 1
        delivery.claimed_at = delivery.created_at + QUICK / 2
        delivery.attempts = 2 if self._count % GREYLISTED == 0 else 1
        delivery.phase, delivery.status = Phase.DONE, Status.SENT
        delivery.last_class, delivery.provider_reply = Outcome.SENT, "250 2.0.0 Ok: queued"
        delivery.last_text = delivery.provider_reply
        delivery.sent_at = delivery.created_at + QUICK + (LATER if delivery.attempts > 1 else timedelta(0))
        if delivery.address in self._refused:
            _refuse(delivery)
        if delivery.created_at >= self._words_since:
            words = render(delivery)
            delivery.subject, delivery.text, delivery.html = words.subject[:300], words.text, words.html
            delivery.body_hash = content_hash(delivery)
        elif delivery.incident:
            delivery.subject = f"[{delivery.incident.number}] {delivery.incident.title}"[:300]


def _refuse(delivery: Delivery) -> None:
    delivery.attempts, delivery.sent_at, delivery.provider_reply = 1, None, ""
    delivery.phase, delivery.status = Phase.OPENING, Status.FAILED
    delivery.status_reason = "The other side refused it for good."
    delivery.last_class, delivery.last_text = Outcome.PERMANENT, "552 5.2.2 Mailbox full"


def _attempts(delivery: Delivery) -> list[Attempt]:
    """What the delivery says of itself, try by try."""
    begun = delivery.claimed_at or delivery.created_at
    tries = []
    if delivery.attempts > 1:
        tries.append((begun, Outcome.RETRY, "451", "4.7.1 Greylisted, try again later"))
        begun += LATER
    code, _, text = delivery.last_text.partition(" ")
    tries.append((begun, Outcome(delivery.last_class), code, text))
    return [
        Attempt(
            delivery=delivery,
            n=n,
            started_at=at,
            ended_at=at + QUICK / 2,
            phase=Phase.OPENING if outcome != Outcome.SENT else Phase.DONE,
            outcome=outcome,
            code=code,
            text=text,
            worker="history",
        )
        for n, (at, outcome, code, text) in enumerate(tries, start=1)
    ]
