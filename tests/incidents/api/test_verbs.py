from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents import workflow
from incidents.api.views.verbs import OFFERED
from incidents.enums import ActionKind, EntryKind, HoldReason, ResolutionCode, Severity, State, Verb
from incidents.models import Incident, Problem, Service, Team
from incidents.verbs import VERBS
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller

LIST = "/api/v1/incidents/"


def do(api: APIClient, incident: Incident, verb: str, body: dict[str, Any] | None = None) -> Any:
    return api.post(f"{LIST}{incident.number}/{verb}/", body or {}, headers={"If-Match": "*"})


def entry_of(incident: Incident) -> Any:
    return incident.entries.order_by("-seq").first()


def test_each_verb_of_the_table_has_an_address() -> None:
    elsewhere = {Verb.OPEN, Verb.EDIT}

    assert set(OFFERED) == set(VERBS) - elsewhere


@pytest.mark.parametrize(
    ("verb", "body", "kind"),
    [
        ("acknowledge", {}, EntryKind.ACKNOWLEDGED),
        ("assign", {"assignee": "alice", "note": "Yours"}, EntryKind.ASSIGNED),
        ("hold", {"reason": "vendor", "note": "Ticket 7"}, EntryKind.HELD),
        ("mitigate", {"note": "Rerouted"}, EntryKind.MITIGATED),
        ("resolve", {"code": "fixed", "text": "New cable"}, EntryKind.RESOLVED),
        ("cancel", {"reason": "A drill"}, EntryKind.CANCELLED),
        ("comment", {"text": "We look"}, EntryKind.COMMENTED),
        ("note", {"text": "Odd"}, EntryKind.NOTED),
        ("assess_severity", {"severity": 2}, EntryKind.SEVERITY_ASSESSED),
        ("declare_major", {"severity": 1, "reason": "All down"}, EntryKind.MAJOR_DECLARED),
        (
            "add_evidence",
            {"kind": "log", "title": "syslog", "content": "eth0 down"},
            EntryKind.EVIDENCE_ADDED,
        ),
        ("add_hypothesis", {"text": "Bad cable"}, EntryKind.HYPOTHESIS_ADDED),
        ("record_root_cause", {"text": "Old firmware"}, EntryKind.ROOT_CAUSE_RECORDED),
        ("plan_action", {"kind": "restart", "summary": "Restart it"}, EntryKind.ACTION_PLANNED),
        (
            "record_action",
            {"kind": "restart", "summary": "Done", "outcome": "succeeded"},
            EntryKind.ACTION_TAKEN,
        ),
        ("watch", {}, EntryKind.WATCHER_ADDED),
    ],
)
def test_verb_does_what_it_says(
    as_alice: APIClient, alice: User, incident: Incident, verb: str, body: dict[str, Any], kind: str
) -> None:
    answer = do(as_alice, incident, verb, body)

    assert answer.status_code == 200, answer.content
    entry = entry_of(incident)
    assert (entry.kind, entry.actor, entry.via) == (kind, alice, "api")
    assert (answer["ETag"], answer.json()["version"]) == (f'"{entry.seq}"', entry.seq)
    assert answer.json()["state"] == entry.state_after


def test_hold_then_resume(as_alice: APIClient, incident: Incident) -> None:
    held = do(as_alice, incident, "hold", {"reason": HoldReason.CALLER, "note": "Which floor?"})
    resumed = do(as_alice, incident, "resume", {"note": "Told by phone"})

    assert (held.json()["state"], held.json()["hold_reason"]) == (State.ON_HOLD, "caller")
    assert (resumed.json()["state"], resumed.json()["hold_reason"]) == (State.IN_PROGRESS, "")


def test_resolve_reopen_resolve_close(as_alice: APIClient, as_carol: APIClient, incident: Incident) -> None:
    do(as_alice, incident, "resolve", {"code": "fixed", "text": "New cable"})
    reopened = do(as_carol, incident, "reopen", {"text": "Still down"})
    do(as_alice, incident, "resolve", {"code": "fixed", "text": "Newer cable"})
    closed = do(as_carol, incident, "close")

    assert (reopened.json()["state"], closed.json()["state"]) == (State.IN_PROGRESS, State.CLOSED)


