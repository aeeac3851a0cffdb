"""Whose work it is when nobody was named."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import EntryKind
from incidents.models import Category, Desk, Incident, Team
from tests.factories import (
    NOON,
    CategoryFactory,
    LocationFactory,
    ServiceFactory,
    TeamFactory,
    agent_actor,
    make_incident,
)


@pytest.fixture
def teams(db: None) -> dict[str, Team]:
    """One team for each place that may name one."""
    names = ("named", "service", "category", "parent", "location", "desk")
    return {name: TeamFactory.create(name=name) for name in names}


@pytest.fixture
def placed(teams: dict[str, Team]) -> dict[str, Any]:
    parent = CategoryFactory.create(name="Sort", team=teams["parent"])
    Desk.objects.filter(pk=1).update(default_team=teams["desk"])
    return {
        "team": teams["named"],
        "service": ServiceFactory.create(team=teams["service"]),
        "category": CategoryFactory.create(name="Kind", team=teams["category"], parent=parent),
        "location": LocationFactory.create(team=teams["location"]),
    }


def opened_with(placed: dict[str, Any]) -> str | None:
    team = make_incident(**placed).team
    return team and team.name


def test_first_that_names_a_team_has_it(teams: dict[str, Team], placed: dict[str, Any]) -> None:
    parent = Category.objects.get(name="Sort")
    below = CategoryFactory.create(name="Below", parent=parent)

    found = [
        opened_with(placed),
        opened_with(placed | {"team": None}),
        opened_with(placed | {"team": None, "service": None}),
        opened_with(placed | {"team": None, "service": None, "category": below}),
        opened_with(placed | {"team": None, "service": None, "category": None}),
        opened_with({}),
    ]

    assert found == ["named", "service", "category", "parent", "location", "desk"]


@pytest.mark.parametrize(
    ("off", "then"),
    [
        (["named"], "service"),
        (["named", "service"], "category"),
        (["named", "service", "category"], "parent"),
        (["named", "service", "category", "parent"], "location"),
        (["named", "service", "category", "parent", "location"], "desk"),
        (["named", "service", "category", "parent", "location", "desk"], None),
    ],
)
def test_team_that_is_switched_off_is_passed_over(
    placed: dict[str, Any], off: list[str], then: str | None
) -> None:
    Team.objects.filter(name__in=off).update(is_active=False)
    fresh = {name: type(row).objects.get(pk=row.pk) for name, row in placed.items()}

    assert opened_with(fresh) == then


def test_desk_without_a_default_team_leaves_it_with_nobody(db: None) -> None:
    assert opened_with({}) is None


@pytest.mark.parametrize("name", ["service", "category", "location"])
def test_correction_finds_hands_for_what_lies_with_nobody(
    alice: User, network: Team, name: str, db: None
) -> None:
    factory: Any = {"service": ServiceFactory, "category": CategoryFactory, "location": LocationFactory}[name]
    incident = make_incident()

    workflow.edit(incident, actor=agent_actor(alice), at=NOON, changes={name: factory.create(team=network)})

    incident.refresh_from_db()
    entries = incident.entries.order_by("seq")
    assert incident.team == network
    assert [entry.kind for entry in entries] == [EntryKind.OPENED, EntryKind.EDITED, EntryKind.ASSIGNED]
    assert incident.reassignment_count == 0


def test_correction_leaves_a_team_with_its_work(alice: User, workplace: Team, incident: Incident) -> None:
    other = ServiceFactory.create(team=workplace)

    workflow.edit(incident, actor=agent_actor(alice), at=NOON, changes={"service": other})

    incident.refresh_from_db()
    assert incident.team is not None
    assert incident.team.name == "Network"


def test_correction_leaves_a_person_with_their_work(alice: User, workplace: Team, db: None) -> None:
    incident = make_incident()
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=None, assignee=alice)

    workflow.edit(
        incident,
        actor=agent_actor(alice),
        at=NOON,
        changes={"service": ServiceFactory.create(team=workplace)},
    )

    incident.refresh_from_db()
    assert (incident.team, incident.assignee) == (None, alice)


def test_correction_takes_work_from_a_team_that_is_switched_off(
    alice: User, network: Team, workplace: Team, incident: Incident
) -> None:
    Team.objects.filter(pk=network.pk).update(is_active=False)
    incident = Incident.objects.get(pk=incident.pk)

    workflow.edit(
        incident,
        actor=agent_actor(alice),
        at=NOON,
        changes={"service": ServiceFactory.create(team=workplace)},
    )

    assert Incident.objects.get(pk=incident.pk).team == workplace


def test_correction_of_other_facts_moves_nothing(alice: User, db: None) -> None:
    incident = make_incident()
    Desk.objects.filter(pk=1).update(default_team=TeamFactory.create())

    workflow.edit(incident, actor=agent_actor(alice), at=NOON, changes={"title": "Better words"})

    incident.refresh_from_db()
    assert incident.team is None
