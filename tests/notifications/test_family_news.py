"""What is said in public on a parent reaches the people of its children, under their own number."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, HoldReason, ResolutionCode, Via
from incidents.models import Incident
from incidents.policies import Actor
from notifications.delivery.announce import announce_pending
from notifications.delivery.worker import sweep
from notifications.enums import Purpose, Status
from notifications.models import Delivery, OptOut
from notifications.routing.recipients import recipients
from tests.factories import NOON, RequesterFactory, agent_actor, make_incident, requester_actor
from tests.notifications.sink import Hand, Sink
from tests.notifications.test_rendering import last_to, parts

pytestmark = pytest.mark.django_db

SYSTEM = Actor(None, Via.SYSTEM)


@pytest.fixture
def dave(db: None) -> User:
    return RequesterFactory.create(username="dave", email="dave@example.com")


@pytest.fixture
def parent(incident: Incident) -> Incident:
    return incident


@pytest.fixture
def child(parent: Incident, dave: User) -> Incident:
    """Dave's, part of Carol's."""
    child = make_incident(requester=dave, title="Cannot print from home")
    workflow.link_parent(child, actor=SYSTEM, at=NOON, parent=parent)
    return child


def relayed() -> list[tuple[str, str]]:
    rows = Delivery.objects.filter(purpose=Purpose.PARENT).order_by("pk")
    return list(rows.values_list("recipient__username", "entry__kind"))


def test_public_steps_of_the_parent_are_told_to_the_childs_people(
    alice: User, bob: User, parent: Incident, child: Incident, clock: Hand
) -> None:
    workflow.watch(child, actor=SYSTEM, at=NOON, user=bob)
    by = agent_actor(alice)

    workflow.comment(parent, actor=by, at=NOON, text="We found it.")
    workflow.note(parent, actor=by, at=NOON, text="Secret.")
    workflow.hold(parent, actor=by, at=NOON, reason=HoldReason.CALLER, note="Which one?")
    workflow.record_action(
        parent, actor=by, at=NOON, kind=ActionKind.PATCH, summary="Patched.",
        outcome=ActionOutcome.SUCCEEDED, tell=True,
    )  # fmt: skip
    workflow.mitigate(parent, actor=by, at=NOON)
    announce_pending(clock)

    told = ("commented", "action_taken", "mitigated")
    assert sorted(relayed()) == sorted((who, kind) for who in ("bob", "dave") for kind in told)


def test_mail_names_the_child_and_nothing_of_the_parent(
    alice: User, dave: User, parent: Incident, child: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.comment(parent, actor=agent_actor(alice), at=NOON, text="We found it.")

    sweep(clock)

    taken = last_to(sink, dave)
    text, html = parts(taken)
    assert str(taken.message["Subject"]) == f"[{child.number}] News about: Cannot print from home"
    for part in (text, html):
        assert "We found it." in part
        assert "This incident is part of a larger one. Alice Ames wrote about that one:" in part
        assert f"/incidents/{child.number}/" in part
        assert parent.number not in part
        assert parent.title not in part
        assert "Carol" not in part


def test_words_of_the_parents_requester_are_not_passed_on(
    alice: User, carol: User, parent: Incident, child: Incident, clock: Hand
) -> None:
    workflow.comment(parent, actor=requester_actor(carol), at=NOON, text="My password is CANARY.")

    announce_pending(clock)

    assert relayed() == []


def test_confidential_parent_passes_nothing_on(parent: Incident, child: Incident, clock: Hand) -> None:
    workflow.edit(parent, actor=SYSTEM, at=NOON, changes={"is_confidential": True})
    workflow.mitigate(parent, actor=SYSTEM, at=NOON)

    announce_pending(clock)

    assert relayed() == []


def test_who_is_told_of_the_parent_already_is_not_told_again(
    dave: User, parent: Incident, child: Incident, clock: Hand
) -> None:
    workflow.watch(parent, actor=SYSTEM, at=NOON, user=dave)
    workflow.mitigate(parent, actor=SYSTEM, at=NOON)

    announce_pending(clock)

    told = Delivery.objects.filter(recipient=dave, entry__kind="mitigated")
    assert list(told.values_list("purpose", flat=True)) == ["news"]


def test_resolution_of_the_parent_is_told_once_by_the_childs_own(
    dave: User, parent: Incident, child: Incident, clock: Hand
) -> None:
    workflow.resolve(parent, actor=SYSTEM, at=NOON, code=ResolutionCode.FIXED, text="Done.")

    announce_pending(clock)

    told = Delivery.objects.filter(recipient=dave, entry__kind="resolved")
    assert list(told.values_list("purpose", "incident")) == [("news", child.pk)]


def test_person_with_several_children_is_told_once(dave: User, parent: Incident, child: Incident) -> None:
    second = make_incident(requester=dave, title="Cannot scan either")
    workflow.link_parent(second, actor=SYSTEM, at=NOON, parent=parent)

    entry = workflow.mitigate(parent, actor=SYSTEM, at=NOON)

    told = [(each.user_id, each.incident_id) for each in recipients(entry) if each.purpose == Purpose.PARENT]
    assert told == [(dave.pk, child.pk)]


def test_child_whose_person_opted_out_is_not_told(dave: User, parent: Incident, child: Incident) -> None:
    OptOut.objects.create(user=dave, incident=child)

    entry = workflow.mitigate(parent, actor=SYSTEM, at=NOON)

    assert [each for each in recipients(entry) if each.purpose == Purpose.PARENT] == []


def test_child_that_was_cut_off_meanwhile_is_not_told(
    dave: User, parent: Incident, child: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.mitigate(parent, actor=SYSTEM, at=NOON)
    announce_pending(clock)
    workflow.link_parent(child, actor=SYSTEM, at=NOON + timedelta(minutes=1), parent=None)

    sweep(clock)

    assert Delivery.objects.get(purpose=Purpose.PARENT).status == Status.CANCELLED


@pytest.mark.parametrize("children", [1, 3])
def test_routing_asks_as_often_for_many_children_as_for_one(
    children: int, parent: Incident, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(children):
        workflow.link_parent(make_incident(), actor=SYSTEM, at=NOON, parent=parent)
    entry = workflow.mitigate(parent, actor=SYSTEM, at=NOON)

    with django_assert_num_queries(14):
        told = recipients(entry)

    assert len(told) == children + 1