def test_merge_and_link(as_alice: APIClient, incident: Incident) -> None:
    target, parent = make_incident(), make_incident()
    problem = Problem.objects.create(title="Old switches")

    linked = do(as_alice, incident, "link_parent", {"parent": parent.number})
    caused = do(as_alice, incident, "link_problem", {"problem": problem.number})
    merged = do(as_alice, incident, "merge", {"into": target.number})

    assert linked.json()["parent"] == parent.number
    assert caused.json()["problem"] == problem.number
    assert (merged.json()["duplicate_of"], merged.json()["state"]) == (target.number, State.CANCELLED)


def test_assign_leaves_what_is_not_named(
    as_alice: APIClient, alice: User, incident: Incident, workplace: Team
) -> None:
    taken = do(as_alice, incident, "assign", {"assignee": alice.pk})
    moved = do(as_alice, incident, "assign", {"team": "Workplace"})

    assert (taken.json()["team"]["name"], taken.json()["assignee"]["username"]) == ("Network", "alice")
    assert (moved.json()["team"]["name"], moved.json()["assignee"]) == ("Workplace", None)


def test_weigh_hypothesis_and_complete_a_planned_action(as_alice: APIClient, incident: Incident) -> None:
    do(as_alice, incident, "add_hypothesis", {"text": "Bad cable"})
    do(as_alice, incident, "plan_action", {"kind": ActionKind.HARDWARE, "summary": "Swap the cable"})
    hypothesis, action = incident.hypotheses.get(), incident.actions.get()

    weighed = do(
        as_alice, incident, "weigh_hypothesis", {"hypothesis": hypothesis.pk, "verdict": "confirmed"}
    )
    done = do(
        as_alice,
        incident,
        "record_action",
        {"kind": "hardware", "summary": "Swapped", "outcome": "succeeded", "planned": action.pk},
    )
    foreign = do(
        as_alice, make_incident(), "weigh_hypothesis", {"hypothesis": hypothesis.pk, "verdict": "open"}
    )

    again = do(
        as_alice,
        incident,
        "record_action",
        {"kind": "hardware", "summary": "Twice", "outcome": "failed", "planned": action.pk},
    )

    assert (weighed.status_code, done.status_code, foreign.status_code) == (200, 200, 400)
    assert again.json()["errors"][0]["pointer"] == "#/planned"
    assert incident.actions.get().summary == "Swapped"


@pytest.mark.django_db
def test_lead_verbs(incident: Incident) -> None:
    boss = caller(AgentFactory.create(role="Incident manager"))

    overridden = do(boss, incident, "override_priority", {"priority": 1, "reason": "The board"})
    back = do(boss, incident, "override_priority", {"priority": None, "reason": "Over"})
    do(boss, incident, "declare_major", {"severity": 1, "reason": "All down"})
    stood_down = do(boss, incident, "stand_down", {"reason": "Few"})
    boss.put(f"{LIST}{incident.number}/review/", {"summary": "It broke."}, headers={"If-None-Match": "*"})
    published = do(boss, incident, "publish_review")

    assert (overridden.json()["priority"], overridden.json()["priority_overridden"]) == (1, True)
    assert back.json()["priority_overridden"] is False
    assert stood_down.json()["is_major"] is False
    assert published.status_code == 200
    assert incident.review.published_at is not None


def test_agent_may_not_do_what_a_lead_does(as_alice: APIClient, incident: Incident) -> None:
    answer = do(as_alice, incident, "override_priority", {"priority": 1, "reason": "I say so"})

    assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/problems/not-allowed/")


def test_requester_may_talk_and_not_work(as_carol: APIClient, incident: Incident) -> None:
    allowed = do(as_carol, incident, "comment", {"text": "Any news?"})
    refused = {verb: do(as_carol, incident, verb, body).status_code for verb, body in WORK.items()}

    assert allowed.status_code == 200
    assert refused == dict.fromkeys(WORK, 403)
    assert incident.entries.count() == 2


WORK: dict[str, dict[str, Any]] = {
    "acknowledge": {},
    "assign": {"assignee": None},
    "hold": {"reason": "vendor"},
    "resolve": {"code": "fixed", "text": "x"},
    "note": {"text": "x"},
    "add_evidence": {"kind": "log", "title": "x", "content": "x"},
    "record_root_cause": {"text": "x"},
    "declare_major": {"severity": 1, "reason": "x"},
}


