"""What can be read is read, whatever form it comes in."""

import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from incidents.ingest.bodies import read_body
from incidents.ingest.storing import storable
from incidents.models import Incident, IngestEvent
from incidents.parsers.alert import BadPayload
from incidents.parsers.registry import PARSERS
from tests.incidents.ingest.conftest import KEY, alert, outcomes, send

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ONE = {"title": "Füllstand", "key": "x"}
#: What a body says once it is read.
READ = {
    "key twice": (b'{"title": "first", "title": "last"}', JSON, "last"),
    "half a character": (b'{"title": "a\\ud800b"}', JSON, "a\ud800b"),
    "byte order mark": ("\ufeff" + json.dumps(ONE, ensure_ascii=False), JSON, "Füllstand"),
    "latin-1": (json.dumps(ONE, ensure_ascii=False).encode("latin-1"), JSON, "Füllstand"),
    "windows-1252": ('{"title": "5 €"}'.encode("windows-1252"), JSON, "5 €"),
    "utf-16": (json.dumps(ONE, ensure_ascii=False).encode("utf-16"), JSON, "Füllstand"),
    "said encoding": ('{"title": "Łódź"}'.encode("iso-8859-2"), f"{JSON}; charset=iso-8859-2", "Łódź"),
    "unknown encoding": ('{"title": "Füllstand"}'.encode("latin-1"), f"{JSON}; charset=klingon", "Füllstand"),
    "no type": (json.dumps(ONE).encode(), "", "Füllstand"),
    "text": (json.dumps(ONE).encode(), "text/plain", "Füllstand"),
    "form with payload": (urlencode({"payload": json.dumps(ONE)}).encode(), FORM, "Füllstand"),
    "form with another name": (urlencode({"a": "b", "alert": json.dumps(ONE)}).encode(), FORM, "Füllstand"),
    "form of plain fields": (urlencode(ONE).encode(), FORM, "Füllstand"),
    "json called a form": (json.dumps(ONE).encode(), FORM, "Füllstand"),
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(READ))
def test_body_is_read(form: str) -> None:
    body, content_type, title = READ[form]
    raw = body.encode() if isinstance(body, str) else body

    assert read_body(raw, content_type)["title"] == title


@pytest.mark.parametrize("form", sorted(READ))
def test_body_is_taken_in(monitoring: APIClient, form: str) -> None:
    body, content_type, title = READ[form]
    raw = body.encode() if isinstance(body, str) else body
    answer = monitoring.generic("POST", f"/api/v1/intake/{KEY}/", raw, content_type=content_type)

    assert answer.status_code == 202, answer.content
    assert Incident.objects.get().title == title.replace("\ud800", " ")


def test_numbers_that_are_none_and_names_that_are_numbers(monitoring: APIClient) -> None:
    numbers = b'"key": 123456789012345678901234567890, "value": NaN, "more": 0.12345678901234567'
    raw = b'[{"title": 1e400, ' + numbers + b"}]"
    answer = monitoring.generic("POST", f"/api/v1/intake/{KEY}/", raw, content_type=JSON)

    assert answer.status_code == 202, answer.content
    assert answer.json()["decisions"][0]["key"] == "123456789012345678901234567890"
    assert IngestEvent.objects.get().payload[0]["value"] is None
    incident = Incident.objects.get()
    assert incident.title == "1e400"
    assert "more: 0.12345678901234567" in incident.description


@pytest.mark.parametrize("title", ["NaN", "-Infinity", "true", "null", '"\\u200b\\u3164"', '"\\u0301"', "[]"])
def test_what_says_nothing_is_no_title(title: str) -> None:
    body = read_body(f'{{"title": {title}, "message": -0.5}}'.encode(), JSON)

    (alert,) = PARSERS["generic"](body, {})

    assert getattr(alert, "title", "") == "-0.5"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"\xff\xfe\x00", JSON),
        (b'{"title": "x"', JSON),
        (b"[" * 200_000, JSON),
        (b"", FORM),
        (b"payload={", FORM),
        (b"a=1&" * 2000, FORM),
    ],
)
def test_what_cannot_be_read_is_refused(body: bytes, content_type: str) -> None:
    with pytest.raises(BadPayload):
        read_body(body, content_type)


def test_one_bad_alert_does_not_refuse_the_others(monitoring: APIClient) -> None:
    decisions = send(monitoring, [alert(key="1"), {"key": "2"}, 7, alert(key="3")])

    assert outcomes(decisions) == ["opened", "refused", "refused", "opened"]
    assert "title" in decisions[1]["why"]
    assert IngestEvent.objects.get().decisions == decisions


def test_nothing_is_kept_of_a_body_in_which_no_alert_can_be_read(monitoring: APIClient) -> None:
    answer = monitoring.post(f"/api/v1/intake/{KEY}/", [{"key": "2"}, 7], format="json")

    assert (answer.status_code, IngestEvent.objects.count()) == (400, 0)


@pytest.mark.parametrize("address", [f"/api/v1/intake/{KEY}/", f"/api/v1/intake/{KEY}"])
def test_final_slash_may_be_missing(monitoring: APIClient, address: str) -> None:
    assert monitoring.post(address, alert(), format="json").status_code == 202


def test_secrets_are_not_kept(monitoring: APIClient) -> None:
    hidden = {
        "apiKey": "s1", "X-Auth-Token": "s2", "client_secret": "s3", "Authorization": "s4",
        "labels": {"db_password": "s5", "PRIVATE-KEY": "s6"},
    }  # fmt: skip
    send(monitoring, alert(monkey="banana", **hidden))

    kept = str(IngestEvent.objects.get().payload) + Incident.objects.get().description
    assert not any(f"s{n}" in kept for n in range(1, 7))
    assert "banana" in kept


SPACES = " " * 120_000
NASTY = (
    SPACES,
    f"x{SPACES}@",
    "[" * 120_000,
    "[a] " * 40_000,
    "{" + "A" * 120_000,
    "@" * 120_000,
    "2026.03.02" + SPACES,
)


@pytest.mark.parametrize("kind", sorted(PARSERS))
def test_long_words_cost_no_more_than_their_length(kind: str) -> None:
    """Everywhere a text may stand, for every tool."""
    fields = (
        "title", "body", "message", "summary", "description", "starts_at", "date", "tags", "alert_id",
        "hostname", "alert_transition", "scopes", "severity", "key", "TIMET", "HOSTNAME", "SERVICEOUTPUT",
        "NOTIFICATIONTYPE", "EVENT.ID", "EVENT.DATE", "EVENT.TIME", "EVENT.NAME", "notification_type",
        "notification_date", "fingerprint", "startsAt", "time", "type", "specversion", "subject", "url",
    )  # fmt: skip
    begun = time.process_time()
    for words in NASTY:
        body: dict[str, Any] = dict.fromkeys(fields, words)
        nested = {**body, "status": "firing", "labels": body, "annotations": body}
        for whole in (
            body,
            {**body, "alerts": [nested]},
            {"incident": body},
            {"heartbeat": body, "monitor": body},
        ):
            try:
                PARSERS[kind](storable(whole), {})
            except BadPayload:
                continue

    assert time.process_time() - begun < 5
