"""What each verb refuses, by the field that is wrong; and that a refusal writes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents import limits, workflow
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    Channel,
    EvidenceKind,
    HoldReason,
    ResolutionCode,
    Severity,
)
from incidents.errors import Invalid, NotAllowed
from incidents.models import Action, Evidence, Hypothesis, Incident, Review, TimelineEntry
from incidents.policies import Actor, Via
from tests.factories import NOON, make_incident

LATER = NOON + timedelta(hours=1)
AFTERWARDS = LATER + timedelta(minutes=1)
SYSTEM = Actor(None, Via.SYSTEM)
OPEN = {"title": "VPN drops", "channel": Channel.API}
EVIDENCE = {"kind": EvidenceKind.LOG, "title": "Router log", "content": "reset"}
ACTION = {"kind": ActionKind.RESTART, "summary": "Restarted"}
DONE = {**ACTION, "outcome": ActionOutcome.SUCCEEDED}
Verb = Callable[..., object]

#: verb, what is said, the fields that are refused
REFUSED: list[tuple[Verb, dict[str, Any], set[str]]] = [
    (workflow.resolve, {"code": "magic", "text": " "}, {"code", "text"}),
    (workflow.resolve, {"code": ResolutionCode.FIXED, "text": " "}, {"text"}),
    (workflow.cancel, {"reason": " "}, {"reason"}),
    (workflow.hold, {"reason": "lunch"}, {"reason"}),
    (workflow.hold, {"reason": HoldReason.CALLER, "note": " "}, {"note"}),
    (workflow.mitigate, {"mitigated_at": AFTERWARDS}, {"mitigated_at"}),
    (workflow.edit, {"changes": {"state": "closed", "version": 9}}, {"state", "version"}),
    (workflow.edit, {"changes": {"title": " "}}, {"title"}),
    (workflow.edit, {"changes": {"title": "x" * (limits.LINE + 1)}}, {"title"}),
    (workflow.edit, {"changes": {"impact": 4}}, {"impact"}),
    (workflow.edit, {"changes": {"urgency": 0}}, {"urgency"}),
    (workflow.edit, {"changes": {"started_at": AFTERWARDS}}, {"started_at"}),
    (workflow.edit, {"changes": {"detected_at": AFTERWARDS}}, {"detected_at"}),
    (workflow.edit, {"changes": {"description": "x" * (limits.TEXT + 1)}}, {"description"}),
    (workflow.override_priority, {"priority": 1, "reason": " "}, {"reason"}),
    (workflow.override_priority, {"priority": 6, "reason": "The board waits"}, {"priority"}),
    (workflow.assess_severity, {"severity": 5}, {"severity"}),
    (workflow.declare_major, {"severity": 0, "reason": "All down"}, {"severity"}),
    (workflow.declare_major, {"severity": Severity.SEV1, "reason": " "}, {"reason"}),
    (workflow.add_evidence, {**EVIDENCE, "kind": "rumour"}, {"kind"}),
    (workflow.add_evidence, {**EVIDENCE, "title": " "}, {"title"}),
    (workflow.add_evidence, {**EVIDENCE, "title": "x" * (limits.LINE + 1)}, {"title"}),
    (workflow.add_evidence, {**EVIDENCE, "content": " "}, {"content"}),
    (workflow.add_evidence, {**EVIDENCE, "content": "a\0b"}, {"content"}),
    (workflow.add_evidence, {**EVIDENCE, "content": "x" * (limits.EXCERPT + 1)}, {"content"}),
    (workflow.add_evidence, {**EVIDENCE, "covers_from": LATER, "covers_until": NOON}, {"covers_until"}),
    (workflow.add_hypothesis, {"text": " "}, {"text"}),
    (workflow.add_hypothesis, {"text": "x" * (limits.SENTENCES + 1)}, {"text"}),
    (workflow.plan_action, {**ACTION, "kind": "prayer"}, {"kind"}),
    (workflow.plan_action, {**ACTION, "summary": " "}, {"summary"}),
    (workflow.plan_action, {**ACTION, "summary": "x" * (limits.PARAGRAPH + 1)}, {"summary"}),
    (workflow.plan_action, {**ACTION, "reference": "x" * (limits.REFERENCE + 1)}, {"reference"}),
    (workflow.record_action, {**DONE, "kind": "prayer"}, {"kind"}),
    (workflow.record_action, {**DONE, "outcome": ActionOutcome.PLANNED}, {"outcome"}),
    (workflow.record_action, {**DONE, "outcome": "great"}, {"outcome"}),
    (workflow.record_action, {**DONE, "done_at": AFTERWARDS}, {"done_at"}),
    (workflow.comment, {"text": " "}, {"text"}),
    (workflow.comment, {"text": "x" * (limits.TEXT + 1)}, {"text"}),
    (workflow.note, {"text": ""}, {"text"}),
    (workflow.note, {"text": "half \ud800 of a pair"}, {"text"}),
]


@pytest.mark.parametrize(("verb", "said", "fields"), REFUSED)
def test_verb_names_the_field_it_refuses_and_writes_nothing(
    incident: Incident, verb: Verb, said: dict[str, Any], fields: set[str]
) -> None:
    before = TimelineEntry.objects.count()

    with pytest.raises(Invalid) as refused:
        verb(incident, actor=SYSTEM, at=LATER, **said)

    assert set(refused.value.fields) == fields
    assert TimelineEntry.objects.count() == before
    assert not [model for model in (Evidence, Hypothesis, Action) if model.objects.exists()]


@pytest.mark.parametrize(
    ("report", "field"),
    [
        ({**OPEN, "title": "  "}, "title"),
        ({**OPEN, "title": "x" * (limits.LINE + 1)}, "title"),
        ({**OPEN, "started_at": AFTERWARDS}, "started_at"),
        ({**OPEN, "impact": 4}, "impact"),
        ({**OPEN, "urgency": 0}, "impact"),
        ({**OPEN, "description": "a\0b"}, "description"),
    ],
)
def test_report_names_the_field_it_refuses(db: None, report: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        workflow.open_incident(workflow.Report(**report), actor=SYSTEM, at=LATER)

    assert set(refused.value.fields) == {field}
    assert not Incident.objects.exists()


def test_what_lies_just_now_is_not_in_the_future(incident: Incident) -> None:
    workflow.edit(incident, actor=SYSTEM, at=LATER, changes={"started_at": LATER, "detected_at": LATER})
    workflow.record_action(incident, actor=SYSTEM, at=LATER, **DONE, done_at=LATER)
    workflow.mitigate(incident, actor=SYSTEM, at=LATER, mitigated_at=LATER)

    assert (incident.started_at, incident.mitigated_at) == (LATER, LATER)


def test_longest_texts_fit(incident: Incident) -> None:
    workflow.edit(incident, actor=SYSTEM, at=LATER, changes={"title": "x" * limits.LINE})
    workflow.add_hypothesis(incident, actor=SYSTEM, at=LATER, text="x" * limits.SENTENCES)
    workflow.note(incident, actor=SYSTEM, at=LATER, text="x" * limits.TEXT)

    assert len(incident.title) == limits.LINE


#: What only the desk does, said as it should be.
FOR_THE_DESK: list[tuple[Verb, dict[str, Any]]] = [
    (workflow.acknowledge, {}),
    (workflow.assign, {"assignee": None}),
    (workflow.hold, {"reason": HoldReason.VENDOR}),
    (workflow.mitigate, {}),
    (workflow.resolve, {"code": ResolutionCode.FIXED, "text": "New cable"}),
    (workflow.note, {"text": "Hm"}),
    (workflow.edit, {"changes": {"title": "Another"}}),
    (workflow.override_priority, {"priority": 1, "reason": "The board waits"}),
    (workflow.assess_severity, {"severity": Severity.SEV2}),
    (workflow.declare_major, {"severity": Severity.SEV1, "reason": "All down"}),
    (workflow.add_evidence, EVIDENCE),
    (workflow.add_hypothesis, {"text": "A loose cable"}),
    (workflow.record_root_cause, {"text": "A loose cable"}),
    (workflow.plan_action, ACTION),
    (workflow.record_action, DONE),
    (workflow.link_parent, {"parent": None}),
    (workflow.link_problem, {"problem": None}),
    (workflow.publish_review, {}),
]


@pytest.mark.parametrize(("verb", "said"), FOR_THE_DESK)
def test_verb_refuses_the_requester_what_only_the_desk_does(
    incident: Incident, carol: User, verb: Verb, said: dict[str, Any]
) -> None:
    before = TimelineEntry.objects.count()

    with pytest.raises(NotAllowed):
        verb(incident, actor=Actor(carol, Via.PORTAL), at=LATER, **said)

    assert TimelineEntry.objects.count() == before


def test_a_parent_does_not_become_a_child_and_nobody_their_own_parent(incident: Incident) -> None:
    child, other = make_incident(), make_incident()
    workflow.link_parent(child, actor=SYSTEM, at=LATER, parent=incident)

    refused = []
    for one, parent in ((incident, other), (other, child), (other, other)):
        with pytest.raises(Invalid) as refusal:
            workflow.link_parent(one, actor=SYSTEM, at=LATER, parent=parent)
        refused.append(set(refusal.value.fields))

    assert refused == [{"parent"}] * 3


def test_a_reopening_says_why(incident: Incident) -> None:
    workflow.resolve(incident, actor=SYSTEM, at=LATER, code=ResolutionCode.FIXED, text="New cable")

    with pytest.raises(Invalid) as refused:
        workflow.reopen(incident, actor=SYSTEM, at=AFTERWARDS, text=" ")

    assert set(refused.value.fields) == {"text"}


def test_a_stand_down_says_why(incident: Incident) -> None:
    workflow.declare_major(incident, actor=SYSTEM, at=LATER, severity=Severity.SEV1, reason="All down")

    with pytest.raises(Invalid) as refused:
        workflow.stand_down(incident, actor=SYSTEM, at=AFTERWARDS, reason=" ")

    assert set(refused.value.fields) == {"reason"}


def test_entry_of_an_action_holds_what_was_done_by_the_names_that_the_ledger_compares(
    incident: Incident,
) -> None:
    workflow.record_action(incident, actor=SYSTEM, at=LATER, **DONE, done_at=LATER)

    names = {"id", "tell", "kind", "outcome", "planned_for", "done_at", "reference", "configuration_item"}
    assert set(incident.entries.latest("seq").data["action"]) == names


def test_an_action_planned_for_another_incident_is_not_completed_here(incident: Incident) -> None:
    other = make_incident()
    workflow.plan_action(other, actor=SYSTEM, at=LATER, **ACTION)

    with pytest.raises(Invalid) as refused:
        workflow.record_action(incident, actor=SYSTEM, at=LATER, **DONE, planned=Action.objects.get())

    assert set(refused.value.fields) == {"planned"}


def test_a_hypothesis_is_weighed_by_a_word_that_is_offered(incident: Incident) -> None:
    workflow.add_hypothesis(incident, actor=SYSTEM, at=LATER, text="A loose cable")

    with pytest.raises(Invalid) as refused:
        workflow.weigh_hypothesis(Hypothesis.objects.get(), actor=SYSTEM, at=LATER, verdict="perhaps")  # type: ignore[arg-type]

    assert set(refused.value.fields) == {"verdict"}


def test_who_has_left_does_not_watch(incident: Incident, bob: User) -> None:
    bob.is_active = False

    with pytest.raises(Invalid) as refused:
        workflow.watch(incident, actor=SYSTEM, at=LATER, user=bob)

    assert set(refused.value.fields) == {"user"}


def test_a_requester_has_nobody_else_watch(incident: Incident, carol: User, bob: User) -> None:
    with pytest.raises(Invalid) as refused:
        workflow.watch(incident, actor=Actor(carol, Via.PORTAL), at=LATER, user=bob)

    assert set(refused.value.fields) == {"user"}


def test_a_review_keeps_to_its_fields_and_ends_with_its_publication(incident: Incident) -> None:
    with pytest.raises(Invalid) as unknown:
        workflow.save_review(incident, actor=SYSTEM, fields={"published_at": "now"})
    with pytest.raises(Invalid) as empty:
        workflow.publish_review(incident, actor=SYSTEM, at=LATER)
    workflow.save_review(incident, actor=SYSTEM, fields={"summary": "A cable"})
    workflow.publish_review(incident, actor=SYSTEM, at=LATER)
    with pytest.raises(Invalid) as twice:
        workflow.publish_review(incident, actor=SYSTEM, at=AFTERWARDS)
    with pytest.raises(Invalid) as late:
        workflow.save_review(incident, actor=SYSTEM, fields={"summary": "Two cables"})

    assert set(unknown.value.fields) == {"published_at"}
    assert set(empty.value.fields) == set(twice.value.fields) == set(late.value.fields) == {"summary"}
    assert Review.objects.get().summary == "A cable"
