"""What a worker does when it is told to look."""

from collections.abc import Callable
from datetime import datetime

import structlog

from incidents.sweeping import Stop, never
from notifications.delivery.announce import announce_pending
from notifications.delivery.breakers import clear_over
from notifications.delivery.claim import claim_due
from notifications.delivery.leases import bury, cancel_expired, take_back_lost
from notifications.delivery.outcomes import Result
from notifications.delivery.sending import finish, send
from notifications.enums import Outcome, Phase
from notifications.models import Delivery, Heartbeat

log = structlog.get_logger(__name__)

SWEEP = "sweep"

Clock = Callable[[], datetime]


def deliver_due(clock: Clock, *, stop: Stop = never) -> int:
    """Send what is due until nothing is, or until told to stop. How many were tried."""
    tried = 0
    while not stop() and (delivery := claim_due(clock())):
        try:
            send(delivery, clock)
        except Exception:
            log.exception("not_sent", delivery=str(delivery.uuid))
            count_as_failed(delivery, at=clock())
        tried += 1
    return tried


def count_as_failed(delivery: Delivery, *, at: datetime) -> None:
    """A fault of ours in this one: it waits for its next try and ends as a dead letter, others go on."""
    in_doubt = delivery.phase == Phase.DATA
    text = "It could not be sent; the log has the details."
    result = Result(Outcome.AMBIGUOUS if in_doubt else Outcome.ERROR, Phase(delivery.phase), text=text)
    try:
        finish(delivery, result, at=at)
    except Exception:
        log.exception("not_settled", delivery=str(delivery.uuid))
        bury(delivery)


def sweep(clock: Clock, *, stop: Stop = never) -> None:
    """Everything that a lost message, a dead worker or a mended server has left behind."""
    at = clock()
    Heartbeat.objects.update_or_create(role=SWEEP, defaults={"at": at})
    take_back_lost(at, stop=stop)
    cancel_expired(at)
    clear_over(at)
    announce_pending(clock, stop=stop)
    deliver_due(clock, stop=stop)
