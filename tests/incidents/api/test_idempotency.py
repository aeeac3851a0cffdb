from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents import idempotency
from incidents.idempotency import Answer, StillRunning, once
from incidents.models import Desk, Incident
from itsm import retention
from tests.factories import NOON, AgentFactory, make_incident
from tests.incidents.api.conftest import caller
from tests.racing import at_once

LIST = "/api/v1/incidents/"
BODY = {"title": "Once"}


def test_same_key_and_body_get_the_first_answer(as_alice: APIClient) -> None:
    first = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    again = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    assert Incident.objects.count() == 1
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert [again[name] for name in ("ETag", "Location")] == [first[name] for name in ("ETag", "Location")]
    assert (first.get("Idempotent-Replayed"), again.get("Idempotent-Replayed")) == (None, "true")


def test_same_key_with_another_body_is_refused(as_alice: APIClient) -> None:
    as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    answer = as_alice.post(LIST, {"title": "Twice"}, headers={"Idempotency-Key": "k1"})

    assert (answer.status_code, answer.json()["type"]) == (422, "/api/v1/problems/key-reused/")
    assert Incident.objects.count() == 1


def test_key_belongs_to_its_person(as_alice: APIClient, as_bob: APIClient) -> None:
    as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    as_bob.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    assert Incident.objects.count() == 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite a writer holds the whole database")
@pytest.mark.django_db(transaction=True)
def test_key_still_at_work_is_a_conflict_for_rest_and_waited_for_by_a_form() -> None:
    alice = AgentFactory.create()
    at_work, may_end = Event(), Event()
    done: list[str] = []

    def slow() -> Answer:
        at_work.set()
        may_end.wait(20)
        done.append("slow")
        return Answer(body="slow")

    def run(work: Callable[[], Answer], may_wait: bool) -> str:
        try:
            return once(alice, "k1", work, at=NOON, may_wait=may_wait).body
        except StillRunning:
            return "409"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(run, slow, False)
        at_work.wait(20)
        rest = pool.submit(run, slow, False).result()
        form = pool.submit(run, slow, True)
        may_end.set()

        assert (rest, first.result(), form.result()) == ("409", "slow", "slow")
    assert done == ["slow"]


def test_conflict_says_when_to_ask_again(as_alice: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "_locked", lambda *_, **__: False)

    answer = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert answer.json()["type"] == "/api/v1/problems/key-in-use/"
    assert Incident.objects.count() == 0


def test_key_costs_two_statements_and_one_lock(as_alice: APIClient) -> None:
    as_alice.post(LIST, BODY)
    with CaptureQueriesContext(connection) as bare:
        as_alice.post(LIST, BODY)
    with CaptureQueriesContext(connection) as keyed:
        as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    extra = len(keyed) - len(bare)
    locks = [sql for sql in keyed if "advisory" in sql["sql"] or "SAVEPOINT" in sql["sql"]]
    assert extra - len(locks) <= 2


def test_refused_request_lets_its_key_go(as_alice: APIClient) -> None:
    refused = as_alice.post(LIST, {"title": ""}, headers={"Idempotency-Key": "k1"})
    mended = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    assert (refused.status_code, mended.status_code) == (400, 201)


def test_key_is_known_as_long_as_the_desk_keeps_it(as_alice: APIClient) -> None:
    Desk.objects.update(keep_keys_days=3)
    as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    with time_machine.travel(timezone.now() + timedelta(days=2)):
        retention.sweep(timezone.now())
        known = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        retention.sweep(timezone.now())
        new = as_alice.post(LIST, {"title": "Days later"}, headers={"Idempotency-Key": "k1"})

    assert (known.headers["Idempotent-Replayed"], new.status_code) == ("true", 201)
    assert Incident.objects.count() == 2


@pytest.mark.parametrize("key", ["", "k" * 256, "a\x01b"])
def test_key_that_is_none_is_refused(as_alice: APIClient, key: str) -> None:
    answer = as_alice.post(LIST, BODY, headers={"Idempotency-Key": key})

    assert (answer.status_code, Incident.objects.count()) == (400, 0)


def test_verb_sent_twice_is_done_once(as_alice: APIClient, incident: Incident) -> None:
    address = f"{LIST}{incident.number}/comment/"

    answers = [
        as_alice.post(address, {"text": "Hello"}, headers={"If-Match": '"1"', "Idempotency-Key": "c1"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert incident.entries.count() == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_open_one_incident() -> None:
    alice = AgentFactory.create()
    barrier = Barrier(4)

    def post(api: APIClient) -> int:
        barrier.wait()
        try:
            return api.post(LIST, BODY, headers={"Idempotency-Key": "k1"}).status_code
        finally:
            connections.close_all()

    clients = [caller(alice) for _ in range(4)]
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share the in-memory test database; runs on PostgreSQL")
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(post, clients))

    assert set(statuses) <= {201, 409}
    assert statuses[0] == 201
    assert Incident.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_changes_to_one_version_one_is_made() -> None:
    incident, clients = make_incident(), [caller(AgentFactory.create()) for _ in range(50)]
    address = f"{LIST}{incident.number}/"
    tag = clients[0].get(address)["ETag"]

    statuses = at_once(
        50, lambda n: clients[n].patch(address, {"title": f"T{n}"}, headers={"If-Match": tag}).status_code
    )

    assert sorted(statuses) == [200, *[412] * 49]
    assert incident.entries.count() == 2
