"""Deliveries whose worker died, and those whose time is over."""

from datetime import datetime

import structlog
from django.db import transaction

from notifications.delivery.claim import fenced
from notifications.delivery.obstacles import EXPIRED
from notifications.delivery.outcomes import Result, settle
from notifications.delivery.retry import POISON_LIMIT
from notifications.delivery.sending import recorded
from notifications.enums import Outcome, Phase, Status
from notifications.models import Delivery

log = structlog.get_logger(__name__)

POISON = "It took several workers down with it."


def take_back_lost(at: datetime) -> int:
    """Before the hand-over nothing can have arrived: again. After it, again too, and marked as in doubt."""
    lost = list(Delivery.objects.lost(at).order_by("pk")[:500])
    return sum(_take_back(delivery, at) for delivery in lost)


def _take_back(delivery: Delivery, at: datetime) -> bool:
    in_doubt = delivery.phase == Phase.DATA
    result = Result(
        Outcome.AMBIGUOUS if in_doubt else Outcome.LOST,
        Phase(delivery.phase),
        text="The worker died during the hand-over." if in_doubt else "The worker died before the hand-over.",
    )
    with transaction.atomic():
        changes = settle(delivery, result, at) | {"lost_leases": delivery.lost_leases + 1}
        if changes["status"] == Status.PENDING:
            changes["due_at"] = at
        if changes["lost_leases"] >= POISON_LIMIT:
            changes |= {"status": Status.DEAD, "status_reason": POISON}
        attempt = recorded(delivery, result, at)
        if not fenced(delivery, **changes):
            return False
        attempt.save(force_insert=True)
    log.warning("lease_taken_back", delivery=str(delivery.uuid), in_doubt=in_doubt, status=delivery.status)
    return True


def cancel_expired(at: datetime) -> int:
    """Also what waits for a channel that is paused."""
    stale = Delivery.objects.filter(status=Status.PENDING, expires_at__lte=at)
    return stale.update(status=EXPIRED.status, status_reason=EXPIRED.reason)
