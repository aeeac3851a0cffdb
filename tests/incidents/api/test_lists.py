"""Filters, orders and pages of the list of incidents."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents import workflow
from incidents.enums import Impact, ResolutionCode, Severity, Urgency
from incidents.models import Clock, Incident, Location, Service
from tests.factories import NOON, CategoryFactory, LocationFactory, agent_actor, make_incident

LIST = "/api/v1/incidents/"


@pytest.fixture
def pair(alice: User, carol: User, vpn: Service) -> tuple[Incident, Incident]:
    """One that each filter below finds, and one that none of them does."""
    actor = agent_actor(alice)
    found = make_incident(
        requester=carol,
        title="Core switch melts",
        service=vpn,
        category=CategoryFactory.create(),
        location=LocationFactory.create(),
        impact=Impact.HIGH,
        urgency=Urgency.HIGH,
        at=NOON + timedelta(days=1),
    )
    later = NOON + timedelta(days=2)
    other = make_incident(title="Mouse is slow", impact=Impact.LOW, urgency=Urgency.LOW)
    workflow.assign(found, actor=actor, at=later, team=vpn.team, assignee=alice)
    workflow.declare_major(found, actor=actor, at=later, severity=Severity.SEV1, reason="All down")
    workflow.link_parent(found, actor=actor, at=later, parent=other)
    workflow.resolve(found, actor=actor, at=later, code=ResolutionCode.FIXED, text="New one")
    Clock.objects.filter(incident=found, metric="resolve").update(breached=True)
    return found, other


FOUND = {
    "search": "switch",
    "state": "resolved",
    "is_open": "false",
    "priority": "1",
    "severity": "1",
    "impact": "1",
    "urgency": "1",
    "is_major": "true",
    "assignee": "me",
    "opened_since": "2026-03-03T00:00:00Z",
    "resolved_since": "2026-03-04",
    "updated_since": "2026-03-03T00:00:00+02:00",
    "resolved_before": "2026-03-05T00:00:00Z",
    "breached": "true",
}
NOT_FOUND = {
    "search": "mouse",
    "state": "new,on_hold",
    "is_open": "true",
    "priority": "5,4",
    "impact": "3",
    "urgency": "3",
    "is_major": "false",
    "assignee": "none",
    "team": "none",
    "opened_before": "2026-03-03T00:00:00Z",
    "updated_before": "2026-03-03T00:00:00Z",
    "breached": "false",
}


def numbers(api: APIClient, **query: Any) -> list[str]:
    answer = api.get(LIST, query)
    assert answer.status_code == 200, answer.content
    return [row["number"] for row in answer.json()["results"]]


@pytest.mark.parametrize(("name", "value"), FOUND.items())
def test_filter_finds(as_alice: APIClient, pair: tuple[Incident, Incident], name: str, value: str) -> None:
    assert numbers(as_alice, **{name: value}) == [pair[0].number]


@pytest.mark.parametrize(("name", "value"), NOT_FOUND.items())
def test_filter_leaves_out(
    as_alice: APIClient, pair: tuple[Incident, Incident], name: str, value: str
) -> None:
    assert numbers(as_alice, **{name: value}) == [pair[1].number]


def test_filters_by_row(as_alice: APIClient, pair: tuple[Incident, Incident]) -> None:
    found, other = pair
    queries = {
        "requester": found.requester_id,
        "assignee": found.assignee_id,
        "team": found.team_id,
        "service": found.service_id,
        "category": found.category_id,
        "location": found.location_id,
        "parent": other.number,
    }

    hits = {name: numbers(as_alice, **{name: value}) for name, value in queries.items()}
    assert hits == {name: [found.number] for name in queries}
    assert numbers(as_alice, service=10**6) == []


def test_remaining_filters(as_alice: APIClient, alice: User, pair: tuple[Incident, Incident]) -> None:
    found, other = pair
    workflow.hold(other, actor=agent_actor(alice), at=NOON, reason="vendor")

    assert numbers(as_alice, hold_reason="vendor") == [other.number]
    assert numbers(as_alice, channel="portal") == [found.number, other.number]
    assert numbers(as_alice, closed_since="2020-01-01") == []
    assert numbers(as_alice, closed_before="2030-01-01") == []
    assert numbers(as_alice, configuration_item=1) == []


@pytest.mark.parametrize(
    "query",
    [
        {"state": "odd"},
        {"priority": "0"},
        {"is_open": "yes"},
        {"service": "abc"},
        {"service": "-1"},
        {"service": str(10**30)},
        {"team": str(10**30)},
        {"assignee": "alice"},
        {"updated_since": "yesterday"},
        {"opened_since": "9999-12-31T23:59:59-23:59"},
        {"search": "a\x00b"},
        {"search": "x" * 201},
        {"nonsense": "1"},
        {"state__in": "new"},
        {"requester__password": "x"},
        {"ordering": "description"},
        {"ordering": "pk"},
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "x"},
        {"limit": "9" * 20},
        {"cursor": "x"},
        {"cursor": "é"},
        {"cursor": "W10="},
        {"fields": ""},
        {"fields": "number,nope"},
        {"parent": "x" * 30},
    ],
)
def test_parameters_that_make_no_sense_are_named(
    as_alice: APIClient, incident: Incident, query: dict[str, str]
) -> None:
    answer = as_alice.get(LIST, query)

    assert answer.status_code == 400, answer.content
    error = answer.json()["errors"][0]
    assert error["parameter"] == next(iter(query))
    assert isinstance(error["code"], str)


@pytest.mark.parametrize(
    "ordering", ["-opened_at", "opened_at", "-updated_at", "updated_at", "-priority", "priority", "-id", "id"]
)
def test_pages_show_each_row_once_there_and_back(as_alice: APIClient, ordering: str) -> None:
    for n in range(7):
        make_incident(at=NOON + timedelta(minutes=n // 3), impact=Impact.HIGH if n % 2 else Impact.LOW)
    field = ordering.lstrip("-")
    rows = sorted(
        Incident.objects.all(), key=lambda row: (getattr(row, field), row.pk), reverse=ordering[0] == "-"
    )
    expected = [row.number for row in rows]

    pages, links = [], []
    address: str | None = f"{LIST}?limit=3&ordering={ordering}"
    while address:
        page = as_alice.get(address).json()
        pages.append([row["number"] for row in page["results"]])
        links.append(page["previous"])
        address = page["next"]

    assert pages == [expected[:3], expected[3:6], expected[6:]]
    assert links[0] is None
    back = as_alice.get(links[2]).json()
    assert [row["number"] for row in back["results"]] == expected[3:6]
    first = as_alice.get(back["previous"]).json()
    assert ([row["number"] for row in first["results"]], first["previous"]) == (expected[:3], None)


def test_row_that_arrives_meanwhile_moves_no_page(as_alice: APIClient) -> None:
    old = [make_incident(at=NOON + timedelta(minutes=n)) for n in range(4)]

    first = as_alice.get(LIST, {"limit": 2}).json()
    make_incident(at=NOON + timedelta(hours=1))
    second = as_alice.get(first["next"]).json()

    assert [row["number"] for row in second["results"]] == [old[1].number, old[0].number]


def test_cursor_of_another_order_is_refused(as_alice: APIClient) -> None:
    for _ in range(3):
        make_incident()
    cursor = as_alice.get(LIST, {"limit": 1}).json()["next"].split("cursor=")[1].split("&")[0]

    answer = as_alice.get(f"{LIST}?limit=1&ordering=id&cursor={cursor}")

    assert answer.status_code == 400


def test_location_filter_needs_no_location(as_alice: APIClient) -> None:
    assert Location.objects.count() == 0
    assert numbers(as_alice, location=1) == []
