"""A worker that dies is missed within seconds; one that is only slow keeps what it has in hand."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from notifications.delivery.claim import LEASE, claim_due
from notifications.delivery.queue import enqueue_mail
from notifications.delivery.recover import take_back_lost
from notifications.delivery.worker import sweep
from notifications.enums import Outcome, Phase, Status
from notifications.models import ChannelPause, Delivery, Worker
from notifications.models.pipeline import SILENCE
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db

NAME = "host:1:abc"


@pytest.fixture
def in_hand(carol: User, clock: Hand) -> Delivery:
    """A mail that a worker has just taken."""
    enqueue_mail(key="report:1", recipients=[carol], subject="Numbers", text="1", html="", at=clock())
    Worker.objects.create(name=NAME, seen_at=clock())
    taken = claim_due(clock(), by=NAME)
    assert taken
    return taken


@pytest.mark.parametrize(
    ("phase", "outcome", "doubtful"),
    [(Phase.NONE, Outcome.LOST, 0), (Phase.DATA, Outcome.AMBIGUOUS, 1)],
    ids=["before", "during"],
)
def test_delivery_of_a_worker_that_was_killed_goes_out_within_the_half_minute(
    phase: Phase, outcome: Outcome, doubtful: int, in_hand: Delivery, sink: Sink, clock: Hand
) -> None:
    Delivery.objects.update(phase=phase)
    clock.turn(seconds=SILENCE.total_seconds())

    sweep(clock)

    in_hand.refresh_from_db()
    assert timedelta(seconds=30) > SILENCE
    assert (in_hand.status, in_hand.ambiguous, len(sink.taken)) == (Status.SENT, doubtful, 1)
    assert in_hand.tries.earliest("n").outcome == outcome


def test_delivery_of_a_worker_that_lives_waits_for_its_lease(in_hand: Delivery, clock: Hand) -> None:
    for _ in range(9):
        Worker.objects.update(seen_at=clock.turn(seconds=19))
        assert take_back_lost(clock()) == 0

    clock.now = in_hand.lease_until or clock.now

    assert clock() - (in_hand.claimed_at or clock()) == LEASE
    assert take_back_lost(clock()) == 1


def test_worker_that_died_while_it_tried_a_paused_channel_frees_it(in_hand: Delivery, clock: Hand) -> None:
    until = clock() + LEASE
    ChannelPause.objects.create(channel="email", reason="421", since=clock(), until=until, probe=in_hand)
    clock.turn(seconds=SILENCE.total_seconds())

    take_back_lost(clock())

    assert claim_due(clock())


def test_row_of_a_dead_worker_goes_in_the_end(in_hand: Delivery, clock: Hand) -> None:
    clock.turn(hours=2)

    take_back_lost(clock())

    assert not Worker.objects.exists()
