"""The door that monitoring knocks on."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents.ingest.receiving import MAX_ALERTS
from incidents.models import Alert, Incident, IngestEvent, Source
from incidents.parsers.registry import SourceKind
from tests.incidents.ingest.conftest import KEY, alert, make_source, outcomes, send
from tests.incidents.ingest.test_parsers import EXPECTED, KINDS, PAYLOADS, REFUSED

INTAKE = f"/api/v1/intake/{KEY}/"


def test_unknown_and_inactive_sources_look_the_same(monitoring: APIClient, source: Source) -> None:
    unknown = monitoring.post("/api/v1/intake/nobody/", alert(), format="json")
    Source.objects.update(is_active=False)
    inactive = monitoring.post(INTAKE, alert(), format="json")

    assert (unknown.status_code, inactive.status_code) == (404, 404)
    assert unknown.content == inactive.content
    assert IngestEvent.objects.count() == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"title": NaN}', b"[1]", b'"x"', b'{"key": 1}', b"[" * 100_000]
)
def test_what_can_never_be_right_is_refused_and_not_kept(monitoring: APIClient, body: bytes) -> None:
    answer = monitoring.generic("POST", INTAKE, body, content_type="application/json")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert IngestEvent.objects.count() == 0


def test_huge_body_is_refused(monitoring: APIClient) -> None:
    answer = monitoring.post(INTAKE, alert(description="x" * 2_100_000), format="json")

    assert answer.status_code == 413
    assert "max_alerts" in answer.json()["detail"]


def test_a_thousand_and_one_alerts_are_all_accepted(monitoring: APIClient) -> None:
    """A thousand of them fire already."""
    send(monitoring, alert(key="0"))
    first = Alert.objects.get()
    Alert.objects.bulk_create(
        Alert(
            source=first.source,
            dedup_key=str(n),
            incident=first.incident,
            grade=first.grade,
            started_at=first.started_at,
            last_seen_at=first.last_seen_at,
        )
        for n in range(1, 1000)
    )

    decisions = send(monitoring, [alert(key=str(n)) for n in range(1001)])

    assert Counter(outcomes(decisions)) == {"joined": 1000, "opened": 1}
    assert set(Alert.objects.values_list("count", flat=True)) == {1, 2}


def test_more_than_a_body_may_hold_is_named_with_the_way_out(monitoring: APIClient) -> None:
    answer = monitoring.post(INTAKE, [{"title": "x"}] * (MAX_ALERTS + 1), format="json")

    assert answer.status_code == 413
    assert f"{MAX_ALERTS} alerts" in answer.json()["detail"]
    assert "max_alerts" in answer.json()["detail"]
    assert (IngestEvent.objects.count(), Incident.objects.count()) == (0, 0)


def test_reading_is_no_way_in(monitoring: APIClient) -> None:
    assert monitoring.get(INTAKE).status_code == 405


@pytest.mark.parametrize("name", sorted(set(EXPECTED) - {"opsgenie_close.json", "bad_not_json.txt"}))
def test_real_bodies_are_taken_in_whole(monitoring: APIClient, name: str) -> None:
    kind = KINDS[name.split("_", maxsplit=1)[0]]
    make_source(kind, "their-key")
    headers = {key: value for key, value in EXPECTED[name]["headers"].items() if key != "Content-Type"}
    content_type = EXPECTED[name]["headers"]["Content-Type"]

    answer = monitoring.generic(
        "POST",
        "/api/v1/intake/their-key/",
        (PAYLOADS / name).read_bytes(),
        content_type=content_type,
        headers=headers,
    )

    assert answer.status_code == (400 if name in REFUSED else 202), answer.content
    if name not in REFUSED:
        assert len(answer.json()["decisions"]) == len(EXPECTED[name]["alerts"])
        opened = [row for row in answer.json()["decisions"] if row["outcome"] == "opened"]
        assert Incident.objects.count() == len(opened)


def test_group_that_grows_opens_one_for_each_alert(monitoring: APIClient) -> None:
    make_source(SourceKind.ALERTMANAGER, "am")
    bodies = [
        json.loads(Path(PAYLOADS / f"alertmanager_{name}.json").read_text())
        for name in ("firing_1", "firing_2_grown_group", "mixed_1_resolved_1_firing", "resolved_all")
    ]

    told = [[row["outcome"] for row in send(monitoring, body, key="am")] for body in bodies]

    assert told == [["opened"], ["joined", "opened"], ["resolved", "joined"], ["ignored", "resolved"]]
    assert [row.state for row in Incident.objects.order_by("pk")] == ["resolved", "resolved"]


def test_pagerduty_is_spoken(monitoring: APIClient) -> None:
    make_source(SourceKind.PAGERDUTY, "R0123456789ABCDEFGHIJKLMNOPQRSTU")
    trigger = json.loads((PAYLOADS / "pagerduty_v2_trigger.json").read_text())
    resolve = {
        **json.loads((PAYLOADS / "pagerduty_v2_resolve.json").read_text()),
        "routing_key": trigger["routing_key"],
    }

    first = monitoring.post("/v2/enqueue", trigger, format="json")
    last = monitoring.post("/v2/enqueue", resolve, format="json")

    assert (first.status_code, last.status_code) == (202, 202)
    assert first.json() == {
        "status": "success", "message": "Event processed", "dedup_key": "srv-payments-01/http",
    }  # fmt: skip
    assert Incident.objects.get().state == "resolved"
    assert trigger["routing_key"] not in str(list(IngestEvent.objects.values_list("payload", flat=True)))


def test_opsgenie_is_spoken(monitoring: APIClient) -> None:
    make_source(SourceKind.OPSGENIE, "genie")
    headers = {"Authorization": "GenieKey genie"}
    create = json.loads((PAYLOADS / "opsgenie_create.json").read_text())

    first = monitoring.post("/v2/alerts", create, format="json", headers=headers)
    last = monitoring.post(
        "/v2/alerts/mq-2%2Fqueue-depth/close?identifierType=alias", {}, format="json", headers=headers
    )

    assert (first.status_code, last.status_code) == (202, 202)
    assert Incident.objects.get().state == "resolved"


@pytest.mark.parametrize("alerts", [1, 100])
def test_repeats_cost_the_same_for_any_number(
    monitoring: APIClient, alerts: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    body = [alert(key=str(n)) for n in range(alerts)]
    send(monitoring, body)

    with django_assert_num_queries(5):
        decisions = send(monitoring, body)

    assert {row["outcome"] for row in decisions} == {"joined"}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_equal_alerts_at_once_open_one_incident() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share the in-memory test database; runs on PostgreSQL")
    make_source()
    barrier = Barrier(8)

    def knock(_: int) -> Any:
        barrier.wait()
        try:
            return send(APIClient(), [alert(key="a"), alert(key="b")])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        told = [row["outcome"] for decisions in pool.map(knock, range(8)) for row in decisions]

    assert sorted(told) == ["joined"] * 14 + ["opened"] * 2
    assert Incident.objects.count() == 2
    assert sorted(Alert.objects.values_list("count", flat=True)) == [8, 8]


def test_key_stays_out_of_the_log(monitoring: APIClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    monitoring.post(INTAKE, {}, format="json")
    monitoring.post(f"{INTAKE}deeper/", {}, format="json")

    lines = caplog.text
    assert "/api/v1/intake/…/" in lines
    assert KEY not in lines
