"""What a worker does when it is told to look."""

from collections.abc import Callable
from datetime import datetime

from notifications.delivery.announce import announce_pending
from notifications.delivery.breakers import clear_over
from notifications.delivery.claim import claim_due
from notifications.delivery.leases import cancel_expired, take_back_lost
from notifications.delivery.sending import send
from notifications.models import Heartbeat

SWEEP = "sweep"

Clock = Callable[[], datetime]


def deliver_due(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due until nothing is, or until told to stop. How many were tried."""
    tried = 0
    while not stop() and (delivery := claim_due(clock())):
        send(delivery, clock)
        tried += 1
    return tried


def sweep(clock: Clock, *, stop: Callable[[], bool] = lambda: False) -> None:
    """Everything that a lost message, a dead worker or a mended server has left behind."""
    at = clock()
    Heartbeat.objects.update_or_create(role=SWEEP, defaults={"at": at})
    take_back_lost(at)
    cancel_expired(at)
    clear_over(at)
    announce_pending(clock, stop=stop)
    deliver_due(clock, stop=stop)
