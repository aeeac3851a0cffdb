"""Entries become deliveries: once each, in one transaction with the mark on the entry."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from incidents.enums import Priority
from incidents.models import TimelineEntry
from incidents.sweeping import Stop, for_each, never
from notifications.delivery.queue import draft
from notifications.enums import Lane
from notifications.kinds import news_of
from notifications.models import Announcement, Delivery
from notifications.routing.recipients import Recipient, recipients

Clock = Callable[[], datetime]


def announce_pending(clock: Clock, *, stop: Stop = never) -> int:
    """Expand every entry that waits; the number of deliveries made. Safe to run side by side."""
    made: list[int] = []
    for_each(
        "notifications.announce",
        TimelineEntry.objects.unannounced().select_related("incident"),
        lambda entry: made.append(announce_entry(entry.pk, at=clock()) or 0),
        at=clock(),
        stop=stop,
        label=lambda entry: f"{entry.incident.number} {entry.seq}",
    )
    return sum(made)


def announce_entry(entry_id: int, *, at: datetime) -> int | None:
    """Make the deliveries of one entry. None: somebody else has, or is about to."""
    with transaction.atomic():
        entry = _claimed(entry_id, at)
        if entry is None:
            return None
        drafts = [news(entry, recipient, at) for recipient in recipients(entry)]
        Delivery.objects.bulk_create(drafts)
        Announcement.objects.create(entry=entry, expected=len(drafts), at=at)
        return len(drafts)


def _claimed(entry_id: int, at: datetime) -> TimelineEntry | None:
    """PostgreSQL skips what another worker holds; on SQLite writers queue and the compare-and-set decides."""
    waiting = TimelineEntry.objects.unannounced().filter(pk=entry_id)
    if connection.features.has_select_for_update_skip_locked:
        held = waiting.select_for_update(skip_locked=True).values_list("pk", flat=True).first()
        if held is None:
            return None
    if waiting.update(announced_at=at) != 1:
        return None
    return TimelineEntry.objects.select_related("incident").get(pk=entry_id)


def news(entry: TimelineEntry, recipient: Recipient, at: datetime) -> Delivery:
    delivery = draft(at=at, channel=recipient.channel, target=recipient.target, reason=recipient.reason)
    delivery.entry, delivery.incident, delivery.purpose = entry, entry.incident, recipient.purpose
    if recipient.incident_id is not None:
        delivery.incident_id = recipient.incident_id
    delivery.recipient_id, delivery.endpoint_id = recipient.user_id, recipient.endpoint_id
    delivery.lane = _lane(entry)
    delivery.expires_at = _worthless_after(entry)
    return delivery


def _lane(entry: TimelineEntry) -> Lane:
    urgent = news_of(entry.kind).is_urgent
    incident = entry.incident
    return (
        Lane.URGENT if urgent or incident.is_major or incident.priority == Priority.CRITICAL else Lane.NORMAL
    )


def _worthless_after(entry: TimelineEntry) -> datetime:
    """Counted from the event, so that a long outage or a restored backup blasts nothing stale."""
    return entry.at + news_of(entry.kind).lasts
