"""Each pair of state and verb works or is refused, and what works is exactly the table."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    EvidenceKind,
    HoldReason,
    Priority,
    ResolutionCode,
    Severity,
    State,
    Verb,
    Verdict,
)
from incidents.errors import IllegalTransition
from incidents.models import Incident, Problem, Team
from incidents.policies import Actor
from incidents.verbs import VERBS
from tests.factories import NOON, AgentFactory, agent_actor, make_incident

LATER = NOON + timedelta(hours=1)


def bring_to(incident: Incident, state: State, actor: Actor, at: datetime) -> None:
    if state == State.NEW:
        return
    if state == State.CANCELLED:
        workflow.cancel(incident, actor=actor, at=at, reason="not needed")
        return
    workflow.acknowledge(incident, actor=actor, at=at)
    if state == State.ON_HOLD:
        workflow.hold(incident, actor=actor, at=at, reason=HoldReason.VENDOR)
    if state in {State.RESOLVED, State.CLOSED}:
        workflow.resolve(incident, actor=actor, at=at, code=ResolutionCode.FIXED, text="done")
    if state == State.CLOSED:
        workflow.close(incident, actor=actor, at=at)


Call = Callable[[Incident, dict[str, Any]], object]

CALLS: dict[Verb, Call] = {
    Verb.ACKNOWLEDGE: lambda i, by: workflow.acknowledge(i, **by),
    Verb.ASSIGN: lambda i, by: workflow.assign(
        i, **by, team=Team.objects.create(name="Elsewhere"), assignee=None
    ),
    Verb.RESUME: lambda i, by: workflow.resume(i, **by),
    Verb.HOLD: lambda i, by: workflow.hold(i, **by, reason=HoldReason.CHANGE),
    Verb.MITIGATE: lambda i, by: workflow.mitigate(i, **by),
    Verb.RESOLVE: lambda i, by: workflow.resolve(i, **by, code=ResolutionCode.PATCH, text="patched"),
    Verb.REOPEN: lambda i, by: workflow.reopen(i, **by, text="still broken"),
    Verb.CLOSE: lambda i, by: workflow.close(i, **by),
    Verb.CANCEL: lambda i, by: workflow.cancel(i, **by, reason="no fault"),
    Verb.MERGE: lambda i, by: workflow.merge(i, **by, into=make_incident(title="The first report")),
    Verb.COMMENT: lambda i, by: workflow.comment(i, **by, text="hello"),
    Verb.NOTE: lambda i, by: workflow.note(i, **by, text="between us"),
    Verb.EDIT: lambda i, by: workflow.edit(i, **by, changes={"title": "A better title"}),
    Verb.OVERRIDE_PRIORITY: lambda i, by: workflow.override_priority(
        i, **by, priority=Priority.CRITICAL, reason="the board"
    ),
    Verb.ASSESS_SEVERITY: lambda i, by: workflow.assess_severity(i, **by, severity=Severity.SEV2),
    Verb.DECLARE_MAJOR: lambda i, by: workflow.declare_major(
        i, **by, severity=Severity.SEV1, reason="all down"
    ),
    Verb.ADD_EVIDENCE: lambda i, by: workflow.add_evidence(
        i, **by, kind=EvidenceKind.LOG, title="syslog", content="kernel: oops"
    ),
    Verb.ADD_HYPOTHESIS: lambda i, by: workflow.add_hypothesis(i, **by, text="the firewall"),
    Verb.RECORD_ROOT_CAUSE: lambda i, by: workflow.record_root_cause(i, **by, text="a full table"),
    Verb.PLAN_ACTION: lambda i, by: workflow.plan_action(i, **by, kind=ActionKind.PATCH, summary="patch it"),
    Verb.RECORD_ACTION: lambda i, by: workflow.record_action(
        i, **by, kind=ActionKind.RESTART, summary="restarted", outcome=ActionOutcome.SUCCEEDED
    ),
    Verb.REDACT: lambda i, by: workflow.redact(i, **by, words="blank", reason="a secret"),
    Verb.WATCH: lambda i, by: workflow.watch(i, **by, user=by["actor"].user),
    Verb.LINK_PARENT: lambda i, by: workflow.link_parent(i, **by, parent=make_incident(title="The big one")),
    Verb.LINK_PROBLEM: lambda i, by: workflow.link_problem(
        i, **by, problem=Problem.objects.create(title="A full table")
    ),
}
#: Verbs that need something done before; their own tests are elsewhere.
SECOND_STEPS = {Verb.STAND_DOWN, Verb.WEIGH_HYPOTHESIS, Verb.UNWATCH, Verb.PUBLISH_REVIEW}


def test_calls_and_second_steps_cover_the_whole_table() -> None:
    assert set(CALLS) | SECOND_STEPS == set(VERBS)


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("state", State)
def test_verb_works_where_the_table_says_and_is_refused_elsewhere(db: None, state: State, verb: Verb) -> None:
    manager = AgentFactory.create(role="Incident manager")
    incident = make_incident()
    bring_to(incident, state, agent_actor(manager), NOON)
    by = {"actor": agent_actor(manager), "at": LATER}
    transition = VERBS[verb]

    if state in transition.sources:
        entry = CALLS[verb](incident, by)
        assert entry is not None
        incident.refresh_from_db()
        assert incident.state == (transition.target or state)
        assert incident.version == incident.entries.count()
    else:
        before = incident.version
        with pytest.raises(IllegalTransition):
            CALLS[verb](incident, by)
        incident.refresh_from_db()
        assert (incident.state, incident.version) == (state, before)


def test_stand_down_ends_a_major(incident: Incident) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.declare_major(incident, actor=manager, at=NOON, severity=Severity.SEV1, reason="all down")

    workflow.stand_down(incident, actor=manager, at=LATER, reason="only one office after all")

    incident.refresh_from_db()
    assert incident.is_major is False


def test_weighed_hypothesis_tells_what_it_was_before(incident: Incident, alice: User) -> None:
    workflow.add_hypothesis(incident, actor=agent_actor(alice), at=NOON, text="the firewall")
    hypothesis = incident.hypotheses.get()

    entry = workflow.weigh_hypothesis(hypothesis, actor=agent_actor(alice), at=LATER, verdict=Verdict.LIKELY)

    assert entry is not None
    assert entry.data["hypothesis"]["before"] == Verdict.OPEN
    assert entry.data["hypothesis"]["verdict"] == Verdict.LIKELY
