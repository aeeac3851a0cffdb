"""The first page of the desk: its lists, its counts, and what it may cost."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import Severity
from incidents.models import Service, Team
from itsm.desk.home import Home, home
from itsm.ui.templatetags.counts import up_to
from tests.factories import NOON, AgentFactory, agent_actor, make_incident


def titles(rows: list) -> list[str]:  # type: ignore[type-arg]
    return [row.incident.title for row in rows]


def test_home_sorts_work_by_whose_it_is(alice: User, network: Team, vpn: Service) -> None:
    actor = agent_actor(alice)
    mine = make_incident(title="Mine", service=vpn)
    workflow.assign(mine, actor=actor, at=NOON, team=network, assignee=alice)
    make_incident(title="Nobody's", service=vpn)
    resolved = make_incident(title="Done", service=vpn)
    workflow.resolve(resolved, actor=actor, at=NOON, code="fixed", text="Restarted it.")

    page = home(alice, at=NOON + timedelta(minutes=1))

    assert titles(page.mine) == ["Mine"]
    assert titles(page.unassigned) == ["Nobody's"]
    assert page.counts == {"open": 2, "mine": 1, "unassigned": 1, "soon": 0, "late": 0}
    assert [(load.team.name, load.open) for load in page.teams] == [("Network", 2)]
    assert page.days is not None
    assert page.days.opened[-1] == 3
    assert page.days.resolved[-1] == 1


def test_home_shows_first_what_can_still_be_met(alice: User, vpn: Service) -> None:
    late = make_incident(title="Late", service=vpn, at=NOON)
    soon = make_incident(title="Soon", service=vpn, at=NOON + timedelta(hours=2))
    due = soon.clocks.get(metric="acknowledge").due_at
    assert due is not None

    page = home(alice, at=due - timedelta(minutes=1))

    assert titles(page.due) == ["Soon", "Late"]
    assert (page.counts["soon"], page.counts["late"]) == (1, 1)
    assert page.teams[0].late == page.teams[0].soon == 1
    assert late.clocks.count() == 2


def test_home_shows_open_majors_on_top(manager: User, vpn: Service, db: None) -> None:
    incident = make_incident(title="All of Portugal", service=vpn)
    workflow.declare_major(
        incident, actor=agent_actor(manager), at=NOON, severity=Severity.SEV1, reason="Nobody can work."
    )

    assert titles(home(manager, at=NOON).majors) == ["All of Portugal"]


def test_home_counts_work_in_nobodys_hands_for_leads(alice: User, vpn: Service, client: Client) -> None:
    lead = AgentFactory.create(username="lea", role="Team lead")
    make_incident(title="Alice's team has it", service=vpn)
    make_incident(title="Nobody has it")
    client.force_login(lead)

    page = client.get(reverse("admin:index")).content.decode()

    assert home(lead, at=NOON).counts["nobodys"] == 1
    assert "nobodys" not in home(alice, at=NOON).counts
    assert "its team or person is gone" in page


def test_home_keeps_confidential_work_of_other_teams_away(bob: User, network: Team) -> None:
    make_incident(title="Salary file leaked", team=network, is_confidential=True)

    page = home(bob, at=NOON)

    assert page.counts["open"] == 0
    assert page.news == []
    assert page.unassigned == []


def test_home_of_somebody_without_a_role_is_empty(carol: User) -> None:
    assert home(carol, at=NOON) == Home()


@pytest.fixture
def manager(db: None) -> User:
    return AgentFactory.create(username="mary", role="Incident manager")


@time_machine.travel(NOON + timedelta(minutes=5), tick=False)
def test_home_page_asks_as_often_for_three_incidents_as_for_one(
    alice: User, network: Team, vpn: Service, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = Client()
    client.force_login(alice)

    def add(n: int) -> None:
        incident = make_incident(title=f"Broken {n}", service=vpn)
        workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=network, assignee=alice)
        make_incident(title=f"New {n}", service=ServiceOf(n))

    def ServiceOf(n: int) -> Service:  # noqa: N802 -- reads as a factory
        return Service.objects.create(name=f"Line {n}", team=Team.objects.create(name=f"Crew {n}"))

    add(1)
    with django_assert_num_queries(QUERIES):
        client.get(reverse("admin:index"))
    add(2)
    add(3)
    with django_assert_num_queries(QUERIES):
        page = client.get(reverse("admin:index"))

    assert "Broken 3" in page.content.decode()


QUERIES = 18


def test_counting_stops_at_a_bound() -> None:
    assert up_to(10_000, 10_000) == "10,000+"
    assert up_to(148, 10_000) == "148"
    assert up_to(None, 10_000) == "–"
