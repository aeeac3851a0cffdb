from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents import workflow
from incidents.enums import Channel, State, Via
from incidents.models import Incident, Service
from tests.factories import NOON, agent_actor, make_incident

LIST = "/api/v1/incidents/"


def warm(api: APIClient) -> None:
    """The first request notes the use of the token and draws from the throttle."""
    assert api.get("/api/v1/teams/").status_code == 200


def test_agent_opens_an_incident_for_somebody(
    as_alice: APIClient, alice: User, carol: User, vpn: Service
) -> None:
    body = {"title": "VPN  drops", "requester": "carol", "service": vpn.pk, "impact": 1, "urgency": 2}

    answer = as_alice.post(LIST, body)

    incident = Incident.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/api/v1/incidents/{incident.number}/"
    assert answer["ETag"] == '"1"'
    assert answer.json() == as_alice.get(answer["Location"]).json()
    assert answer.json()["priority"] == 2
    assert (incident.title, incident.requester, incident.opened_by) == ("VPN drops", carol, alice)
    assert (incident.channel, incident.service, incident.team) == (Channel.API, vpn, vpn.team)
    assert incident.entries.get().via == Via.API


def test_requester_opens_for_themselves_only(as_carol: APIClient, carol: User, alice: User) -> None:
    refused = as_carol.post(LIST, {"title": "Help", "requester": "alice", "team": 1})
    accepted = as_carol.post(LIST, {"title": "Help"})

    assert refused.status_code == 400
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/requester", "#/team"]
    assert accepted.status_code == 201
    assert Incident.objects.get().requester == carol


@pytest.mark.parametrize(
    "field",
    [
        "id",
        "uid",
        "version",
        "chain_head",
        "number",
        "state",
        "hold_reason",
        "priority",
        "priority_overridden",
        "severity",
        "is_major",
        "opened_by",
        "channel",
        "assignee",
        "parent",
        "duplicate_of",
        "problem",
        "resolution_code",
        "resolution",
        "root_cause",
        "opened_at",
        "acknowledged_at",
        "resolved_at",
        "closed_at",
        "updated_at",
        "reopen_count",
        "reassignment_count",
        "source_name",
        "source_number",
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_fields_nobody_may_write_are_refused_by_name(
    as_alice: APIClient, incident: Incident, method: str, field: str
) -> None:
    address = LIST if method == "post" else f"{LIST}{incident.number}/"

    answer = getattr(as_alice, method)(address, {"title": "T", field: 1}, headers={"If-Match": '"1"'})

    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {"pointer": f"#/{field}", "code": "unknown", "detail": "There is no such field here."}
    ]


def test_list_shows_what_its_reader_may_see(
    as_alice: APIClient, as_bob: APIClient, as_carol: APIClient, carol: User, vpn: Service
) -> None:
    own = make_incident(requester=carol)
    other = make_incident()
    secret = make_incident(service=vpn, is_confidential=True)

    def numbers(api: APIClient) -> set[str]:
        return {row["number"] for row in api.get(LIST).json()["results"]}

    assert numbers(as_alice) == {own.number, other.number, secret.number}
    assert numbers(as_bob) == {own.number, other.number}
    assert numbers(as_carol) == {own.number}


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_any_number(
    as_alice: APIClient, vpn: Service, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_incident(service=vpn)
    warm(as_alice)

    with django_assert_num_queries(5):
        answer = as_alice.get(LIST)

    assert len(answer.json()["results"]) == rows


def test_one_costs_few_queries(
    as_alice: APIClient, incident: Incident, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    warm(as_alice)

    with django_assert_num_queries(5):
        as_alice.get(f"{LIST}{incident.number}/")


def test_read_answers_304_to_who_has_it(as_alice: APIClient, incident: Incident) -> None:
    address = f"{LIST}{incident.number}/"

    first = as_alice.get(address)
    again = as_alice.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_unknown_and_forbidden_look_the_same(as_carol: APIClient) -> None:
    foreign = make_incident()
    unknown = f"INC{foreign.pk + 1:07d}"

    answers = [
        as_carol.get(f"{LIST}{number}/") for number in (foreign.number, unknown, "what", "INC" + "9" * 30)
    ]

    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}


def test_patch_edits_what_is_sent(as_alice: APIClient, incident: Incident) -> None:
    answer = as_alice.patch(
        f"{LIST}{incident.number}/",
        {"title": "VPN is down", "impact": 1, "urgency": 1},
        headers={"If-Match": '"1"'},
    )

    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert (answer.json()["title"], answer.json()["priority"]) == ("VPN is down", 1)
    incident.refresh_from_db()
    assert incident.title == "VPN is down"


def test_patch_without_rights_is_refused(as_carol: APIClient, incident: Incident) -> None:
    answer = as_carol.patch(f"{LIST}{incident.number}/", {"title": "Mine"}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json()["type"]) == (403, "/api/v1/problems/not-allowed/")


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        (None, 428),
        ('"1"', 412),
        ('"2"', 200),
        ('W/"2"', 412),
        ('"1", "2"', 200),
        ("*", 200),
        ("2", 412),
        ('"x"', 412),
    ],
)
def test_patch_takes_only_the_version_that_is(
    as_alice: APIClient, alice: User, incident: Incident, tag: str | None, status: int
) -> None:
    workflow.acknowledge(incident, actor=agent_actor(alice), at=NOON)
    headers = {} if tag is None else {"If-Match": tag}

    answer = as_alice.patch(f"{LIST}{incident.number}/", {"title": "New title"}, headers=headers)

    assert answer.status_code == status
    assert Incident.objects.get().title == ("New title" if status == 200 else "VPN drops every few minutes")


def test_fields_cuts_the_answer(as_alice: APIClient, incident: Incident) -> None:
    answer = as_alice.get(LIST, {"fields": "number,state"})
    refused = as_alice.get(LIST, {"fields": "number,password"})

    assert answer.json()["results"] == [{"number": incident.number, "state": State.NEW}]
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "fields")


def test_fields_does_not_widen_what_a_requester_reads(as_carol: APIClient, incident: Incident) -> None:
    answer = as_carol.get(LIST, {"fields": "number,root_cause"})

    assert answer.status_code == 400


@pytest.mark.parametrize("field", ["service", "category", "location", "follows_up", "team", "requester"])
def test_foreign_and_unknown_rows_cannot_be_named(as_alice: APIClient, field: str) -> None:
    def detail(value: Any) -> Any:
        answer = as_alice.post(LIST, {"title": "T", field: value})
        assert answer.status_code == 400
        return answer.json()["errors"][0]["detail"]

    assert len({detail(value) for value in (999999, "nobody", True, [], {}, 10**30, -1, "", 1.5)}) == 1


def test_following_up_an_incident_of_somebody_else_reads_as_unknown(as_carol: APIClient) -> None:
    foreign = make_incident()

    answers = [
        as_carol.post(LIST, {"title": "T", "follows_up": number}) for number in (foreign.number, "INC0999999")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
