"""From a verb to a mailbox, through every step but Celery."""

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import ResolutionCode
from incidents.models import Incident, SetAside, TimelineEntry
from itsm import ledger
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import LEASE, claim_due
from notifications.delivery.recover import BROKEN
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.models import Announcement, Attempt, Delivery
from tests.factories import NOON, agent_actor, requester_actor
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


def test_sweep_tells_each_person_once_and_in_order(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Please restart it.")
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="Secret.")
    workflow.resolve(
        incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Restarted."
    )

    sweep(clock)
    sweep(clock)

    number = incident.number
    # In order for each person; two people's mails may go out side by side.
    by_person = sorted(sink.taken, key=lambda taken: taken.to)
    assert [(taken.to, str(taken.message["Subject"])) for taken in by_person] == [
        ("alice@example.com", f"[{number}] New: VPN drops every few minutes"),
        ("carol@example.com", f"[{number}] We have your report: VPN drops every few minutes"),
        ("carol@example.com", f"[{number}] In progress: VPN drops every few minutes"),
        ("carol@example.com", f"[{number}] Alice Ames replied: VPN drops every few minutes"),
        ("carol@example.com", f"[{number}] Resolved: VPN drops every few minutes"),
    ]
    assert "Secret" not in "".join(taken.message.as_string() for taken in sink.taken)
    assert not TimelineEntry.objects.unannounced().exists()
    assert Announcement.objects.count() == 5
    assert Attempt.objects.count() == 5
    assert list(ledger.breaches(clock())) == []


def test_sweep_tells_the_assignee_of_a_requesters_reply(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    sweep(clock)
    sink.taken.clear()

    workflow.comment(incident, actor=requester_actor(carol), at=NOON, text="It still drops.")
    sweep(clock)

    assert [taken.to for taken in sink.taken] == ["alice@example.com"]
    assert "It still drops." in sink.taken[0].message.get_body(("plain",)).get_content()
    assert Delivery.objects.exclude(status=Status.SENT).count() == 0


def test_one_delivery_that_cannot_be_sent_is_a_dead_letter_and_stops_no_other(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    for text in ("First", "Second"):
        workflow.comment(incident, actor=agent_actor(alice), at=NOON, text=text)
    announce_pending(clock)
    bad = Delivery.objects.filter(target=f"user:{carol.pk}").earliest("pk")
    Delivery.objects.filter(pk=bad.pk).update(channel="pigeon")

    sweep(clock)

    bad.refresh_from_db()
    assert (bad.status, bad.status_reason) == (Status.DEAD, BROKEN)
    others = Delivery.objects.exclude(pk=bad.pk)
    assert set(others.values_list("status", flat=True)) == {Status.SENT}
    assert len(sink.taken) == others.count() > 0


def test_a_lost_delivery_that_cannot_be_taken_back_does_not_hold_up_the_next_one(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="First")
    announce_pending(clock)
    bad = claim_due(clock())
    assert bad is not None
    Delivery.objects.filter(pk=bad.pk).update(channel="pigeon")
    clock.now += 2 * LEASE

    sweep(clock)

    bad.refresh_from_db()
    assert (bad.status, bad.status_reason) == (Status.DEAD, BROKEN)
    assert not Delivery.objects.exclude(pk=bad.pk).exclude(status=Status.SENT).exists()


def test_one_entry_that_cannot_be_announced_stops_no_other_and_is_named(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    for text in ("First", "Second"):
        workflow.comment(incident, actor=agent_actor(alice), at=NOON, text=text)
    first, second = incident.entries.order_by("-seq")[:2][::-1]
    Delivery.objects.create(
        entry=first, incident=incident, target=f"user:{carol.pk}", reason="requester",
        created_at=NOON, due_at=NOON, message_id="<first>",
    )  # fmt: skip

    sweep(clock)

    assert list(TimelineEntry.objects.unannounced()) == [first]
    assert Delivery.objects.filter(entry=second, status=Status.SENT).exists()
    assert SetAside.objects.get().label == f"{incident.number} {first.seq}"
