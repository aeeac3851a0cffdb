"""PagerDuty's and Opsgenie's own addresses, asked and answered as there."""

import json
import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.enums import EntryKind
from incidents.models import Alert, Incident, IngestEvent, PriorityRule
from incidents.parsers.registry import SourceKind
from tests.incidents.ingest.conftest import KEY, make_source
from tests.incidents.ingest.test_parsers import PAYLOADS

GENIE = {"Authorization": "GenieKey genie"}
INVALID = {"status": "invalid event", "message": "Event object is invalid"}


def trigger(**changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / "pagerduty_v2_trigger.json").read_text())
    return {**body, "routing_key": "pd", **changes}


@pytest.fixture
def pagerduty(db: None) -> APIClient:
    make_source(SourceKind.PAGERDUTY, "pd")
    return APIClient()


@pytest.fixture
def opsgenie(db: None) -> APIClient:
    make_source(SourceKind.OPSGENIE, "genie")
    return APIClient()


def genie(client: APIClient, method: str, path: str, body: Any = None) -> Any:
    send = getattr(client, method)
    return send(f"/v2/alerts{path}", body, format="json", headers=GENIE)


@pytest.mark.parametrize("kind", sorted({*SourceKind} - {SourceKind.PAGERDUTY}))
def test_key_of_another_kind_is_told_so(monitoring: APIClient, kind: str) -> None:
    make_source(kind, "other")
    answer = monitoring.post("/v2/enqueue", trigger(routing_key="other"), format="json")

    assert answer.status_code == 400
    assert answer.json() | {"errors": []} == INVALID | {"errors": []}
    assert "choose the kind PagerDuty" in answer.json()["errors"][0]


def test_generic_key_at_opsgenies_address_is_told_so(monitoring: APIClient) -> None:
    headers = {"Authorization": f"GenieKey {KEY}"}
    answer = monitoring.post("/v2/alerts", {"message": "x"}, format="json", headers=headers)

    assert answer.status_code == 403
    assert "choose the kind Opsgenie" in answer.json()["message"]


@pytest.mark.parametrize("address", ["/v2/enqueue", "/v2/enqueue/"])
def test_pagerduty_event_is_processed(pagerduty: APIClient, address: str) -> None:
    answer = pagerduty.post(address, trigger(), format="json")

    assert (answer.status_code, answer.json()["status"]) == (202, "success")
    assert answer.json()["dedup_key"] == Alert.objects.get().dedup_key


@pytest.mark.parametrize(
    "changes",
    [{"routing_key": "unknown"}, {"routing_key": 7}, {"event_action": "explode"}, {"payload": None}],
)
def test_pagerduty_event_that_is_wrong_is_answered_as_there(
    pagerduty: APIClient, changes: dict[str, Any]
) -> None:
    answer = pagerduty.post("/v2/enqueue", trigger(**changes), format="json")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/json")
    assert {name: answer.json()[name] for name in INVALID} == INVALID
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", [b"[]", b"7", b"{"])
def test_pagerduty_body_of_another_shape_is_no_500(pagerduty: APIClient, body: bytes) -> None:
    assert pagerduty.generic("POST", "/v2/enqueue", body, content_type="application/json").status_code == 400


def test_pagerduty_trouble_of_ours_is_503(pagerduty: APIClient) -> None:
    PriorityRule.objects.all().delete()
    pagerduty.raise_request_exception = False
    answer = pagerduty.post("/v2/enqueue", trigger(), format="json")

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["status"] == "unavailable"


def test_pagerduty_change_event_is_kept_and_no_alarm(pagerduty: APIClient) -> None:
    change = {"routing_key": "pd", "payload": {"summary": "Build 7", "source": "ci"}}
    answer = pagerduty.post("/v2/change/enqueue", change, format="json")

    assert (answer.status_code, answer.json()["message"]) == (202, "Change event processed")
    assert (IngestEvent.objects.count(), Incident.objects.count()) == (1, 0)


def test_opsgenie_request_can_be_asked_for(opsgenie: APIClient) -> None:
    created = genie(opsgenie, "post", "", {"message": "Queue is long", "alias": "mq-2/queue"})
    asked = genie(opsgenie, "get", f"/requests/{created.json()['requestId']}")

    assert (created.status_code, asked.status_code) == (202, 200)
    data = asked.json()["data"]
    assert (data["success"], data["action"], data["status"]) == (True, "Create", "Created alert")
    assert data["alertId"] == data["alias"] == "mq-2/queue"


def test_opsgenie_request_of_another_source_is_not_found(opsgenie: APIClient) -> None:
    make_source(SourceKind.OPSGENIE, "second")
    created = genie(opsgenie, "post", "", {"message": "Queue is long"})
    answer = opsgenie.get(
        f"/v2/alerts/requests/{created.json()['requestId']}", headers={"Authorization": "GenieKey second"}
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "action", "body", "said"),
    [
        ("put", "message", {"message": "Queue is longer"}, "Now says: Queue is longer"),
        ("put", "description", {"description": "More of it"}, "More of it"),
        ("post", "notes", {"note": "Seen by Kim"}, "Seen by Kim"),
    ],
)
def test_opsgenie_change_is_told_in_the_timeline(
    opsgenie: APIClient, method: str, action: str, body: dict[str, str], said: str
) -> None:
    genie(opsgenie, "post", "", {"message": "Queue is long", "alias": "mq-2/queue"})
    answer = genie(opsgenie, method, f"/mq-2%2Fqueue/{action}?identifierType=alias", body)

    entry = Incident.objects.get().entries.order_by("-seq")[0]
    assert answer.status_code == 202
    assert (entry.kind, entry.text) == (EntryKind.ALERTED, said)
    if action == "message":
        assert Alert.objects.get().title == "Queue is longer"


def test_opsgenie_priority_that_rises_raises_ours(opsgenie: APIClient) -> None:
    genie(opsgenie, "post", "", {"message": "Queue is long", "alias": "q", "priority": "P3"})
    genie(opsgenie, "put", "/q/priority", {"priority": "P1"})

    assert Incident.objects.get().priority == 1


def test_opsgenie_change_of_what_does_not_fire_says_so_when_asked(opsgenie: APIClient) -> None:
    answer = genie(opsgenie, "post", "/nothing/close", {})
    data = genie(opsgenie, "get", f"/requests/{answer.json()['requestId']}").json()["data"]

    assert (answer.status_code, data["success"], data["status"]) == (202, False, "Alert does not exist")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "", {}, 422),
        ("post", "/q/explode", {}, 404),
        ("put", "/q/close", {}, 404),
        ("put", "/q/message", {}, 422),
        ("get", f"/requests/{uuid.UUID(int=7)}", None, 404),
        ("put", "", {"message": "x"}, 404),
    ],
)
def test_every_answer_of_opsgenie_carries_a_request_id(
    opsgenie: APIClient, method: str, path: str, body: Any, status: int
) -> None:
    answer = genie(opsgenie, method, path, body)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert uuid.UUID(answer.json()["requestId"])
    assert answer.json()["message"]


def test_unknown_genie_key_is_401_with_a_request_id(opsgenie: APIClient) -> None:
    answer = opsgenie.post("/v2/alerts", {"message": "x"}, format="json")

    assert answer.status_code == 401
    assert uuid.UUID(answer.json()["requestId"])
