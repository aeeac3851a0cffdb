"""What is asked again right before a delivery would be sent."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import ResolutionCode
from incidents.models import Clock, Incident
from notifications import ledger
from notifications.delivery import manual, send
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import take
from notifications.delivery.outcomes import Result
from notifications.delivery.recover import take_back_lost
from notifications.delivery.worker import sweep
from notifications.enums import Outcome, Status
from notifications.models import ChannelPause, Delivery, OptOut, Suppression
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(alice: User, bob: User, carol: User, incident: Incident, sink: Sink, clock: Hand) -> Delivery:
    """A reply that waits to be mailed to Bob, an agent who watches Carol's incident."""
    workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=bob)
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    sweep(clock)
    sink.taken.clear()
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")
    announce_pending(clock)
    return Delivery.objects.get(recipient=bob, status=Status.PENDING)


def switch_off(bob: User, incident: Incident) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)


def lose_access(bob: User, incident: Incident) -> None:
    incident.watchers.filter(user=bob).update(removed_at=NOON)
    Incident.objects.filter(pk=incident.pk).update(is_confidential=True)


def opt_out(bob: User, incident: Incident) -> None:
    OptOut.objects.create(user=bob, incident=incident)


def expire(bob: User, incident: Incident) -> None:
    Delivery.objects.update(expires_at=NOON)


def suppress(bob: User, incident: Incident) -> None:
    Suppression.objects.create(address="bob@example.com")


def lose_address(bob: User, incident: Incident) -> None:
    User.objects.filter(pk=bob.pk).update(email="")


@pytest.mark.parametrize(
    ("happening", "status"),
    [
        (switch_off, Status.CANCELLED),
        (lose_access, Status.CANCELLED),
        (opt_out, Status.CANCELLED),
        (expire, Status.CANCELLED),
        (suppress, Status.HELD),
        (lose_address, Status.HELD),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_delivery_that_should_not_go_out_any_more_does_not(
    happening: Callable[[User, Incident], None],
    status: Status,
    watched: Delivery,
    bob: User,
    incident: Incident,
    sink: Sink,
    clock: Hand,
) -> None:
    happening(bob, incident)

    sweep(clock)

    watched.refresh_from_db()
    assert watched.status == status
    assert watched.status_reason
    assert "bob@example.com" not in [taken.to for taken in sink.taken]
    assert list(ledger.breaches(clock())) == []


def test_released_delivery_goes_out_once_the_obstacle_is_gone(
    watched: Delivery, bob: User, alice: User, sink: Sink, clock: Hand
) -> None:
    suppression = Suppression.objects.create(address="bob@example.com")
    sweep(clock)
    suppression.delete()

    watched.refresh_from_db()
    manual.retry(watched, by=alice, at=clock())
    sweep(clock)

    assert [taken.to for taken in sink.taken].count("bob@example.com") == 1


def test_warning_of_a_clock_that_has_stopped_is_not_sent(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    sweep(clock)
    sink.taken.clear()
    late = clock.turn(hours=14)
    workflow.notice_clock(Clock.objects.get(incident=incident, metric="resolve"), at=late)
    announce_pending(clock)
    incident.refresh_from_db()
    workflow.resolve(incident, actor=agent_actor(alice), at=late, code=ResolutionCode.FIXED, text="Done.")

    sweep(clock)

    assert [taken.to for taken in sink.taken] == ["carol@example.com"]
    assert Delivery.objects.get(recipient=alice, status=Status.CANCELLED).status_reason.startswith(
        "No longer true"
    )


def test_paused_channel_keeps_mail_back_until_it_is_released(
    watched: Delivery, sink: Sink, clock: Hand
) -> None:
    pause = ChannelPause.objects.create(channel="email", reason="Restored from backup.", since=clock())
    sweep(clock)
    held_back = len(sink.taken)
    pause.delete()

    sweep(clock)

    assert (held_back, len(sink.taken)) == (0, 2)


def test_words_are_frozen_at_the_first_try(
    watched: Delivery, incident: Incident, alice: User, sink: Sink, clock: Hand
) -> None:
    sink.fail("450 at rcpt", times=2)
    sweep(clock)
    watched.refresh_from_db()
    before = watched.subject
    Incident.objects.filter(pk=incident.pk).update(title="Something else")
    sink.fail("")
    clock.turn(minutes=5)

    sweep(clock)

    watched.refresh_from_db()
    assert (watched.status, watched.subject) == (Status.SENT, before)
    assert {str(taken.message["Subject"]) for taken in sink.taken} == {before}


def test_template_that_raises_harms_only_its_own_mail(
    watched: Delivery, bob: User, sink: Sink, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = send.render

    def broken(delivery: Delivery):  # noqa: ANN202
        if delivery.recipient_id == bob.pk:
            raise ZeroDivisionError
        return real(delivery)

    monkeypatch.setattr(send, "render", broken)
    for _ in range(4):
        sweep(clock)
        clock.turn(minutes=6)

    watched.refresh_from_db()
    assert (watched.status, watched.attempts) == (Status.DEAD, 3)
    assert [taken.to for taken in sink.taken] == ["carol@example.com"]


def test_row_that_kills_its_workers_goes_dead_as_poison(watched: Delivery, sink: Sink, clock: Hand) -> None:
    Delivery.objects.exclude(pk=watched.pk).update(status=Status.SENT)
    for _ in range(3):
        watched.refresh_from_db()
        assert take(watched, clock())  # and then the worker dies
        clock.turn(minutes=10)
        take_back_lost(clock())

    watched.refresh_from_db()
    assert (watched.status, watched.lost_leases) == (Status.DEAD, 3)
    assert sink.taken == []


def test_late_worker_cannot_overwrite_who_took_over(watched: Delivery, clock: Hand) -> None:
    slow = take(watched, clock())
    assert slow
    clock.turn(minutes=10)
    take_back_lost(clock())

    written = send.finish(slow, Result(Outcome.SENT), at=clock())

    watched.refresh_from_db()
    assert (written, watched.status) == (False, Status.PENDING)
    assert not watched.tries.filter(outcome=Outcome.SENT).exists()
