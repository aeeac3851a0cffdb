"""Each way a mail server can fail, on a real socket: what is recorded, and what arrives in the end."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from incidents.models import Incident
from notifications import ledger
from notifications.channels.email import smtp
from notifications.delivery.announce import announce_pending
from notifications.delivery.retry import CONFIG_PAUSE, UNREACHABLE_PAUSE
from notifications.delivery.worker import sweep
from notifications.enums import Outcome, Status
from notifications.models import ChannelPause, Delivery, OptOut
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(
    alice: User, incident: Incident, sink: Sink, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> Delivery:
    """One mail that is due, to Alice: Carol's report came in for her team; Carol wants no receipt."""
    monkeypatch.setattr(smtp, "COMMAND_SECONDS", 1)
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 1)
    monkeypatch.setattr(smtp, "END_OF_DATA_SECONDS", 1)
    OptOut.objects.create(user=incident.requester)
    announce_pending(clock)
    return Delivery.objects.get()


#: fault, recorded as, then, how often it arrived by then
FAULTS = [
    ("hang at banner", Outcome.UNREACHABLE, Status.PENDING, 0),
    ("421 at banner", Outcome.UNREACHABLE, Status.PENDING, 0),
    ("554 at banner", Outcome.CONFIG, Status.PENDING, 0),
    ("drop before mail", Outcome.RETRY, Status.PENDING, 0),
    ("421 at mail", Outcome.RETRY, Status.PENDING, 0),
    ("550 at mail", Outcome.CONFIG, Status.PENDING, 0),
    ("450 at rcpt", Outcome.RETRY, Status.PENDING, 0),
    ("550 at rcpt", Outcome.PERMANENT, Status.FAILED, 0),
    ("452 at data", Outcome.RETRY, Status.PENDING, 0),
    ("554 at data", Outcome.PERMANENT, Status.FAILED, 0),
    ("451 at dot", Outcome.RETRY, Status.PENDING, 0),
    ("554 at dot", Outcome.PERMANENT, Status.FAILED, 0),
    ("drop after dot", Outcome.AMBIGUOUS, Status.PENDING, 1),
    ("hang after dot", Outcome.AMBIGUOUS, Status.PENDING, 1),
    ("drop at quit", Outcome.SENT, Status.SENT, 1),
]


@pytest.mark.parametrize(("fault", "outcome", "status", "arrived"), FAULTS)
def test_smtp_fault_is_classed(
    fault: str, outcome: Outcome, status: Status, arrived: int, delivery: Delivery, sink: Sink, clock: Hand
) -> None:
    sink.fail(fault)

    sweep(clock)

    delivery.refresh_from_db()
    assert (delivery.last_class, delivery.status, len(sink.taken)) == (outcome, status, arrived)
    assert delivery.ambiguous == (outcome == Outcome.AMBIGUOUS)
    assert delivery.tries.get().outcome == outcome


@pytest.mark.parametrize(
    ("fault", "outcome", "status", "arrived"), [row for row in FAULTS if row[2] == Status.PENDING]
)
def test_smtp_fault_that_passes_loses_nothing(
    fault: str, outcome: Outcome, status: Status, arrived: int, delivery: Delivery, sink: Sink, clock: Hand
) -> None:
    sink.fail(fault, times=1)
    sweep(clock)

    clock.turn(minutes=5)
    sweep(clock)

    delivery.refresh_from_db()
    assert delivery.status == Status.SENT
    assert sink.ids() == {delivery.message_id: 1 + arrived}
    assert arrived == delivery.ambiguous
    assert list(ledger.breaches(clock())) == []


def test_smtp_drop_in_the_middle_of_data_is_not_taken_and_tried_again(
    delivery: Delivery, sink: Sink, clock: Hand
) -> None:
    """A mail that fits the socket's buffer is in doubt then, and honestly so; it still arrives once."""
    sink.fail("drop in data", times=1)
    sweep(clock)

    clock.turn(minutes=5)
    sweep(clock)

    delivery.refresh_from_db()
    assert (delivery.status, sink.ids()) == (Status.SENT, {delivery.message_id: 1})


