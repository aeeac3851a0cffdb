"""What a worker does when it is told to look."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db.models import Q

from incidents.sweeping import Stop, never
from notifications.channels.registry import Lines
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import EVERYTHING, claim_due
from notifications.delivery.outcomes import Result
from notifications.delivery.recover import bury, cancel_expired, take_back_lost
from notifications.delivery.send import finish, send
from notifications.enums import Outcome, Phase
from notifications.models import Delivery, Heartbeat

log = structlog.get_logger(__name__)

SWEEP = "sweep"

Clock = Callable[[], datetime]


def deliver_due(clock: Clock, *, stop: Stop = never) -> int:
    """Send what is due, one after the other, until nothing is or until told to stop. How many were tried."""
    tried = 0
    with Lines() as lines:
        while not stop() and carry_next(clock, lines):
            tried += 1
    return tried


def carry_next(clock: Clock, lines: Lines, *, takes: Q = EVERYTHING, by: str = "") -> bool:
    """Try the first delivery that is due. False: none is."""
    delivery = claim_due(clock(), takes=takes, by=by)
    if delivery is None:
        return False
    try:
        send(delivery, clock, lines)
    except Exception:
        log.exception("not_sent", delivery=str(delivery.uuid))
        count_as_failed(delivery, at=clock())
    return True


def count_as_failed(delivery: Delivery, *, at: datetime) -> None:
    """A fault of ours in this one: it waits for its next try and ends as a dead letter, others go on."""
    in_doubt = delivery.phase == Phase.DATA
    text = "It could not be sent; the log has the details."
    result = Result(Outcome.AMBIGUOUS if in_doubt else Outcome.ERROR, Phase(delivery.phase), text=text)
    try:
        finish(delivery, result, at=at)
    except Exception:
        log.exception("not_settled", delivery=str(delivery.uuid))
        bury(delivery, at)


def tidy_up(clock: Clock, *, stop: Stop = never) -> None:
    """Everything that a lost message or a dead worker has left behind, ready to be sent."""
    at = clock()
    Heartbeat.objects.update_or_create(role=SWEEP, defaults={"at": at})
    take_back_lost(at, stop=stop)
    cancel_expired(at)
    announce_pending(clock, stop=stop)


def sweep(clock: Clock, *, stop: Stop = never) -> None:
    """Tidy up and send, on one thread. A worker has several: see `pool`."""
    tidy_up(clock, stop=stop)
    deliver_due(clock, stop=stop)
