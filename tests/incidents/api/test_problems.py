import json
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from rest_framework.test import APIClient

from incidents.api.filters import MomentField
from incidents.api.problems import TYPES
from incidents.models import Incident

LIST = "/api/v1/incidents/"


def test_problem_is_rfc_9457(as_alice: APIClient) -> None:
    answer = as_alice.post(LIST, {"title": "", "impact": 9})

    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/api/v1/problems/invalid/",
        "title": "Some of what was sent is not valid",
        "status": 400,
        "detail": 'This field may not be blank. "9" is not a valid choice.',
        "errors": [
            {"pointer": "#/title", "code": "blank", "detail": "This field may not be blank."},
            {"pointer": "#/impact", "code": "invalid_choice", "detail": '"9" is not a valid choice.'},
        ],
    }


@pytest.mark.parametrize("slug", sorted(TYPES))
def test_each_type_says_what_it_means(anyone: APIClient, slug: str) -> None:
    answer = anyone.get(f"/api/v1/problems/{slug}/")

    assert answer.status_code == 200
    assert answer.json()["title"] == TYPES[slug].title


def test_unknown_type_is_a_problem(anyone: APIClient) -> None:
    answer = anyone.get("/api/v1/problems/nonsense/")

    assert (answer.status_code, answer.json()["type"]) == (404, "/api/v1/problems/not-found/")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"title": NaN}',
        b'{"title": "a", "title": "b"}',
        b'{"title": "\\ud800"}',
        b'{"title": "\\u0000"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"title": ' + b"9" * 5000 + b"}",
        b"[]",
        b"null",
        b'"title"',
        b"17",
        b'{"title": ["a"]}',
        b'{"title": {"a": 1}}',
        b'{"title": "T", "impact": 1e400}',
        b'{"title": "T", "impact": []}',
        b'{"title": "T", "is_confidential": "maybe"}',
        b'{"title": "T", "started_at": "yesterday"}',
        b'{"title": "T", "started_at": "9999-12-31T23:59:59-23:59"}',
        b'{"title": "T", "started_at": 1e400}',
        b'{"title": "' + b"x" * 201 + b'"}',
        b'{"title": "T", "requester": 99999999999999999999999}',
        b'{"title": "T", "follows_up": 7}',
        b'{"title": "T", "\\u0000": 1}',
    ],
)
def test_bad_body_is_a_400_and_writes_nothing(as_alice: APIClient, body: bytes) -> None:
    answer = as_alice.post(LIST, body, content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), answer.content
    assert Incident.objects.count() == 0


def test_huge_body_is_refused(as_alice: APIClient) -> None:
    answer = as_alice.post(LIST, {"title": "T", "description": "x" * 2_100_000})

    assert (answer.status_code, answer.json()["type"]) == (413, "/api/v1/problems/body-too-large/")


def test_other_media_types_are_refused(as_alice: APIClient) -> None:
    answer = as_alice.post(LIST, "<title/>", content_type="application/xml")

    assert (answer.status_code, answer.json()["type"]) == (415, "/api/v1/problems/unsupported-media-type/")


def test_wrong_method_is_a_problem(as_alice: APIClient) -> None:
    answer = as_alice.delete(LIST)

    assert (answer.status_code, answer["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")
    assert answer.json()["type"] == "/api/v1/problems/method-not-allowed/"


def test_unacceptable_type_is_a_problem(as_alice: APIClient) -> None:
    answer = as_alice.get(LIST, headers={"Accept": "text/html"})

    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


@pytest.mark.parametrize(
    "address", ["/api/v1/nonsense/", "/api/v2/", "/api/v1/incidents/INC0000001/explode/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_address_that_is_none_is_a_problem(anyone: APIClient, address: str, method: str) -> None:
    answer = getattr(anyone, method)(address)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_database_that_is_away_is_a_503(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("django.db.models.query.QuerySet.__iter__", broken)
    as_alice.raise_request_exception = False
    answer = as_alice.get(LIST)

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert b"server closed" not in answer.content


def test_answers_carry_the_request_id(as_alice: APIClient) -> None:
    answer = as_alice.get(LIST, headers={"X-Request-ID": "chosen-by-the-caller"})

    assert re.fullmatch(r"[0-9a-f-]{36}", answer["X-Request-ID"])


def test_answers_are_not_kept_by_caches_in_between(as_alice: APIClient) -> None:
    assert as_alice.get(LIST)["Cache-Control"] == "private, no-store"


def test_error_of_a_parameter_names_it(as_alice: APIClient) -> None:
    errors = as_alice.get(LIST, {"state": "odd", "nonsense": "1"}).json()["errors"]

    assert errors == [
        {"parameter": "nonsense", "code": "unknown", "detail": "There is no such parameter here."}
    ]
    assert json.dumps(errors)


def test_refusal_without_a_code_is_an_invalid_one(
    as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_field: object, _value: object) -> None:
        raise ValidationError("Never.")

    monkeypatch.setattr(MomentField, "to_python", refuse)

    errors = as_alice.get("/api/v1/incidents/?opened_since=2026-03-03T00:00:00Z").json()["errors"]

    assert {"parameter": "opened_since", "code": "invalid", "detail": "Never."} in errors


@pytest.mark.parametrize("noun", ["", "review/", "evidence/", "attachments/", "resolve/"])
def test_options_answers_without_looking_at_a_row(as_carol: APIClient, incident: Incident, noun: str) -> None:
    answer = as_carol.options(f"{LIST}{incident.number}/{noun}")

    assert (answer.status_code, answer.json()["schema"]) == (200, "/api/v1/schema/")
