"""What the description says of reading is what is answered: a generated client can read every list."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from incidents import limits, workflow
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind
from incidents.models import Incident, Problem
from tests.factories import NOON, CategoryFactory, LocationFactory, agent_actor

#: Lists whose rows these tests do not make.
EMPTY = {"attachments_list", "configuration_items_list", "reports_list"}


@pytest.fixture
def full_incident(incident: Incident, alice: User) -> Incident:
    """With a row of each kind under it, and of each noun it refers to."""
    doing = {"actor": agent_actor(alice), "at": NOON + timedelta(hours=1)}
    workflow.add_evidence(incident, **doing, kind=EvidenceKind.LOG, title="Router log", content="reset")
    workflow.add_hypothesis(incident, **doing, text="A loose cable")
    workflow.record_action(
        incident, **doing, kind=ActionKind.RESTART, summary="Restarted", outcome=ActionOutcome.SUCCEEDED
    )
    CategoryFactory.create()
    LocationFactory.create()
    Problem.objects.create(title="Cables")
    return incident


def lists(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, operation) of each GET that takes a cursor."""
    for path, operations in schema["paths"].items():
        operation = operations.get("get", {})
        if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", [])):
            yield path, operation


def strict(schema: dict[str, Any], answer: dict[str, Any]) -> Draft202012Validator:
    """A validator that takes no property the description does not name."""
    whole = json.loads(json.dumps(schema))
    for component in whole["components"]["schemas"].values():
        if component.get("type") == "object" and "properties" in component:
            component.setdefault("additionalProperties", False)
            component["required"] = sorted(component["properties"])
    return Draft202012Validator({**whole, **answer["content"]["application/json"]["schema"]})


def test_each_address_that_pages_is_described_as_a_list(schema: dict[str, Any]) -> None:
    described = {operation["operationId"] for _path, operation in lists(schema)}

    assert described == {
        "actions_list",
        "attachments_list",
        "categories_list",
        "configuration_items_list",
        "evidence_list",
        "hypotheses_list",
        "incidents_list",
        "incidents_timeline",
        "locations_list",
        "problems_list",
        "reports_list",
        "services_list",
        "teams_list",
    }


def test_lists_answer_what_is_described(
    as_alice: APIClient, schema: dict[str, Any], full_incident: Incident
) -> None:
    wrong, empty = {}, set()
    for path, operation in lists(schema):
        shown = as_alice.get(path.replace("{number}", full_incident.number)).json()
        if found := list(strict(schema, operation["responses"]["200"]).iter_errors(shown)):
            wrong[path] = [(list(error.absolute_path), error.message) for error in found]
        if not shown["results"]:
            empty.add(operation["operationId"])

    assert not wrong
    assert empty == EMPTY


def test_one_incident_answers_what_is_described(
    as_alice: APIClient, schema: dict[str, Any], full_incident: Incident
) -> None:
    described = schema["paths"]["/api/v1/incidents/{number}/"]["get"]["responses"]["200"]

    shown = as_alice.get(f"/api/v1/incidents/{full_incident.number}/").json()

    assert not list(strict(schema, described).iter_errors(shown))


def an_example(parameter: dict[str, Any]) -> str:
    """A value that the description allows."""
    kind = parameter["schema"]
    if "enum" in kind:
        return str(kind["enum"][0])
    if kind["type"] == "array":
        return str(kind["items"]["enum"][0])
    if kind.get("format") == "date-time":
        return "2026-03-02T12:00:00Z"
    by_name = {"fields": "number", "assignee": "me", "requester": "none", "team": "none", "search": "word"}
    by_type = {"integer": "1", "boolean": "true"}
    return by_name.get(parameter["name"]) or by_type.get(kind["type"], "INC0000001")


def test_lists_take_every_parameter_described(
    as_alice: APIClient, schema: dict[str, Any], full_incident: Incident
) -> None:
    for path, operation in lists(schema):
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or parameter["name"] == "cursor":
                continue
            address = path.replace("{number}", full_incident.number)
            answer = as_alice.get(address, {parameter["name"]: an_example(parameter)})
            assert answer.status_code == 200, (path, parameter["name"], answer.content)


def test_lists_describe_every_parameter_they_take(
    as_alice: APIClient, schema: dict[str, Any], full_incident: Incident
) -> None:
    """The other way round: a parameter known to one list is refused by those that do not name it."""
    named = {
        operation["operationId"]: {parameter["name"] for parameter in operation["parameters"]}
        for _path, operation in lists(schema)
    }
    known = set().union(*named.values()) - {"number"}

    for path, operation in lists(schema):
        address = path.replace("{number}", full_incident.number)
        strange = sorted(known - named[operation["operationId"]])
        for first in range(0, len(strange), limits.NAMED):
            names = strange[first : first + limits.NAMED]
            errors = as_alice.get(address, dict.fromkeys(names, "none")).json()["errors"]
            refused = {error["parameter"] for error in errors if error["code"] == "unknown"}
            assert refused == set(names), path
    assert len(known) > 30


def test_version_header_is_described_where_it_is_sent(
    as_alice: APIClient, schema: dict[str, Any], full_incident: Incident
) -> None:
    for path, operations in schema["paths"].items():
        if "{number}" not in path or "get" not in operations or "review" in path or "{id}" in path:
            continue
        answer = as_alice.get(path.replace("{number}", full_incident.number))
        described = "ETag" in operations["get"]["responses"]["200"].get("headers", {})
        assert described == ("ETag" in answer.headers), path


def test_description_holds_no_docstring_of_a_base_class(schema: dict[str, Any]) -> None:
    assert "Mixed into" not in json.dumps(schema["paths"])
