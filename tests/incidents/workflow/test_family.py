"""Parents pass on what concerns their children; duplicates bring their people along."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents import workflow
from incidents.enums import (
    EntryKind,
    HoldReason,
    Impact,
    Priority,
    ResolutionCode,
    Severity,
    State,
    Urgency,
)
from incidents.errors import IllegalTransition, Invalid, NotAllowed
from incidents.models import Incident
from incidents.policies import Actor
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller

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


def test_resolving_a_parent_leaves_children_the_agent_may_not_see(
    incident: Incident, child: Incident, desk: Actor, bob: User
) -> None:
    hidden = make_incident(title="Payroll too", team=bob.teams.get(), is_confidential=True)
    workflow.link_parent(hidden, actor=agent_actor(bob), at=NOON, parent=incident)

    entry = workflow.resolve(
        incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="Gateway replaced"
    )

    assert (state_of(child), state_of(hidden)) == (State.RESOLVED, State.NEW)
    assert "Gateway replaced" not in set(hidden.entries.values_list("text", flat=True))
    assert entry.data["children"] == {"along": 1, "left": 1}
    assert workflow.remarks(entry) == [
        "1 child incident that you may not see was left as it is. Tell its team."
    ]


@pytest.mark.parametrize("asked", [True, False])
def test_reopening_a_parent_reopens_those_resolved_along_if_asked(
    incident: Incident, child: Incident, desk: Actor, asked: bool
) -> None:
    alone = make_incident(title="Solved by itself")
    workflow.link_parent(alone, actor=desk, at=NOON, parent=incident)
    workflow.resolve(alone, actor=desk, at=NOON, code=ResolutionCode.GUIDANCE, text="explained")
    workflow.resolve(incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="replaced")

    workflow.reopen(incident, actor=desk, at=LATER, text="It drops again.", children=asked)

    assert state_of(child) == (State.IN_PROGRESS if asked else State.RESOLVED)
    assert state_of(alone) == State.RESOLVED
    assert (child.entries.latest("seq").text == "It drops again.") is asked


def test_form_and_interface_ask_for_the_children(
    client: Client, alice: User, incident: Incident, child: Incident, desk: Actor
) -> None:
    address = f"/api/v1/incidents/{incident.number}/reopen/"
    client.force_login(alice)
    workflow.resolve(incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="replaced")

    page = client.get(f"/admin/incidents/incident/{incident.pk}/reopen/").content.decode()
    client.post(
        f"/admin/incidents/incident/{incident.pk}/reopen/",
        {"version": incident.version, "text": "Again.", "children": "on"},
    )
    by_form = state_of(child)
    again = Incident.objects.get(pk=incident.pk)
    workflow.resolve(again, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="replaced")
    caller(alice).post(
        address, {"text": "Again.", "children": True}, format="json", headers={"If-Match": "*"}
    )

    assert "Reopen 1 child incident that was resolved along with it" in page
    assert (by_form, state_of(child)) == (State.IN_PROGRESS, State.IN_PROGRESS)


def test_form_of_an_incident_without_children_does_not_ask(
    client: Client, alice: User, incident: Incident, desk: Actor
) -> None:
    client.force_login(alice)
    workflow.resolve(incident, actor=desk, at=LATER, code=ResolutionCode.FIXED, text="replaced")

    assert (
        "child incident"
        not in client.get(f"/admin/incidents/incident/{incident.pk}/reopen/").content.decode()
    )


def test_declaring_a_major_moves_priority_and_clocks(incident: Incident, desk: Actor) -> None:
    before = incident.clocks.get(metric="resolve").target_minutes

    entry = workflow.declare_major(
        incident,
        actor=desk,
        at=NOON,
        severity=Severity.SEV1,
        impact=Impact.HIGH,
        urgency=Urgency.HIGH,
        reason="all down",
    )

    assert entry.changes["priority"] == [Priority.MODERATE, Priority.CRITICAL]
    assert (before, incident.clocks.get(metric="resolve").target_minutes) == (1440, 240)


def test_declaring_a_major_leaves_an_overridden_priority(incident: Incident) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.override_priority(incident, actor=manager, at=NOON, priority=Priority.LOW, reason="one")

    workflow.declare_major(
        incident, actor=manager, at=NOON, severity=Severity.SEV1, impact=Impact.HIGH, reason="all down"
    )

    assert (incident.priority, incident.impact) == (Priority.LOW, Impact.HIGH)


def test_doors_ask_for_impact_and_urgency_of_a_major(client: Client, alice: User, incident: Incident) -> None:
    other = make_incident()
    client.force_login(alice)

    page = client.post(
        f"/admin/incidents/incident/{incident.pk}/major/",
        {"version": incident.version, "severity": 1, "reason": "all down"},
    )
    client.post(
        f"/admin/incidents/incident/{incident.pk}/major/",
        {"version": incident.version, "severity": 1, "impact": 1, "urgency": 2, "reason": "all down"},
    )
    answer = caller(alice).post(
        f"/api/v1/incidents/{other.number}/declare_major/",
        {"severity": 1, "impact": 1, "urgency": 1, "reason": "all down"},
        format="json",
        headers={"If-Match": "*"},
    )

    incident.refresh_from_db()
    assert set(page.context["form"].errors) == {"impact", "urgency"}
    assert (incident.is_major, incident.priority) == (True, Priority.HIGH)
    assert answer.json()["priority"] == Priority.CRITICAL


def test_codes_of_other_systems_are_not_chosen_here(incident: Incident, desk: Actor) -> None:
    with pytest.raises(Invalid, match="how it was resolved"):
        workflow.resolve(incident, actor=desk, at=NOON, code=ResolutionCode.RECORDED, text="done")
