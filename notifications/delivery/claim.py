"""Taking a delivery for oneself: by row lock on PostgreSQL, by compare-and-set everywhere."""

import os
import random
import socket
import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from notifications.enums import Phase, Status
from notifications.models import ChannelPause, Delivery
from notifications.transports.smtp import ATTEMPT_SECONDS

LEASE = timedelta(seconds=2 * ATTEMPT_SECONDS)
#: Where rows cannot be locked, workers pick among the first few, so that they seldom want the same one.
CHOICE = 4


def claim_due(at: datetime) -> Delivery | None:
    """The next delivery, now ours until its lease ends. The try is counted before the work begins."""
    paused = ChannelPause.objects.in_force(at).values("channel")
    due = Delivery.objects.due(at).exclude(channel__in=paused).in_turn(at).order_by("lane", "due_at", "pk")
    if connection.features.has_select_for_update_skip_locked:
        with transaction.atomic():
            found = due.select_for_update(skip_locked=True, of=("self",)).first()
            return take(found, at) if found else None
    while first := list(due[:CHOICE]):
        lane = [found for found in first if found.lane == first[0].lane]
        random.shuffle(lane)
        for found in lane:
            if taken := take(found, at):
                return taken
    return None


def take(found: Delivery, at: datetime) -> Delivery | None:
    """None: another worker was quicker."""
    token = uuid.uuid4()
    rows = Delivery.objects.filter(pk=found.pk, status=Status.PENDING, attempts=found.attempts).update(
        status=Status.SENDING,
        phase=Phase.NONE,
        attempts=F("attempts") + 1,
        claimed_at=at,
        claimed_by=worker(),
        lease_until=at + LEASE,
        lease_token=token,
    )
    if rows != 1:
        return None
    return Delivery.objects.select_related(
        "entry", "incident", "recipient__profile__location", "endpoint__owner"
    ).get(pk=found.pk)


def fenced(delivery: Delivery, **changes: object) -> bool:
    """Write to a delivery that is still ours. False: our lease ended and it is somebody else's now."""
    mine = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING, lease_token=delivery.lease_token)
    if mine.update(**changes) != 1:
        return False
    for name, value in changes.items():
        setattr(delivery, name, value)
    return True


def worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:120]
