"""Deliveries whose worker died, and those whose time is over."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from incidents.sweeping import Stop, for_each, never
from notifications.delivery.claim import fenced
from notifications.delivery.outcomes import Result, settle
from notifications.delivery.pause import not_tried
from notifications.delivery.recheck import EXPIRED
from notifications.delivery.retry import POISON_LIMIT
from notifications.delivery.send import recorded
from notifications.enums import Outcome, Phase, Status
from notifications.models import Delivery, Worker

log = structlog.get_logger(__name__)

#: The row of a worker that was killed goes when nothing can be in its name any more.
FORGOTTEN = timedelta(hours=1)

BROKEN = "It could not be sent, nor put off; the log has the details."
POISON = "It took several workers down with it."


def take_back_lost(at: datetime, *, stop: Stop = never) -> int:
    """Before the hand-over nothing can have arrived: again. After it, again too, and marked as in doubt."""
    taken: list[bool] = []
    for_each(
        "notifications.take_back_lost",
        Delivery.objects.lost(at),
        lambda delivery: taken.append(_take_back_or_bury(delivery, at)),
        at=at,
        stop=stop,
        label=lambda delivery: str(delivery.uuid),
    )
    Worker.objects.filter(seen_at__lte=at - FORGOTTEN).delete()
    return sum(taken)


def _take_back_or_bury(delivery: Delivery, at: datetime) -> bool:
    try:
        return _take_back(delivery, at)
    except Exception:
        log.exception("not_taken_back", delivery=str(delivery.uuid))
        return bury(delivery, at)


def bury(delivery: Delivery, at: datetime) -> bool:
    """A dead letter, whatever else is wrong with it: while it is under way, later ones to its target wait."""
    not_tried(delivery, at)
    mine = Delivery.objects.filter(pk=delivery.pk, status=Status.SENDING)
    return bool(mine.update(status=Status.DEAD, status_reason=BROKEN, lease_until=None, lease_token=None))


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
        not_tried(delivery, at)
    log.warning("lease_taken_back", delivery=str(delivery.uuid), in_doubt=in_doubt, status=delivery.status)
    return True


def cancel_expired(at: datetime) -> int:
    """Also what waits for a channel that is paused."""
    stale = Delivery.objects.filter(status=Status.PENDING, expires_at__lte=at)
    return stale.update(status=EXPIRED.status, status_reason=EXPIRED.reason)
