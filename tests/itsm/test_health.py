from unittest.mock import patch

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError
from django.test import Client


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


@pytest.mark.parametrize("address", ["/healthz", "/readyz", "/health/pipeline"])
def test_health_pages_are_read_only(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
