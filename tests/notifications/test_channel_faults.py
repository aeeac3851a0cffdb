"""One message's trouble is its own; what several meet is the channel's, which waits and tries with one."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from notifications import ledger
from notifications.channels.email import smtp
from notifications.delivery.claim import claim_due
from notifications.delivery.outcomes import Result
from notifications.delivery.queue import enqueue_mail
from notifications.delivery.retry import CONFIG_PAUSE
from notifications.delivery.send import finish
from notifications.delivery.worker import sweep
from notifications.enums import Outcome, Phase, Status
from notifications.models import ChannelPause, Delivery
from tests.insider import tamper
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db

PEOPLE = 6


@pytest.fixture
def mails(sink: Sink, clock: Hand) -> list[Delivery]:
    """One mail each to p0, p1, ..., all due."""
    people = [User.objects.create(username=f"p{n}", email=f"p{n}@example.com") for n in range(PEOPLE)]
    enqueue_mail(key="report:1", recipients=people, subject="Numbers", text="1", html="", at=clock())
    Delivery.objects.update(expires_at=None)
    return list(Delivery.objects.order_by("pk"))


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "530 5.7.0 log in first", "538 encrypt"])
def test_answer_for_one_recipient_is_theirs_alone_and_ends_as_a_dead_letter(
    answer: str, mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.refusals = {"p0@": answer}

    sweep(clock)

    assert statuses() == [Status.PENDING] + [Status.SENT] * (PEOPLE - 1)
    assert not ChannelPause.objects.exists()
    for _ in range(10):
        clock.turn(hours=20)
        sweep(clock)
        assert not ChannelPause.objects.exists()
    mails[0].refresh_from_db()
    assert (mails[0].status, mails[0].attempts) == (Status.DEAD, 10)


@pytest.mark.parametrize(
    ("answer", "first"),
    [("530 5.7.0 log in first", Status.SENT), ("550 5.7.1 relaying denied", Status.FAILED)],
)
def test_same_answer_for_different_recipients_pauses_the_channel(
    answer: str, first: Status, mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.refusals = {"@example.com": answer}

    sweep(clock)

    pause = ChannelPause.objects.get()
    assert (pause.needs_mending, pause.until) == (True, clock() + CONFIG_PAUSE)
    assert answer in pause.reason
    assert sum(row.attempts for row in Delivery.objects.all()) == 2
    sink.refusals = {}
    clock.turn(seconds=CONFIG_PAUSE.total_seconds())
    sweep(clock)
    assert sorted(statuses()) == [first] + [Status.SENT] * (PEOPLE - 1)
    assert not ChannelPause.objects.exists()


def test_wrong_setting_that_only_one_mail_meets_becomes_its_own_failure(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.refusals = {mails[0].uuid.hex: "550 no such sender"}
    sweep(clock)
    paused_at_first = ChannelPause.objects.exists()

    for _ in range(11):
        clock.turn(hours=20)
        sweep(clock)

    mails[0].refresh_from_db()
    assert paused_at_first
    assert mails[0].status == Status.DEAD
    assert mails[0].tries.filter(outcome=Outcome.CONFIG).count() == 1
    assert not ChannelPause.objects.exists()
    assert statuses()[1:] == [Status.SENT] * (PEOPLE - 1)


def test_mail_does_not_wait_for_ever_for_settings_nobody_mends(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    tamper(Delivery.objects.exclude(pk=mails[0].pk).delete)
    sink.fail("554 at banner")
    sweep(clock)
    clock.turn(hours=23)
    sweep(clock)
    before = statuses()
    clock.turn(hours=2)

    sweep(clock)

    assert (before, statuses()) == ([Status.PENDING], [Status.DEAD])
    assert list(ledger.breaches(clock())) == []


def test_doubt_about_several_pauses_the_channel_and_one_tries_at_a_time(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    """A content filter that restarts takes no mail with it: two are in doubt, the others wait untouched."""
    sink.fail("drop after dot")

    sweep(clock)

    pause = ChannelPause.objects.get()
    assert (pause.fault, pause.needs_mending) == (Outcome.AMBIGUOUS, False)
    assert sum(row.attempts for row in Delivery.objects.all()) == 2
    for probe in (3, 4):
        clock.now = pause.until or clock.now
        sweep(clock)
        pause.refresh_from_db()
        assert sum(row.attempts for row in Delivery.objects.all()) == probe
    sink.fail("")
    clock.turn(minutes=4)
    sweep(clock)
    assert statuses() == [Status.SENT] * PEOPLE
    doubtful = sum(row.ambiguous for row in Delivery.objects.all())
    assert sum(sink.ids().values()) == PEOPLE + doubtful
    assert list(ledger.breaches(clock())) == []


def test_server_that_keeps_failing_never_takes_the_last_try_of_a_mail_soon(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    """It works for one mail and then not again, over and over: that opens the channel, and costs tries."""
    Delivery.objects.filter(pk=mails[0].pk).update(
        ambiguous=3, last_class=Outcome.AMBIGUOUS, due_at=clock() + timedelta(hours=6)
    )
    ChannelPause.objects.create(
        channel="email", reason="?", fault=Outcome.AMBIGUOUS, since=clock(), until=clock.turn(minutes=1)
    )

    sweep(clock)

    assert not ChannelPause.objects.exists()
    assert statuses() == [Status.PENDING] + [Status.SENT] * (PEOPLE - 1)


def test_paused_channel_lets_one_through_when_its_time_is_over(mails: list[Delivery], clock: Hand) -> None:
    ChannelPause.objects.create(channel="email", reason="421", since=clock(), until=clock.turn(minutes=1))

    first, second = claim_due(clock()), claim_due(clock())

    assert first is not None
    assert second is None


def test_one_that_may_not_be_sent_leaves_its_try_to_the_next(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    User.objects.filter(username="p0").update(is_active=False)
    ChannelPause.objects.create(channel="email", reason="421", since=clock(), until=clock.turn(minutes=1))

    sweep(clock)

    assert statuses() == [Status.CANCELLED] + [Status.SENT] * (PEOPLE - 1)


def test_pause_of_an_administrator_outlasts_what_workers_learn(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    """One is under way when everything is stopped: whatever comes of it, the stop stays."""
    pause = ChannelPause(channel="email", reason="Restored.", since=clock())
    for result in (Result(Outcome.SENT, Phase.DONE), Result(Outcome.CONFIG), Result(Outcome.UNREACHABLE)):
        under_way = claim_due(clock())
        assert under_way
        pause.save()

        finish(under_way, result, at=clock())

        kept = ChannelPause.objects.get()
        assert (kept.until, kept.reason) == (None, "Restored.")
        kept.delete()
        pause.pk = None


def test_one_connection_carries_many_mails(mails: list[Delivery], sink: Sink, clock: Hand) -> None:
    sink.refusals = {"p2@": "550 5.1.1 nobody"}

    sweep(clock)

    assert (len(sink.taken), sink.connections) == (PEOPLE - 1, 1)
    assert len({taken.sender for taken in sink.taken}) == PEOPLE - 1


@pytest.mark.parametrize(
    ("name", "bound", "connections"), [("MAILS_A_CONNECTION", 2, 3), ("SECONDS_A_CONNECTION", -1, PEOPLE)]
)
def test_connection_is_given_up_in_time(
    name: str,
    bound: int,
    connections: int,
    mails: list[Delivery],
    sink: Sink,
    clock: Hand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, name, bound)

    sweep(clock)

    assert (len(sink.taken), sink.connections) == (PEOPLE, connections)


@pytest.mark.parametrize(
    "modes", [["drop at rset"], ["", "421 at mail"], ["", "drop before mail"]], ids=lambda modes: modes[-1]
)
def test_server_that_hangs_up_between_two_mails_is_called_again(
    modes: list[str], mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.modes = [*modes]

    sweep(clock)

    assert sink.connections == 2
    assert set(Delivery.objects.values_list("status", "attempts")) == {(Status.SENT, 1)}


def test_mail_after_a_doubtful_one_gets_a_connection_of_its_own(
    mails: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.fail("drop after dot", times=1)

    sweep(clock)

    assert sink.connections == 2
    assert sorted(statuses()) == [Status.PENDING] + [Status.SENT] * (PEOPLE - 1)
    clock.turn(minutes=3)
    sweep(clock)
    assert statuses() == [Status.SENT] * PEOPLE