def test_smtp_wrong_password_pauses_the_channel_instead_of_failing_mails(
    delivery: Delivery, sink: Sink, clock: Hand, settings: LazySettings
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "desk", "wrong"
    sink.fail("auth 535")

    sweep(clock)
    sweep(clock)

    pause = ChannelPause.objects.get()
    assert (pause.needs_mending, pause.until) == (True, clock() + CONFIG_PAUSE)
    assert "535" in pause.reason
    assert sink.connections == 1
    delivery.refresh_from_db()
    assert delivery.status == Status.PENDING

    settings.EMAIL_HOST_USER = ""
    sink.fail("")
    clock.turn(seconds=CONFIG_PAUSE.total_seconds())
    sweep(clock)

    delivery.refresh_from_db()
    assert delivery.status == Status.SENT


def test_smtp_tls_that_the_server_does_not_speak_is_a_wrong_setting(
    delivery: Delivery, sink: Sink, clock: Hand, settings: LazySettings
) -> None:
    settings.EMAIL_USE_TLS = True

    sweep(clock)

    delivery.refresh_from_db()
    assert (delivery.last_class, delivery.status) == (Outcome.CONFIG, Status.PENDING)


def test_smtp_server_that_is_away_for_long_costs_no_tries(
    delivery: Delivery, sink: Sink, clock: Hand
) -> None:
    sink.fail("421 at banner")
    for _ in range(30):
        sweep(clock)
        clock.turn(seconds=UNREACHABLE_PAUSE.total_seconds())
    sink.fail("")

    sweep(clock)

    delivery.refresh_from_db()
    assert (delivery.status, sink.ids()) == (Status.SENT, {delivery.message_id: 1})


def test_smtp_refusal_that_lasts_ends_as_a_dead_letter(delivery: Delivery, sink: Sink, clock: Hand) -> None:
    sink.fail("450 at rcpt")
    Delivery.objects.update(expires_at=None)

    for _ in range(12):
        sweep(clock)
        clock.turn(hours=20)

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Status.DEAD, 10)
    assert delivery.status_reason
    assert list(ledger.breaches(clock())) == []


def test_smtp_refusal_beyond_the_expiry_cancels(delivery: Delivery, sink: Sink, clock: Hand) -> None:
    sink.fail("450 at rcpt")
    sweep(clock)
    sink.fail("")

    clock.turn(days=4)
    sweep(clock)

    delivery.refresh_from_db()
    assert (delivery.status, sink.taken) == (Status.CANCELLED, [])
    assert delivery.status_reason.startswith("Expired")


def test_smtp_doubt_is_spread_over_hours_and_ends_after_four(
    delivery: Delivery, sink: Sink, clock: Hand
) -> None:
    """A content filter that is away for an afternoon costs no mail its last try."""
    sink.fail("drop after dot")

    waits = []
    for _ in range(4):
        sweep(clock)
        delivery.refresh_from_db()
        waits.append(delivery.due_at - clock())
        clock.now = max(clock.now, delivery.due_at)

    assert waits[0] < timedelta(minutes=3)
    assert waits[1] > timedelta(minutes=45)
    assert waits[2] > timedelta(hours=4)
    assert (delivery.status, delivery.ambiguous) == (Status.DEAD, 4)
    assert sink.ids() == {delivery.message_id: 4}


def test_retry_waits_by_the_table_with_some_jitter(delivery: Delivery, sink: Sink, clock: Hand) -> None:
    sink.fail("450 at rcpt")

    sweep(clock)

    delivery.refresh_from_db()
    wait = delivery.due_at - clock()
    assert timedelta(seconds=24) <= wait <= timedelta(seconds=36)
