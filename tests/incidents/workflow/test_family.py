"""Parents pass on what concerns their children; duplicates bring their people along."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import EntryKind, HoldReason, ResolutionCode, Severity, State
from incidents.errors import IllegalTransition, Invalid, NotAllowed
from incidents.models import Incident
from incidents.policies import Actor
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def desk(alice: User) -> Actor:
    return agent_actor(alice)


@pytest.fixture
def child(incident: Incident, desk: Actor) -> Incident:
    child = make_incident(title="Mine too")
    workflow.link_parent(child, actor=desk, at=NOON, parent=incident)
    return child


def state_of(incident: Incident) -> str:
    return Incident.objects.get(pk=incident.pk).state


def test_hold_resume_and_resolve_pass_to_children(incident: Incident, child: Incident, desk: Actor) -> None:
    workflow.hold(incident, actor=desk, at=LATER, reason=HoldReason.VENDOR)
    assert state_of(child) == State.ON_HOLD

    workflow.resume(incident, actor=desk, at=LATER)
    assert state_of(child) == State.IN_PROGRESS

    workflow.resolve(incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="Gateway replaced")
    assert state_of(child) == State.RESOLVED
    assert child.entries.latest("seq").text == "Gateway replaced"


def test_waiting_for_one_requester_holds_no_child(incident: Incident, child: Incident, desk: Actor) -> None:
    workflow.hold(incident, actor=desk, at=LATER, reason=HoldReason.CALLER, note="Which office?")

    assert state_of(child) == State.NEW


def test_closing_and_cancelling_stay_with_the_parent(
    incident: Incident, child: Incident, desk: Actor
) -> None:
    workflow.cancel(incident, actor=desk, at=LATER, reason="A test alarm")

    assert state_of(child) == State.NEW


def test_families_have_one_level(incident: Incident, child: Incident, desk: Actor) -> None:
    with pytest.raises(Invalid):
        workflow.link_parent(make_incident(), actor=desk, at=LATER, parent=child)


def test_merging_moves_requester_and_watchers_to_the_target(incident: Incident, desk: Actor) -> None:
    duplicate = make_incident(requester=RequesterFactory.create(username="dave"))
    watcher = RequesterFactory.create(username="erin")
    workflow.watch(duplicate, actor=desk, at=NOON, user=watcher)

    workflow.merge(duplicate, actor=desk, at=LATER, into=incident)

    assert state_of(duplicate) == State.CANCELLED
    assert Incident.objects.get(pk=duplicate.pk).duplicate_of == incident
    assert set(incident.watchers.current().values_list("user__username", flat=True)) == {"dave", "erin"}
    assert incident.entries.latest("seq").kind == EntryKind.ABSORBED


def test_a_major_closes_only_with_a_published_review(incident: Incident) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.declare_major(incident, actor=manager, at=NOON, severity=Severity.SEV1, reason="all down")
    workflow.resolve(incident, actor=manager, at=LATER, code=ResolutionCode.FIXED, text="back")

    with pytest.raises(IllegalTransition, match="review"):
        workflow.close(incident, actor=manager, at=LATER)

    fields = {"summary": "The gateway failed", "root_cause": "A full session table"}
    workflow.save_review(incident, actor=manager, fields=fields)
    workflow.publish_review(incident, actor=manager, at=LATER)
    workflow.close(incident, actor=manager, at=LATER)

    assert state_of(incident) == State.CLOSED
    assert Incident.objects.get(pk=incident.pk).root_cause == "A full session table"


def test_major_that_was_stood_down_still_needs_its_review(incident: Incident) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.declare_major(incident, actor=manager, at=NOON, severity=Severity.SEV1, reason="all down")
    workflow.stand_down(incident, actor=manager, at=NOON, reason="one office only")
    workflow.resolve(incident, actor=manager, at=LATER, code=ResolutionCode.FIXED, text="back")

    refusal = workflow.close_refusal(incident, manager)
    with pytest.raises(IllegalTransition, match="publish its review"):
        workflow.close(incident, actor=manager, at=LATER)

    assert "publish its review" in refusal
    assert incident.entries.get(kind=EntryKind.STOOD_DOWN).text == "one office only"


def test_major_that_was_stood_down_is_not_cancelled_past_its_review(incident: Incident, desk: Actor) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.declare_major(incident, actor=manager, at=NOON, severity=Severity.SEV1, reason="all down")
    workflow.stand_down(incident, actor=manager, at=NOON, reason="one office only")

    with pytest.raises(NotAllowed, match="was declared a major"):
        workflow.cancel(incident, actor=desk, at=LATER, reason="was none")
    workflow.cancel(incident, actor=manager, at=LATER, reason="was none")

    assert state_of(incident) == State.CANCELLED


def test_close_refusal_is_empty_where_closing_works(incident: Incident, desk: Actor) -> None:
    early = workflow.close_refusal(incident, desk)
    workflow.resolve(incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="back")

    assert "does not go with: Close" in early
    assert workflow.close_refusal(incident, desk) == ""
