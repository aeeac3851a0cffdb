"""Each way a program can fail to listen: what is recorded, and whom it holds up."""

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from notifications.channels.base import TransportError
from notifications.channels.webhook import transport
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import claim_due
from notifications.delivery.pool import CALLS
from notifications.delivery.retry import REST_AFTER
from notifications.delivery.worker import deliver_due
from notifications.enums import Outcome, Phase, Status
from notifications.models import Delivery, Endpoint
from tests.factories import make_incident
from tests.insider import tamper
from tests.notifications.hooks import Hooks
from tests.notifications.sink import Hand

pytestmark = pytest.mark.django_db


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hooks]:
    """Every webhook is called there, without TLS; all else of the call is real."""
    with Hooks() as sink:

        def connect(self: transport.CheckedConnection) -> None:
            self.sock = socket.create_connection(("127.0.0.1", sink.port), timeout=transport.TOTAL_SECONDS)
            self.start_clock(self.sock)

        monkeypatch.setattr(transport, "public_address", lambda _url: "127.0.0.1")
        monkeypatch.setattr(transport.CheckedConnection, "connect", connect)
        monkeypatch.setattr(transport, "TOTAL_SECONDS", 0.3)
        yield sink


@pytest.fixture
def calls(bob: User, clock: Hand) -> list[Delivery]:
    """Two incidents, of which two programs are to hear: four calls."""
    for name in ("Chat", "Wall"):
        Endpoint.objects.create(name=name, url=f"https://{name.lower()}.example.com/x y?z=ü", owner=bob)
    for title in ("One", "Two"):
        make_incident(title=title)
    announce_pending(clock)
    tamper(Delivery.objects.exclude(channel="webhook").delete)
    return list(Delivery.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("mode", "outcome", "phase", "heard"),
    [
        ("200", Outcome.SENT, Phase.DONE, 1),
        ("endless", Outcome.SENT, Phase.DONE, 1),
        ("503", Outcome.RETRY, Phase.DATA, 1),
        ("410", Outcome.PERMANENT, Phase.DATA, 1),
        ("301", Outcome.RETRY, Phase.DATA, 1),
        ("no answer", Outcome.AMBIGUOUS, Phase.DATA, 1),
        ("hang up", Outcome.AMBIGUOUS, Phase.DATA, 1),
        ("drip", Outcome.AMBIGUOUS, Phase.DATA, 1),
        ("closed", Outcome.RETRY, Phase.OPENING, 0),
    ],
)
def test_webhook_fault_is_classed(
    mode: str, outcome: Outcome, phase: Phase, heard: int, calls: list[Delivery], hooks: Hooks, clock: Hand
) -> None:
    """Before the connection nothing can have arrived; after the call anything may, until it is answered."""
    tamper(Delivery.objects.exclude(pk=calls[0].pk).delete)
    hooks.mode = mode
    if mode == "closed":
        hooks.close()

    deliver_due(clock)

    row = Delivery.objects.get()
    assert (row.last_class, row.phase, len(hooks.heard)) == (outcome, phase, heard)
    assert row.ambiguous == (outcome == Outcome.AMBIGUOUS)
    assert row.tries.get().phase == phase


def test_webhook_name_that_cannot_be_looked_up_is_no_hand_over(
    calls: list[Delivery], clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(_url: str) -> str:
        raise TransportError("The name could not be looked up.", outcome=Outcome.RETRY)

    monkeypatch.setattr(transport, "public_address", nowhere)

    deliver_due(clock)

    assert set(Delivery.objects.values_list("phase", "ambiguous")) == {(Phase.OPENING, 0)}


def test_doubtful_call_goes_on_by_its_table(calls: list[Delivery], hooks: Hooks, clock: Hand) -> None:
    """The receiver knows a second copy by its id, so doubt alone ends nothing."""
    tamper(Delivery.objects.exclude(pk=calls[0].pk).delete)
    Delivery.objects.update(expires_at=None)
    hooks.mode = "hang up"
    for _ in range(5):
        deliver_due(clock)
        clock.turn(hours=20)
    hooks.mode = "200"

    deliver_due(clock)

    row = Delivery.objects.get()
    assert (row.status, row.ambiguous, hooks.heard) == (Status.SENT, 5, [str(row.uuid)] * 6)


def test_one_call_at_a_time_to_each_program(calls: list[Delivery], clock: Hand) -> None:
    taken = [claim_due(clock(), takes=CALLS.takes) for _ in range(3)]

    endpoints = [row and row.endpoint_id for row in taken]
    assert endpoints[2] is None
    assert len({*endpoints[:2]} - {None}) == 2


def test_program_that_fails_a_few_times_rests_and_is_tried_slowly(
    calls: list[Delivery], hooks: Hooks, clock: Hand
) -> None:
    chat = Endpoint.objects.get(name="Chat")
    tamper(Delivery.objects.exclude(endpoint=chat).delete)
    Delivery.objects.update(expires_at=None)
    hooks.mode = "503"

    heard = []
    for _ in range(12):
        deliver_due(clock)
        heard.append(len(hooks.heard))
        clock.turn(seconds=6)

    assert heard[1] == heard[5] == REST_AFTER
    assert heard[-1] <= REST_AFTER + 2
    chat.refresh_from_db()
    assert chat.rests_until
    assert not Delivery.objects.overdue(clock(), timedelta(0)).exists()
    hooks.mode = "200"
    clock.turn(hours=3)
    deliver_due(clock)
    chat.refresh_from_db()
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.SENT}
    assert (chat.failures, chat.failures_since, chat.rests_until) == (0, None, None)


def test_fault_of_ours_is_not_held_against_a_program(
    calls: list[Delivery], hooks: Hooks, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport.WebhookTransport, "send", lambda *_, **__: 1 / 0)

    deliver_due(clock)

    assert set(Endpoint.objects.values_list("failures", "failures_since")) == {(0, None)}
