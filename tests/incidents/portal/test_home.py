from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents import workflow
from incidents.enums import ResolutionCode
from incidents.models import Incident
from tests.factories import NOON, agent_actor, make_incident, requester_actor
from tests.incidents.portal.conftest import SECRET

Counter = Callable[[int], AbstractContextManager[Any]]
QUERIES = 5


def titles(response: Any) -> list[str]:
    return [row.title for row in response.context["page"]]


def test_home_asks_a_stranger_to_log_in(client: Client, db: None) -> None:
    response = client.get("/")

    assert response.status_code == 302
    assert response["Location"] == "/login/?next=/"


def test_home_lists_what_waits_for_me_first_and_nobody_elses(
    carols: Client, carol: User, alice: User, bob: User
) -> None:
    done = make_incident(requester=carol, title="Phone is dead")
    workflow.resolve(
        done,
        actor=agent_actor(alice),
        at=NOON + timedelta(hours=1),
        code=ResolutionCode.FIXED,
        text="Replaced.",
    )
    make_incident(requester=carol, title="VPN drops", at=NOON + timedelta(hours=2))
    make_incident(title=f"{SECRET} of somebody else")

    response = carols.get("/")

    assert titles(response) == ["Phone is dead", "VPN drops"]
    assert "Please confirm that it works" in response.content.decode()
    assert SECRET not in response.content.decode()


def test_home_keeps_closed_and_shared_ones_in_their_own_tabs(
    carols: Client, carol: User, alice: User
) -> None:
    withdrawn = make_incident(requester=carol, title="Lost badge")
    workflow.cancel(withdrawn, actor=requester_actor(carol), at=NOON + timedelta(hours=1), reason="Found it")
    shared = make_incident(title="Printer of the floor")
    workflow.watch(shared, actor=agent_actor(alice), at=NOON + timedelta(hours=1), user=carol)

    assert titles(carols.get("/")) == []
    assert titles(carols.get("/?show=closed")) == ["Lost badge"]
    assert titles(carols.get("/?show=shared")) == ["Printer of the floor"]


def test_home_says_what_to_do_when_it_is_empty(carols: Client) -> None:
    page = carols.get("/").content.decode()

    assert "Nothing is open." in page
    assert 'href="/incidents/new/"' in page


def test_home_pages_long_lists(carols: Client, carol: User) -> None:
    for number in range(21):
        make_incident(requester=carol, title=f"Number {number}", at=NOON + timedelta(minutes=number))

    first, second = carols.get("/"), carols.get("/?page=2")

    assert len(titles(first)) == 20
    assert titles(second) == ["Number 0"]


def test_home_does_not_tell_of_internal_work(carols: Client, secretive: Incident) -> None:
    before = carols.get("/").content.decode()

    assert SECRET not in before
    assert "Alice replied" in before


@pytest.mark.parametrize("rows", [1, 3])
def test_home_needs_the_same_queries_for_any_number_of_rows(
    carols: Client, carol: User, vpn: Any, rows: int, django_assert_num_queries: Counter
) -> None:
    for _number in range(rows):
        make_incident(requester=carol, service=vpn)

    with django_assert_num_queries(QUERIES):
        response = carols.get("/")

    assert len(titles(response)) == rows
