"""What machines do to an incident, and what it does not count as."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import EntryKind, Impact, Metric, Priority, State, Urgency, Via
from incidents.models import Clock, Incident, Service, Target
from incidents.policies import Actor
from incidents.sla.policy import load_policy_book
from incidents.sla.rebuild import rebuild
from tests.factories import NOON, agent_actor, make_incident

MACHINE = Actor(None, Via.MONITORING)
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def incident(vpn: Service) -> Incident:
    return make_incident(service=vpn, impact=Impact.MEDIUM, urgency=Urgency.MEDIUM)


def worsen(incident: Incident, impact: Impact, urgency: Urgency) -> None:
    workflow.record_worsening(
        incident, actor=MACHINE, at=LATER, text="Worse", alert={"id": 1}, impact=impact, urgency=urgency
    )


def test_resolving_by_a_machine_acknowledges_nothing(incident: Incident) -> None:
    workflow.resolve(incident, actor=MACHINE, at=LATER, code="recovered", text="Over")

    incident.refresh_from_db()
    assert (incident.state, incident.acknowledged_at) == (State.RESOLVED, None)


@pytest.mark.parametrize("verb", ["hold", "mitigate"])
def test_no_move_of_a_machine_acknowledges(incident: Incident, verb: str) -> None:
    facts = {"reason": "vendor"} if verb == "hold" else {}
    getattr(workflow, verb)(incident, actor=MACHINE, at=LATER, **facts)

    assert incident.acknowledged_at is None


def test_resolving_by_a_person_acknowledges(incident: Incident, alice: User) -> None:
    workflow.resolve(incident, actor=agent_actor(alice), at=LATER, code="fixed", text="Done")

    assert incident.acknowledged_at == LATER


def test_taking_what_fires_again_unseen_acknowledges(incident: Incident, alice: User) -> None:
    workflow.resolve(incident, actor=MACHINE, at=LATER, code="recovered", text="Over")
    workflow.reopen(incident, actor=MACHINE, at=LATER, text="Again")
    workflow.assign(incident, actor=agent_actor(alice), at=LATER, team=incident.team, assignee=alice)

    assert incident.acknowledged_at == LATER


def test_acknowledge_clock_stops_with_the_recovery_and_goes_on_with_the_next_alarm(
    incident: Incident,
) -> None:
    assert Target.objects.filter(metric=Metric.ACKNOWLEDGE).exists()

    workflow.resolve(incident, actor=MACHINE, at=LATER, code="recovered", text="Over")
    stopped = Clock.objects.get(incident=incident, metric=Metric.ACKNOWLEDGE).stopped_at
    workflow.reopen(incident, actor=MACHINE, at=LATER + timedelta(hours=1), text="Again")

    clock = Clock.objects.get(incident=incident, metric=Metric.ACKNOWLEDGE)
    assert (stopped, clock.stopped_at, len(clock.intervals)) == (LATER, None, 2)


def test_worse_raises_impact_urgency_and_priority_and_moves_the_clocks(incident: Incident) -> None:
    before = Clock.objects.get(incident=incident, metric=Metric.RESOLVE).target_minutes

    worsen(incident, Impact.HIGH, Urgency.HIGH)

    entry = incident.entries.order_by("-seq")[0]
    after = Clock.objects.get(incident=incident, metric=Metric.RESOLVE)
    assert (incident.impact, incident.urgency, incident.priority) == (1, 1, Priority.CRITICAL)
    assert (entry.kind, entry.visibility) == (EntryKind.WORSENED, "internal")
    assert entry.changes == {"impact": [2, 1], "urgency": [2, 1], "priority": [3, 1]}
    assert after.target_minutes < before
    assert rebuild(incident, load_policy_book()) is False


def test_worse_lowers_nothing(incident: Incident) -> None:
    worsen(incident, Impact.LOW, Urgency.HIGH)

    assert (incident.impact, incident.urgency, incident.priority) == (2, 1, Priority.HIGH)


def test_worse_leaves_an_overridden_priority(incident: Incident) -> None:
    incident.priority_overridden = True
    Incident.objects.filter(pk=incident.pk).update(priority_overridden=True)

    worsen(incident, Impact.HIGH, Urgency.HIGH)

    assert (incident.impact, incident.priority) == (1, Priority.MODERATE)


def test_worse_changes_nothing_of_what_is_over(incident: Incident, alice: User) -> None:
    workflow.cancel(incident, actor=agent_actor(alice), at=LATER, reason="Noise")

    worsen(incident, Impact.HIGH, Urgency.HIGH)

    assert (incident.impact, incident.entries.order_by("-seq")[0].changes) == (2, {})
