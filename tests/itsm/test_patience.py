"""No statement keeps the database busy for longer than who asked may wait."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from incidents.errors import took_too_long
from itsm import celery, checks, patience
from tests.incidents.api.conftest import caller

ENDLESS = {
    "postgresql": "SELECT pg_sleep(60)",
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
}


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> Iterator[patience.Bound]:
    yield patience.bound
    patience.bound.set(0)


def asked(cursor: Any, statement: str) -> Any:
    cursor.execute(statement)
    return cursor.fetchone()


@pytest.mark.django_db
def test_statement_without_an_end_is_stopped(bound: patience.Bound) -> None:
    bound.set(0.2)
    other = connection.copy()

    try:
        with other.cursor() as cursor, pytest.raises(OperationalError) as stopped:
            asked(cursor, ENDLESS[connection.vendor])
        with other.cursor() as cursor:
            after = asked(cursor, "SELECT 1")
    finally:
        other.close()

    assert took_too_long(stopped.value)
    assert after == (1,), "the connection serves the next one"


@pytest.mark.parametrize("door", ["itsm.wsgi", "itsm.asgi"])
def test_web_process_waits_as_long_as_its_setting_says(
    door: str, bound: patience.Bound, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "refuse_to_start_on_errors", lambda: None)

    # Not at the top of this file: importing it bounds every connection of the tests to come.
    importlib.reload(importlib.import_module(door))

    assert bound.seconds == settings.STATEMENT_SECONDS == 15


def test_worker_waits_longer_and_a_command_without_end(bound: patience.Bound) -> None:
    assert bound.seconds == 0

    celery.wait_longer_than_a_page()

    assert bound.seconds == settings.WORKER_STATEMENT_SECONDS == 300


@contextmanager
def failing(words: str, error: Exception) -> Iterator[None]:
    """Of the statements that name `words`."""

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if words in sql:
            raise error
        return execute(sql, *rest)

    with connection.execute_wrapper(fail):
        yield


SLOW = OperationalError("interrupted")
AWAY = OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize(
    ("error", "said"), [(SLOW, "This asks too much at once"), (AWAY, "not available right now")]
)
@pytest.mark.parametrize("address", ["/", "/admin/incidents/incident/"])
def test_page_that_cannot_be_asked_for_says_so(
    alice: User, client: Client, address: str, error: OperationalError, said: str
) -> None:
    client.force_login(alice)

    with failing('FROM "incidents_incident"', error):
        page = client.get(address)

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert said in page.content.decode()


def test_page_says_so_even_when_nobody_can_be_recognised(alice: User, client: Client) -> None:
    client.force_login(alice)
    client.raise_request_exception = False

    with failing("", AWAY):
        page = client.get("/")

    assert page.status_code == 503
    assert "not available right now" in page.content.decode()


def test_program_is_told_whether_it_asked_too_much(alice: User) -> None:
    with failing('FROM "incidents_incident"', SLOW):
        answer = caller(alice, raise_request_exception=False).get("/api/v1/incidents/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "too long" in answer.json()["detail"]
