"""What a body may hold: the cost of a refusal, and the size of its words, do not grow with what was sent."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from incidents import limits
from incidents.api.parsers import MAX_BODY, parse_json
from incidents.models import Incident, IngestEvent, Source, hash_of_key
from incidents.parsers import facts

LIST = "/api/v1/incidents/"


def posted(api: APIClient, body: Any) -> Any:
    return api.post(LIST, json.dumps(body), content_type="application/json")


def test_wrong_fields_beyond_twenty_are_counted(as_alice: APIClient) -> None:
    answer = posted(as_alice, {f"field{n:05}": n for n in range(1500)})

    errors = answer.json()["errors"]
    assert answer.status_code == 400
    assert [error["pointer"] for error in errors[:20]] == [f"#/field{n:05}" for n in range(20)]
    assert errors[20:] == [{"pointer": "#", "code": "more", "detail": "1480 more are not valid."}]


@pytest.mark.parametrize(
    "body",
    [
        {f"field{n}": n for n in range(100_000)},
        {"title": [0] * 100_000},
        {"title": {f"field{n}": [[]] for n in range(1100)}},
    ],
    ids=["keys", "items", "both, in levels"],
)
def test_body_of_too_many_parts_is_refused_before_its_fields_are_looked_at(
    as_alice: APIClient, body: Any
) -> None:
    answer = posted(as_alice, body)

    assert (answer.status_code, answer.json()["type"]) == (400, "/api/v1/problems/malformed/")
    assert f"more than {limits.PARTS} keys and list items" in answer.json()["detail"]
    assert Incident.objects.count() == 0


@pytest.mark.parametrize(("levels", "is_too_much"), [(20, False), (21, True)])
def test_levels_are_counted_before_anything_walks_down_them(levels: int, is_too_much: bool) -> None:
    body = json.loads("[" * levels + "]" * levels)

    assert limits.is_too_much(body, parts=100, depth=20) is is_too_much


@pytest.mark.parametrize(("items", "is_too_much"), [(98, False), (99, True)])
def test_parts_of_all_levels_count_together(items: int, is_too_much: bool) -> None:
    assert limits.is_too_much({"a": {"b": [0] * items}}, parts=100, depth=20) is is_too_much


def test_refusal_does_not_send_back_all_that_was_sent(as_alice: APIClient) -> None:
    answer = posted(as_alice, {"title": "T", "impact": "x" * 1_000_000, "y" * 500_000: 1})

    assert answer.status_code == 400
    assert len(answer.content) < 5_000


def test_unknown_parameters_beyond_twenty_are_counted(as_alice: APIClient) -> None:
    answer = as_alice.get(LIST, {f"p{n:03}": "" for n in range(120)})

    assert len(answer.json()["errors"]) == 21
    assert answer.json()["errors"][20] == {
        "parameter": "", "code": "more", "detail": "100 more are not valid."
    }  # fmt: skip


def test_form_of_too_many_fields_is_told_how_many_there_may_be(
    as_alice: APIClient, incident: Incident
) -> None:
    fields = {f"f{n}": "1" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    address = f"{LIST}{incident.number}/attachments/"

    answer = as_alice.post(
        address,
        {**fields, "file": SimpleUploadedFile("a.txt", b"a")},
        format="multipart",
        headers={"If-Match": "*"},
    )

    assert answer.status_code == 413
    assert f"at most {settings.DATA_UPLOAD_MAX_NUMBER_FIELDS} fields" in answer.json()["detail"]


class Endless:
    """A body that goes on for ever, as a stream."""

    taken = 0

    def read(self, size: int) -> bytes:
        self.taken += size
        return b" " * size

    readline = read


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (LIST, "generic"),
        ("/api/v1/intake/k/", "generic"),
        ("/v2/enqueue", "pagerduty"),
        ("/v2/alerts", "opsgenie"),
    ],
)
def test_body_is_read_to_its_limit_and_no_further(as_alice: APIClient, address: str, kind: str) -> None:
    Source.objects.create(name="s", kind=kind, key_hash=hash_of_key("k"))
    as_alice.credentials(
        HTTP_AUTHORIZATION="GenieKey k" if kind == "opsgenie" else as_alice._credentials["HTTP_AUTHORIZATION"]
    )
    body = Endless()

    answer = as_alice.generic(
        "POST",
        address,
        content_type="application/json",
        **{"wsgi.input": body, "CONTENT_LENGTH": str(400 * 2**20)},
    )

    assert answer.status_code == 413
    assert body.taken <= MAX_BODY + 2


def test_alert_of_a_hundred_thousand_facts_is_read_as_far_as_anybody_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []
    monkeypatch.setattr(facts, "text", lambda value: asked.append(value) or None)

    facts.facts({f"label{n}": "v" for n in range(100_000)})

    assert len(asked) == facts.MAX_READ


def test_intake_body_of_too_many_parts_is_a_413_and_not_kept(anyone: APIClient) -> None:
    Source.objects.create(name="s", kind="generic", key_hash=hash_of_key("k"))
    body = json.dumps({"title": "T", "x": [0] * (limits.ALERT_PARTS + 1)})

    answer = anyone.post("/api/v1/intake/k/", body, content_type="application/json")

    assert answer.status_code == 413
    assert f"{limits.ALERT_PARTS} keys and list items" in answer.json()["detail"]
    assert IngestEvent.objects.count() == 0


def test_strict_json_counts_what_it_read() -> None:
    assert parse_json(b'{"a": [1, 2]}') == {"a": [1, 2]}