@pytest.mark.parametrize("verb", sorted(OFFERED))
def test_verb_on_a_foreign_incident_is_unknown(as_carol: APIClient, verb: str) -> None:
    foreign = make_incident()

    answer = do(as_carol, foreign, verb, {"nonsense": 1})
    unknown = as_carol.post(f"{LIST}INC0999999/{verb}/", {}, headers={"If-Match": "*"})

    assert (answer.status_code, answer.content) == (404, unknown.content)


@pytest.mark.parametrize("verb", sorted(OFFERED))
def test_verb_needs_the_version_that_is(incident: Incident, verb: str) -> None:
    manager = caller(AgentFactory.create(role="Incident manager"))  # may use each of them
    address = f"{LIST}{incident.number}/{verb}/"

    without = manager.post(address, {})
    stale = manager.post(address, {}, headers={"If-Match": '"7"'})

    assert (without.status_code, stale.status_code) == (428, 412)
    assert without.json()["type"] == "/api/v1/problems/if-match-required/"
    assert stale.json()["type"] == "/api/v1/problems/stale-incident/"


def test_state_that_does_not_allow_it_is_a_conflict(
    as_alice: APIClient, alice: User, incident: Incident
) -> None:
    workflow.acknowledge(incident, actor=agent_actor(alice), at=NOON)

    answer = do(as_alice, incident, "acknowledge")

    assert (answer.status_code, answer.json()["type"]) == (409, "/api/v1/problems/illegal-transition/")


def test_rules_of_the_verb_come_back_as_field_errors(as_alice: APIClient, incident: Incident) -> None:
    answer = do(as_alice, incident, "hold", {"reason": "caller"})

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/note"]


def test_whoever_hands_over_to_where_they_cannot_follow_gets_no_content(
    as_alice: APIClient, vpn: Service, workplace: Team
) -> None:
    secret = make_incident(service=vpn, is_confidential=True)

    answer = do(as_alice, secret, "assign", {"team": "Workplace"})

    assert (answer.status_code, answer.content) == (204, b"")


def test_comment_on_a_duplicate_lands_where_it_was_joined(
    as_carol: APIClient, alice: User, incident: Incident
) -> None:
    target = make_incident(title="Elsewhere")
    workflow.merge(incident, actor=agent_actor(alice), at=NOON, into=target)

    answer = do(as_carol, incident, "comment", {"text": "Here too"})

    target.refresh_from_db()
    assert (answer.status_code, answer.json()["number"]) == (200, target.number)
    assert (entry_of(target).text, answer["ETag"]) == ("Here too", f'"{target.version}"')


def test_comment_on_a_closed_incident_opens_one_that_follows_it_up(
    as_carol: APIClient, alice: User, incident: Incident
) -> None:
    workflow.cancel(incident, actor=agent_actor(alice), at=NOON, reason="A drill")

    answer = do(as_carol, incident, "comment", {"text": "It is no drill"})

    opened = Incident.objects.get(follows_up=incident)
    assert (answer.status_code, answer.json()["number"]) == (200, opened.number)
    assert opened.description == "It is no drill"


def test_agents_comment_on_a_closed_incident_is_refused_with_the_way_out(
    as_alice: APIClient, alice: User, incident: Incident
) -> None:
    workflow.cancel(incident, actor=agent_actor(alice), at=NOON, reason="A drill")

    answer = do(as_alice, incident, "comment", {"text": "One more thing"})

    assert answer.status_code == 409
    assert "Open a new incident that refers to it." in answer.json()["detail"]


def test_verbs_of_a_major_without_its_review_leave_out_what_would_be_refused(
    as_alice: APIClient, incident: Incident
) -> None:
    manager = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.declare_major(incident, actor=manager, at=NOON, severity=Severity.SEV1, reason="all down")
    workflow.stand_down(incident, actor=manager, at=NOON, reason="one office only")

    assert not {"cancel", "merge"} & set(verbs_of(as_alice, incident))
    workflow.resolve(incident, actor=manager, at=NOON, code=ResolutionCode.FIXED, text="back")
    before = verbs_of(as_alice, incident)
    workflow.save_review(incident, actor=manager, fields={"summary": "A full table", "root_cause": "Leak"})
    workflow.publish_review(incident, actor=manager, at=NOON)

    assert {"close"} == set(verbs_of(as_alice, incident)) - set(before)


def verbs_of(api: APIClient, incident: Incident) -> list[str]:
    return list(api.get(f"/api/v1/incidents/{incident.number}/").json()["verbs"])
