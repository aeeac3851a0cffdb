"""Timeline, attachments, evidence, actions, review and the catalogue."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents import workflow
from incidents.models import Attachment, ConfigurationItem, Incident, Problem, Service
from tests.factories import (
    NOON,
    CategoryFactory,
    LocationFactory,
    ServiceFactory,
    TeamFactory,
    agent_actor,
    make_incident,
)

API = "/api/v1/"


@pytest.fixture(autouse=True)
def _files_of_the_test(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(name: str = "log.txt", content: bytes = b"eth0 down") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/html")


def address(incident: Incident, noun: str) -> str:
    return f"{API}incidents/{incident.number}/{noun}/"


def attach(api: APIClient, incident: Incident, **body: Any) -> Any:
    body = {"file": [upload()], **body}
    return api.post(address(incident, "attachments"), body, format="multipart", headers={"If-Match": "*"})


def test_timeline_is_whole_for_the_desk_and_public_for_the_rest(
    as_alice: APIClient, as_carol: APIClient, alice: User, incident: Incident
) -> None:
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="CANARY-note")
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="We look")

    desk = as_alice.get(address(incident, "timeline")).json()["results"]
    theirs = as_carol.get(address(incident, "timeline")).json()["results"]

    assert [(entry["seq"], entry["kind"]) for entry in desk] == [
        (1, "opened"),
        (2, "noted"),
        (3, "commented"),
    ]
    assert desk[1]["text"] == "CANARY-note"
    assert theirs[1] == {
        "seq": 3,
        "kind": "commented",
        "actor": {"name": "Alice Ames"},
        "at": "2026-03-02T12:00:00Z",
        "text": "We look",
        "state_after": "new",
        "attachments": [],
    }


def test_timeline_goes_on_after_what_is_known(as_alice: APIClient, alice: User, incident: Incident) -> None:
    for n in range(4):
        workflow.note(incident, actor=agent_actor(alice), at=NOON, text=str(n))

    page = as_alice.get(address(incident, "timeline"), {"after_seq": 2, "limit": 2}).json()
    rest = as_alice.get(page["next"]).json()

    assert [entry["seq"] for entry in page["results"] + rest["results"]] == [3, 4, 5]
    assert rest["next"] is None


def test_attachment_goes_in_and_comes_out(
    as_alice: APIClient, as_carol: APIClient, incident: Incident
) -> None:
    answer = attach(as_carol, incident, text="See the log")

    entry = incident.entries.get(seq=2)
    assert (answer.status_code, answer["ETag"]) == (201, '"2"')
    assert (entry.kind, entry.text, entry.visibility) == ("commented", "See the log", "public")
    listed = as_alice.get(address(incident, "attachments")).json()["results"]
    assert [(row["name"], row["size"], row["seq"]) for row in listed] == [("log.txt", 9, 2)]
    fetched = as_alice.get(listed[0]["url"])
    assert b"".join(fetched.streaming_content) == b"eth0 down"
    assert fetched["Content-Type"] == "application/octet-stream"
    assert fetched["Content-Disposition"] == 'attachment; filename="log.txt"'
    assert (fetched["X-Content-Type-Options"], "sandbox" in fetched["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )


def test_what_the_desk_attaches_is_internal_unless_said(
    as_alice: APIClient, as_carol: APIClient, incident: Incident
) -> None:
    attach(as_alice, incident)
    attach(as_alice, incident, visibility="public", file=[upload("a.txt"), upload("b.txt")])
    internal = Attachment.objects.get(entry__seq=2)

    listed = as_carol.get(address(incident, "attachments")).json()["results"]
    hidden = as_carol.get(f"{address(incident, 'attachments')}{internal.pk}/")
    unknown = as_carol.get(f"{address(incident, 'attachments')}999999/")

    assert [row["name"] for row in listed] == ["a.txt", "b.txt"]
    assert (hidden.status_code, hidden.content) == (404, unknown.content)


def test_requester_cannot_attach_a_note(as_carol: APIClient, incident: Incident) -> None:
    answer = attach(as_carol, incident, visibility="internal")

    assert answer.status_code == 403
    assert Attachment.objects.count() == 0


def test_attachment_of_another_incident_is_unknown_here(
    as_carol: APIClient, carol: User, incident: Incident
) -> None:
    attach(as_carol, incident)
    second = make_incident(requester=carol)

    answer = as_carol.get(f"{address(second, 'attachments')}{Attachment.objects.get().pk}/")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "body", [{"file": []}, {"file": "text"}, {"file": [SimpleUploadedFile("empty", b"")]}, {"files": "x"}, {}]
)
def test_upload_that_is_none_is_refused(
    as_alice: APIClient, incident: Incident, body: dict[str, Any]
) -> None:
    answer = as_alice.post(
        address(incident, "attachments"), body, format="multipart", headers={"If-Match": "*"}
    )

    assert answer.status_code == 400
    assert incident.entries.count() == 1


def test_broken_multipart_is_refused(as_alice: APIClient, incident: Incident) -> None:
    answer = as_alice.generic(
        "POST",
        address(incident, "attachments"),
        b"--x\r\nnonsense",
        content_type="multipart/form-data; boundary=y",
        headers={"If-Match": "*"},
    )

    assert answer.status_code == 400


def test_evidence_is_added_as_text_and_as_file(as_alice: APIClient, alice: User, incident: Incident) -> None:
    text = as_alice.post(
        address(incident, "evidence"),
        {"kind": "log", "title": "syslog", "source": "sw-1", "content": "eth0 down"},
        headers={"If-Match": '"1"'},
    )
    file = as_alice.post(
        address(incident, "evidence"),
        {"kind": "screenshot", "title": "LEDs", "attachment": upload("led.png")},
        format="multipart",
        headers={"If-Match": '"2"'},
    )

    rows = as_alice.get(address(incident, "evidence")).json()["results"]
    assert [answer.status_code for answer in (text, file)] == [201, 201]
    assert rows == [text.json(), file.json()]
    assert (rows[0]["collected_by"]["username"], rows[0]["source"]) == ("alice", "sw-1")
    assert rows[1]["attachment"] == Attachment.objects.get().pk


def test_actions_are_recorded_and_listed(as_alice: APIClient, incident: Incident) -> None:
    made = as_alice.post(
        address(incident, "actions"),
        {"kind": "restart", "summary": "Restarted sw-1", "outcome": "succeeded", "tell": True},
        headers={"If-Match": '"1"'},
    )

    assert (made.status_code, made["ETag"]) == (201, '"2"')
    assert as_alice.get(address(incident, "actions")).json()["results"] == [made.json()]
    assert incident.entries.get(seq=2).visibility == "public"


@pytest.mark.parametrize("noun", ["evidence", "actions", "hypotheses", "review"])
def test_findings_are_the_desks_own(as_carol: APIClient, incident: Incident, noun: str) -> None:
    own = as_carol.get(address(incident, noun))
    unknown = as_carol.get(f"{API}incidents/INC0999999/{noun}/")

    assert (own.status_code, own.content) == (404, unknown.content)


def test_review_is_saved_in_parts(as_alice: APIClient, incident: Incident) -> None:
    missing = as_alice.get(address(incident, "review"))

    assert missing.status_code == 404
    begun = as_alice.put(address(incident, "review"), {"summary": "It."}, headers={"If-None-Match": "*"})
    assert begun.status_code == 403


def note(incident: Incident, alice: User) -> None:
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="n", attachments=[upload()])


def evidence(incident: Incident, alice: User) -> None:
    workflow.add_evidence(incident, actor=agent_actor(alice), at=NOON, kind="log", title="t", content="c")


def hypothesis(incident: Incident, alice: User) -> None:
    workflow.add_hypothesis(incident, actor=agent_actor(alice), at=NOON, text="t")


def action(incident: Incident, alice: User) -> None:
    item = ConfigurationItem.objects.create(name=f"sw-{incident.version}")
    workflow.plan_action(
        incident, actor=agent_actor(alice), at=NOON, kind="patch", summary="s", configuration_item=item
    )


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("noun", "make", "queries"),
    [
        ("timeline", note, 5),
        ("attachments", note, 4),
        ("evidence", evidence, 4),
        ("hypotheses", hypothesis, 4),
        ("actions", action, 4),
    ],
)
def test_lists_of_an_incident_cost_the_same_for_any_number(
    as_alice: APIClient,
    alice: User,
    incident: Incident,
    rows: int,
    noun: str,
    make: Callable[[Incident, User], None],
    queries: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(rows):
        make(incident, alice)
    as_alice.get(f"{API}teams/")

    with django_assert_num_queries(queries):
        answer = as_alice.get(address(incident, noun))

    assert len(answer.json()["results"]) >= rows


MAKERS: dict[str, Callable[[int], Any]] = {
    "teams": lambda n: TeamFactory.create(name=f"T{n}"),
    "services": lambda n: ServiceFactory.create(name=f"S{n}", team=TeamFactory.create()),
    "categories": lambda n: CategoryFactory.create(name=f"C{n}"),
    "locations": lambda n: LocationFactory.create(name=f"L{n}"),
    "configuration-items": lambda n: ConfigurationItem.objects.create(name=f"I{n}"),
    "problems": lambda n: Problem.objects.create(title=f"P{n}"),
}
QUERIES = {
    "teams": 2,
    "services": 3,
    "categories": 2,
    "locations": 2,
    "configuration-items": 3,
    "problems": 3,
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("noun", sorted(MAKERS))
def test_catalogue_lists_cost_the_same_for_any_number(
    as_bob: APIClient, noun: str, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = len(as_bob.get(f"{API}{noun}/").json()["results"])
    for n in range(rows):
        MAKERS[noun](n)

    with django_assert_num_queries(QUERIES[noun]):
        answer = as_bob.get(f"{API}{noun}/")

    assert len(answer.json()["results"]) == before + rows


def test_catalogue_is_searched_and_narrowed(as_alice: APIClient, vpn: Service) -> None:
    ServiceFactory.create(name="Old mail", is_active=False)

    def names(**query: str) -> list[str]:
        return [row["name"] for row in as_alice.get(f"{API}services/", query).json()["results"]]

    assert (names(), names(search="vp"), names(is_active="false")) == (
        ["Old mail", "VPN"],
        ["VPN"],
        ["Old mail"],
    )


def test_requester_reads_services_and_not_the_desks_own(as_carol: APIClient, vpn: Service) -> None:
    ConfigurationItem.objects.create(name="sw-1")
    problem = Problem.objects.create(title="Old switches")

    assert [row["name"] for row in as_carol.get(f"{API}services/").json()["results"]] == ["VPN"]
    assert as_carol.get(f"{API}configuration-items/").json()["results"] == []
    assert as_carol.get(f"{API}problems/").json()["results"] == []
    assert as_carol.get(f"{API}problems/{problem.number}/").status_code == 404


def test_problem_says_whether_it_is_a_known_error(as_alice: APIClient) -> None:
    problem = Problem.objects.create(title="Old switches", root_cause="Age", workaround="Restart")

    answer = as_alice.get(f"{API}problems/{problem.number}/")

    assert (answer.json()["number"], answer.json()["is_known_error"]) == (problem.number, True)
