from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, connections
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIClient

from incidents.api import idempotency
from incidents.models import Desk, IdempotencyKey, Incident
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


def test_key_still_at_work_is_a_conflict_with_a_true_wait(as_alice: APIClient, alice: User) -> None:
    as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    IdempotencyKey.objects.update(status=None)
    begun = IdempotencyKey.objects.get().started_at

    with time_machine.travel(begun + timedelta(seconds=2), tick=False):
        answer = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    with time_machine.travel(begun + timedelta(seconds=2 + int(answer["Retry-After"])), tick=False):
        later = as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})

    assert (answer.status_code, answer["Retry-After"], later.status_code) == (409, "3", 201)
    assert Incident.objects.count() == 2
    assert IdempotencyKey.objects.get().status == 201


def test_another_request_under_a_key_at_work_is_refused(as_alice: APIClient) -> None:
    as_alice.post(LIST, BODY, headers={"Idempotency-Key": "k1"})
    IdempotencyKey.objects.update(status=None)

    answer = as_alice.post(LIST, {"title": "Twice"}, headers={"Idempotency-Key": "k1"})

    assert answer.status_code == 422


def test_who_was_taken_over_does_nothing_any_more(alice: User) -> None:
    """It slept for too long between taking the key and beginning."""
    facts = {"user": alice, "key": "k1", "fingerprint": "f"}
    slow = IdempotencyKey.objects.create(started_at=NOON, **facts)
    fresh = IdempotencyKey(started_at=NOON, **facts)
    quick = idempotency.take_over(slow, fresh, NOON + idempotency.BEGINS_WITHIN)
    done: list[str] = []

    def work(name: str) -> Response:
        done.append(name)
        return Response({"by": name}, status=201)

    with pytest.raises(idempotency.KeyInUse):
        idempotency.run_once(slow, lambda: work("slow"))
    idempotency.run_once(quick, lambda: work("quick"))

    assert done == ["quick"]
    assert IdempotencyKey.objects.get().status == 201


@pytest.mark.skipif(connection.vendor == "sqlite", reason="on SQLite a writer holds the whole database")
@pytest.mark.django_db(transaction=True)
def test_a_request_that_lives_keeps_its_key_however_long_it_takes() -> None:
    alice = AgentFactory.create()
    kept = IdempotencyKey.objects.create(user=alice, key="k1", fingerprint="f", started_at=NOON)
    at_work, may_end = Event(), Event()

    def work() -> Response:
        at_work.set()
        may_end.wait(20)
        return Response({}, status=201)

    def run(_n: int) -> None:
        idempotency.run_once(kept, work)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run, 0)
        at_work.wait(20)
        with pytest.raises(idempotency.KeyInUse):
            idempotency.take_over(kept, kept, NOON + timedelta(hours=1))
        may_end.set()
        running.result()

    assert IdempotencyKey.objects.get().status == 201


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
