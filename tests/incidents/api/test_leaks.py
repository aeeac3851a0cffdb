"""A word hidden in everything the desk keeps to itself must never reach the requester's side."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from incidents import workflow
from incidents.api.urls import urlpatterns
from incidents.enums import HoldReason, ResolutionCode, Severity
from incidents.models import ConfigurationItem, Incident, Problem, Service, Team
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller

CANARY = "CANARY-7f3a"


@pytest.fixture
def full(incident: Incident, alice: User, vpn: Service, settings: Any, tmp_path: Any) -> Incident:
    """Everything internal holds the word; what is public does not."""
    settings.MEDIA_ROOT = tmp_path
    agent = {"actor": agent_actor(alice), "at": NOON}
    boss = {"actor": agent_actor(AgentFactory.create(role="Incident manager")), "at": NOON}
    problem = Problem.objects.create(title=CANARY, root_cause=CANARY, workaround=CANARY)
    item = ConfigurationItem.objects.create(name=CANARY)
    file = SimpleUploadedFile(f"{CANARY}.txt", CANARY.encode())
    workflow.note(incident, text=CANARY, attachments=[file], **agent)
    workflow.edit(incident, changes={"configuration_item": item}, **agent)
    workflow.add_evidence(incident, kind="log", title=CANARY, source=CANARY, content=CANARY, **agent)
    workflow.add_hypothesis(incident, text=CANARY, **agent)
    workflow.weigh_hypothesis(incident.hypotheses.get(), verdict="likely", reason=CANARY, **agent)
    workflow.record_root_cause(incident, text=CANARY, **agent)
    workflow.plan_action(incident, kind="patch", summary=CANARY, reference=CANARY, **agent)
    workflow.record_action(
        incident, kind="patch", summary="Rebooted", reference=CANARY, outcome="succeeded", tell=True, **agent
    )
    workflow.assign(incident, team=vpn.team, assignee=alice, note=CANARY, **agent)
    workflow.hold(incident, reason=HoldReason.VENDOR, note=CANARY, **agent)
    workflow.resume(incident, note=CANARY, **agent)
    workflow.override_priority(incident, priority=1, reason=CANARY, **boss)
    workflow.assess_severity(incident, severity=Severity.SEV2, reason=CANARY, **agent)
    workflow.link_problem(incident, problem=problem, **agent)
    workflow.save_review(incident, actor=boss["actor"], fields={"summary": CANARY, "root_cause": CANARY})
    workflow.resolve(incident, code=ResolutionCode.FIXED, text="New cable", **agent)
    return incident


def addresses(incident: Incident) -> list[str]:
    """Every address of the interface that names no other row."""
    found = [pattern.pattern for pattern in urlpatterns]
    paths = [str(pattern).replace("<str:number>", incident.number) for pattern in found]
    return [
        f"/api/v1/{path}" for path in paths if "<" not in path and "(?P" not in path and "schema" not in path
    ]


def test_requester_never_reads_what_is_internal(
    as_carol: APIClient, as_alice: APIClient, full: Incident
) -> None:
    def bodies(api: APIClient) -> bytes:
        return b"".join(api.get(address).content for address in addresses(full))

    assert CANARY.encode() in bodies(as_alice)
    assert CANARY.encode() not in bodies(as_carol)
    assert b'"data"' not in bodies(as_carol)


def test_requester_cannot_find_by_what_is_internal(as_carol: APIClient, full: Incident) -> None:
    hits = [
        as_carol.get("/api/v1/incidents/", {"search": word}).json()["results"]
        for word in (CANARY, "canary", "7f3a")
    ]

    assert hits == [[], [], []]


def test_answers_to_the_requesters_verbs_hold_nothing_internal(as_carol: APIClient, full: Incident) -> None:
    for verb, body in (("reopen", {"text": "No"}), ("comment", {"text": "Hm"})):
        answer = as_carol.post(f"/api/v1/incidents/{full.number}/{verb}/", body, headers={"If-Match": "*"})
        assert answer.status_code == 200
        assert CANARY.encode() not in answer.content


def test_watcher_reads_the_public_side(full: Incident, bob: User) -> None:
    dave = RequesterFactory.create()
    workflow.watch(full, actor=agent_actor(bob), at=NOON, user=dave)
    api = caller(dave)

    assert api.get(f"/api/v1/incidents/{full.number}/").status_code == 200
    assert all(CANARY.encode() not in api.get(address).content for address in addresses(full))


def test_confidential_incident_is_unknown_to_other_teams(as_bob: APIClient, vpn: Service) -> None:
    secret = make_incident(service=vpn, is_confidential=True, title=CANARY)

    answers = [as_bob.get(address) for address in addresses(secret)]

    assert all(CANARY.encode() not in answer.content for answer in answers)
    assert as_bob.get("/api/v1/incidents/", {"search": CANARY}).json()["results"] == []


def test_every_address_asks_who_calls(anyone: APIClient, incident: Incident) -> None:
    open_to_all = {"/api/v1/docs/"}

    statuses = {
        address: anyone.get(address).status_code
        for address in addresses(incident)
        if address not in open_to_all
    }

    assert set(statuses.values()) <= {401, 405}


def test_who_leaves_the_team_loses_every_door_at_once(
    client: Client, bob: User, network: Team, vpn: Service, incident: Incident
) -> None:
    """With the session, the token and the key of a call that they had before."""
    secret = make_incident(service=vpn, is_confidential=True, title=CANARY)
    network.members.add(bob)
    api, once = caller(bob), {"If-Match": "*", "Idempotency-Key": "once"}
    client.force_login(bob)
    pages = [
        f"/admin/incidents/incident/{secret.pk}/change/",
        f"/admin/incidents/incident/{secret.pk}/resolve/",
        f"/incidents/{secret.number}/",
    ]

    def note() -> Any:
        return api.post(f"/api/v1/incidents/{secret.number}/note/", {"text": "x"}, headers=once)

    def statuses() -> set[int]:
        calls = [
            f"/api/v1/incidents/{secret.number}/",
            f"/api/v1/incidents/{secret.number}/evidence/",
        ]
        asked = [client.get(page).status_code for page in pages] + [
            api.get(call).status_code for call in calls
        ]
        return {*asked, note().status_code}

    before = statuses()
    network.members.remove(bob)

    assert (before, statuses()) == ({200}, {404})
    assert CANARY.encode() not in note().content


def test_requester_narrows_by_what_they_read_and_confirms_nobody_elses_log_in(
    as_carol: APIClient, bob: User, incident: Incident
) -> None:
    hidden = ("severity=2", "configuration_item=1", "parent=INC0000001", "breached=true")
    watch = f"/api/v1/incidents/{incident.number}/watch/"
    answers = [
        as_carol.post(watch, {"user": login}, headers={"If-Match": "*"}) for login in ("bob", "nobody-here")
    ]
    edits = [
        as_carol.patch(
            f"/api/v1/incidents/{incident.number}/", {"requester": login}, headers={"If-Match": "*"}
        )
        for login in ("bob", "nobody-here")
    ]

    assert {as_carol.get(f"/api/v1/incidents/?{one}").status_code for one in hidden} == {400}
    assert answers[0].status_code == 400
    assert answers[0].content == answers[1].content
    assert edits[0].status_code == 403
    assert edits[0].content == edits[1].content
