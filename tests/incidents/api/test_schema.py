from typing import Any

import pytest
from drf_spectacular.validation import validate_schema
from rest_framework.test import APIClient

from incidents.api.views.verbs import OFFERED

SCHEMA = "/api/v1/schema/"


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation
        for path in schema["paths"].values()
        for operation in path.values()
    }


def test_schema_is_valid_openapi(schema: dict[str, Any]) -> None:
    validate_schema(schema)

    assert schema["openapi"] == "3.1.1"


def test_operations_keep_their_names(schema: dict[str, Any]) -> None:
    """Generated clients are built on these: a name may come, none may go."""
    ours = {name for name in operations(schema) if name.split("_")[0] in NOUNS}

    assert ours == STABLE | {f"incidents_{verb.value}" for verb in OFFERED}


NOUNS = {
    "incidents",
    "evidence",
    "hypotheses",
    "actions",
    "review",
    "attachments",
    "teams",
    "services",
    "categories",
    "locations",
    "configuration",
    "problems",
    "problem",
}
STABLE = {
    "actions_list",
    "actions_record",
    "attachments_add",
    "attachments_download",
    "attachments_list",
    "categories_list",
    "configuration_items_list",
    "evidence_add",
    "evidence_list",
    "hypotheses_list",
    "incidents_edit",
    "incidents_list",
    "incidents_open",
    "incidents_read",
    "incidents_timeline",
    "locations_list",
    "problem_types_read",
    "problems_list",
    "problems_read",
    "review_read",
    "review_save",
    "services_list",
    "teams_list",
}


def test_changes_ask_for_if_match(schema: dict[str, Any]) -> None:
    for name in ("incidents_edit", "incidents_resolve", "evidence_add", "attachments_add"):
        headers = {
            parameter["name"]: parameter.get("required", False)
            for parameter in operations(schema)[name]["parameters"]
            if parameter["in"] == "header"
        }
        assert headers["If-Match"] is True


def test_problems_are_described(schema: dict[str, Any]) -> None:
    answers = operations(schema)["incidents_resolve"]["responses"]

    assert {"400", "401", "403", "404", "409", "412", "413", "415", "422", "428", "429", "503"} <= set(
        answers
    )
    assert list(answers["409"]["content"]) == ["application/problem+json"]
    assert "429" in operations(schema)["teams_list"]["responses"]


def test_description_has_no_warning(capsys: pytest.CaptureFixture[str], anyone: APIClient) -> None:
    anyone.get(SCHEMA)

    assert "incidents/api" not in capsys.readouterr().err


def test_docs_page_brings_all_it_needs_itself(anyone: APIClient) -> None:
    page = anyone.get("/api/v1/docs/", headers={"Accept": "text/html"})
    script = anyone.get("/api/v1/docs/?script=", headers={"Accept": "text/html"})

    text = page.content.decode()
    assert (page.status_code, script.status_code) == (200, 200)
    assert "<style" not in text
    assert " style=" not in text
    assert "http" not in text.replace("http-equiv", "")
    assert all("src=" in tag for tag in text.split("<script")[1:])
    assert script["Content-Type"].startswith("application/javascript")
