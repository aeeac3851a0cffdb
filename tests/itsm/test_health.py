from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from incidents.models import Clock, Incident, SetAside
from notifications.delivery.worker import SWEEP
from notifications.models import Heartbeat
from reports.models import Report


def test_healthz_asks_no_database(client: Client) -> None:
    """Without the django_db mark any query would fail."""
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_says_ok_when_migrated(client: Client) -> None:
    response = client.get("/readyz")

    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_is_not_ok_while_a_migration_is_missing(client: Client) -> None:
    newest = MigrationLoader(connection).graph.leaf_nodes("incidents")[0]
    MigrationRecorder(connection).record_unapplied(*newest)

    response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"not ok\n")
    assert response.headers["Retry-After"] == "5"


@pytest.mark.django_db
def test_readyz_is_not_ok_without_the_database(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("password of the database")):
        response = client.get("/readyz")

    assert (response.status_code, response.content) == (503, b"not ok\n")


@pytest.mark.parametrize("host", ["10.0.3.7:8000", "evil.example", "not a host"])
@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/health/pipeline"])
@pytest.mark.django_db
def test_load_balancer_may_call_by_address(
    client: Client, settings: Settings, bearer: dict[str, str], address: str, host: str
) -> None:
    """Over plain http too, where the rest of the desk is redirected."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["desk.example.org"], True
    Heartbeat.objects.create(role=SWEEP, at=timezone.now())

    assert client.get(address, headers={"host": host, **bearer}).status_code == 200


@pytest.fixture
def bearer(settings: Settings) -> dict[str, str]:
    settings.HEALTH_TOKEN = "word-of-the-monitoring"
    return {"Authorization": "Bearer word-of-the-monitoring"}


@pytest.mark.django_db
def test_pipeline_is_well_while_sweeps_come_by(client: Client, bearer: dict[str, str]) -> None:
    Heartbeat.objects.create(role=SWEEP, at=timezone.now())

    response = client.get("/health/pipeline", headers=bearer)

    assert (response.status_code, response.json()["ok"], response.json()["faults"]) == (200, True, [])


@pytest.mark.django_db
def test_pipeline_is_ill_when_sweeps_stay_away(client: Client, bearer: dict[str, str]) -> None:
    Heartbeat.objects.create(role=SWEEP, at=timezone.now() - timedelta(minutes=3))

    response = client.get("/health/pipeline", headers=bearer)

    assert response.status_code == 503
    assert response.json()["faults"] == ["no sweep has come by: is a worker running, and beat?"]


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Bearer wört"])
def test_pipeline_is_shut_to_strangers(client: Client, bearer: dict[str, str], given: str) -> None:
    response = client.get("/health/pipeline", headers={"Authorization": given})

    assert (response.status_code, response.content) == (404, b"not found\n")


def test_pipeline_is_shut_without_a_token(client: Client, settings: Settings) -> None:
    settings.HEALTH_TOKEN = ""

    assert client.get("/health/pipeline", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/health/pipeline"])
def test_health_pages_are_read_only(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405


@pytest.mark.django_db
def test_pipeline_is_ill_while_a_row_is_set_aside_and_names_it(
    client: Client, bearer: dict[str, str]
) -> None:
    at = timezone.now()
    Heartbeat.objects.create(role=SWEEP, at=at)
    SetAside.objects.create(
        job="reports.order", row_id=1, label="Weekly", error="KeyError: zone", since=at, retry_at=at
    )

    response = client.get("/health/pipeline", headers=bearer)

    assert response.status_code == 503
    assert response.json()["faults"] == ["set aside: reports.order: Weekly: KeyError: zone"]


@pytest.mark.django_db
def test_pipeline_is_ill_while_clocks_are_not_scanned(
    client: Client, bearer: dict[str, str], incident: Incident
) -> None:
    at = timezone.now()
    Heartbeat.objects.create(role=SWEEP, at=at)
    incident.entries.update(announced_at=at)
    Clock.objects.filter(incident=incident).update(notice_at=at + timedelta(hours=1))
    Clock.objects.filter(incident=incident, metric="resolve").update(notice_at=at - timedelta(minutes=3))

    response = client.get("/health/pipeline", headers=bearer)

    assert response.status_code == 503
    assert response.json()["faults"] == ["1 clocks reached a threshold that nobody wrote down"]


@pytest.mark.django_db
def test_pipeline_is_ill_when_a_report_of_today_could_not_be_made(
    client: Client, bearer: dict[str, str]
) -> None:
    at = timezone.now()
    Heartbeat.objects.create(role=SWEEP, at=at)
    days = {"first": date(2026, 3, 2), "after": date(2026, 3, 9), "zone": "UTC", "kind": "weekly"}
    Report.objects.create(**days, tries=3, requested_at=at)
    Report.objects.create(**days, tries=3, requested_at=at - timedelta(days=2))

    response = client.get("/health/pipeline", headers=bearer)

    assert response.json()["faults"] == ["1 reports of the last day could not be made"]
