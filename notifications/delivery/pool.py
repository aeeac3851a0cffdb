"""Hands of a worker that carry side by side: a slow server or program keeps nobody else's news waiting.

Urgent mail has a hand of its own, and so has the rest of the mail; several make the calls of webhooks, at
most one to each. As long as one of them is busy the others go on looking for work.
"""

import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import DatabaseError, connections
from django.db.models import Q

from incidents.sweeping import Stop, spent_after
from notifications.channels.registry import Lines
from notifications.delivery.announce import announce_pending
from notifications.delivery.worker import carry_next
from notifications.enums import Lane
from notifications.models import Delivery, Worker
from notifications.models.pipeline import SILENCE

log = structlog.get_logger(__name__)

BEAT_SECONDS = SILENCE.total_seconds() / 4
LOOK_AGAIN_SECONDS = 0.5
MOST_CALLS = 4

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Courier:
    name: str
    takes: Q
    #: expands new entries too, so that urgent news never waits for a free worker
    announces: bool = False


URGENT = Courier("urgent mail", Q(endpoint=None, lane=Lane.URGENT), announces=True)
MAIL = Courier("mail", Q(endpoint=None))
CALLS = Courier("calls", Q(endpoint__isnull=False))


class Shift:
    """One turn of a worker: from the first delivery that is due to the last, or until told to stop."""

    def __init__(self, clock: Clock, *, stop: Stop) -> None:
        self.clock, self.stop = clock, stop
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.over = threading.Event()
        self.change = threading.Condition()
        self.busy = 0
        self.tried = 0

    def run(self) -> int:
        """How many were tried."""
        couriers = [URGENT, MAIL, *[CALLS] * self._calls_wanted()]
        with self._alive():
            threads = [self._begun(courier) for courier in couriers]
            try:
                with self.change:
                    while not (self.over.is_set() or self.change.wait_for(lambda: not self.busy, 1)):
                        if self.stop():
                            break
            finally:
                self.over.set()
            for thread in threads:
                thread.join()
        return self.tried

    def _calls_wanted(self) -> int:
        due = Delivery.objects.due(self.clock()).filter(CALLS.takes)
        return min(due.values("endpoint").distinct().count(), MOST_CALLS)

    def _begun(self, courier: Courier) -> threading.Thread:
        self._count(1)
        thread = threading.Thread(target=self._work, args=(courier,), name=courier.name, daemon=True)
        thread.start()
        return thread

    def _work(self, courier: Courier) -> None:
        is_busy = True
        try:
            with Lines() as lines:
                while not (self.over.is_set() or self.stop()):
                    if courier.announces:
                        announce_pending(self.clock, stop=spent_after(LOOK_AGAIN_SECONDS))
                    found = carry_next(self.clock, lines, takes=courier.takes, by=self.name)
                    if found != is_busy:
                        is_busy = found
                        self._count(1 if found else -1)
                    if found:
                        self.tried += 1
                    else:
                        self.over.wait(LOOK_AGAIN_SECONDS)
        except Exception:
            log.exception("courier_stopped", courier=courier.name)
        finally:
            if is_busy:
                self._count(-1)
            connections.close_all()

    def _count(self, change: int) -> None:
        with self.change:
            self.busy += change
            self.change.notify_all()

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Says so every few seconds: what a dead worker had in hand is taken back soon."""
        done = threading.Event()
        Worker.objects.create(name=self.name, seen_at=self.clock())
        beating = threading.Thread(target=self._beat, args=(done,), name="beat", daemon=True)
        beating.start()
        try:
            yield
        finally:
            done.set()
            beating.join()
            Worker.objects.filter(name=self.name).delete()

    def _beat(self, done: threading.Event) -> None:
        while not done.wait(BEAT_SECONDS):
            try:
                Worker.objects.filter(name=self.name).update(seen_at=self.clock())
            except DatabaseError:
                log.exception("worker_not_heard")
        connections.close_all()
