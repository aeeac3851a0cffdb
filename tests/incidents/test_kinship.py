"""A visible incident may be tied to a confidential one: nothing of that one is told."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents import kinship, workflow
from incidents.errors import NotAllowed
from incidents.models import Incident, Service, Team
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller


@pytest.fixture
def manager(db: None) -> User:
    return AgentFactory.create(role="Incident manager")


@pytest.fixture
def secret(vpn: Service) -> Incident:
    return make_incident(service=vpn, is_confidential=True, title="Salaries leaked")


@pytest.fixture
def child(secret: Incident, manager: User, workplace: Team) -> Incident:
    """Bob's team has it; its parent is none of his business."""
    row = make_incident(title="Cannot log in", team=workplace)
    workflow.link_parent(row, actor=agent_actor(manager), at=NOON, parent=secret)
    return row


@pytest.fixture
def merged(secret: Incident, manager: User, workplace: Team) -> Incident:
    row = make_incident(title="No payroll", team=workplace)
    workflow.merge(row, actor=agent_actor(manager), at=NOON, into=secret, confirm=True)
    return row


def page(user: User, incident: Incident, verb: str = "change") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(reverse(f"admin:incidents_incident_{verb}", args=[incident.pk])).content.decode()


def test_page_names_a_hidden_parent_to_nobody_who_may_not_see_it(
    child: Incident, secret: Incident, bob: User, alice: User, manager: User
) -> None:
    seen = [secret.number in page(user, child) for user in (bob, alice, manager)]

    assert seen == [False, True, True]
    assert "an incident that you may not see" in page(bob, child)


def test_page_names_no_hidden_incident_that_it_was_merged_into(
    merged: Incident, secret: Incident, bob: User, manager: User
) -> None:
    told = page(bob, merged)

    assert secret.number not in told
    assert f"/incident/{secret.pk}/" not in told
    assert told.count("an incident that you may not see") == 2
    assert secret.number in page(manager, merged)


def test_pages_of_verbs_and_reviews_name_none_either(
    child: Incident, secret: Incident, bob: User, manager: User
) -> None:
    workflow.save_review(child, actor=agent_actor(manager), fields={"summary": "S"})

    for verb in ("parent", "resolve", "review"):
        assert secret.number not in page(bob, child, verb)


def test_form_that_may_not_show_the_parent_keeps_it(child: Incident, secret: Incident, bob: User) -> None:
    client = Client()
    client.force_login(bob)
    address = reverse("admin:incidents_incident_parent", args=[child.pk])

    client.post(address, {"parent": "", "version": child.version})

    child.refresh_from_db()
    assert child.parent == secret


def test_interface_answers_null_for_hidden_incidents(
    child: Incident, merged: Incident, secret: Incident, bob: User, manager: User
) -> None:
    shown = {
        user: {row["number"]: row for row in caller(user).get("/api/v1/incidents/").json()["results"]}
        for user in (bob, manager)
    }

    assert secret.number not in shown[bob]
    assert (shown[bob][child.number]["parent"], shown[bob][merged.number]["duplicate_of"]) == (None, None)
    assert shown[manager][child.number]["parent"] == secret.number
    assert shown[manager][merged.number]["duplicate_of"] == secret.number
    one = caller(bob).get(f"/api/v1/incidents/{child.number}/").json()
    assert one["parent"] is None


def test_timeline_of_the_interface_names_no_hidden_incident(
    child: Incident, merged: Incident, secret: Incident, bob: User, manager: User
) -> None:
    def last(user: User, incident: Incident) -> dict[str, Any]:
        rows = caller(user).get(f"/api/v1/incidents/{incident.number}/timeline/").json()["results"]
        data: dict[str, Any] = rows[-1]["data"]
        return data

    assert last(bob, child) == {"changes": {"parent": [None, None]}, "parent": None}
    assert last(manager, child) == {"changes": {"parent": [None, secret.pk]}, "parent": secret.number}
    told = last(bob, merged)
    assert (told["into"], told["changes"]["duplicate_of"]) == (None, [None, None])
    assert told["changes"]["state"] == ["new", "cancelled"]


def test_who_may_see_both_is_told_of_both(child: Incident, secret: Incident, alice: User) -> None:
    api = caller(alice)

    row = api.get(f"/api/v1/incidents/{child.number}/").json()
    told = api.get(f"/api/v1/incidents/{child.number}/timeline/").json()["results"][-1]["data"]

    assert row["parent"] == secret.number
    assert told == {"changes": {"parent": [None, secret.pk]}, "parent": secret.number}


@pytest.mark.parametrize("name", ["parent", "into", "duplicate", "merged"])
def test_number_in_an_entry_is_found_and_left_out_where_it_is_hidden(name: str) -> None:
    data = {name: "INC0000007", "reason": "The same"}

    assert kinship.named_in(data) == {7}
    assert kinship.without(data, {7}) == {name: None, "reason": "The same"}
    assert kinship.without(data, {8}) == data


@pytest.mark.parametrize("name", ["parent", "duplicate_of", "follows_up"])
def test_of_a_change_only_the_hidden_side_is_left_out(name: str) -> None:
    data = {"changes": {name: [7, 8], "impact": [8, 1]}}

    assert kinship.named_in(data) == {7, 8}
    assert kinship.without(data, {8}) == {"changes": {name: [7, None], "impact": [8, 1]}}


def test_number_of_children_counts_the_visible_ones(
    secret: Incident, workplace: Team, bob: User, manager: User
) -> None:
    top = make_incident(title="Everything is down", team=workplace)
    workflow.link_parent(secret, actor=agent_actor(manager), at=NOON, parent=top)

    def listed(user: User) -> str:
        client = Client()
        client.force_login(user)
        return client.get(reverse("admin:incidents_incident_changelist"), {"view": "all"}).content.decode()

    assert "1 child" not in listed(bob)
    assert "1 child" in listed(manager)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_once_for_all_that_is_named(
    rows: int,
    secret: Incident,
    workplace: Team,
    bob: User,
    manager: User,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _n in range(rows):
        child = make_incident(team=workplace)
        workflow.link_parent(child, actor=agent_actor(manager), at=NOON, parent=secret)
    api = caller(bob)
    api.get("/api/v1/incidents/")

    with django_assert_num_queries(0):
        assert kinship.hidden_from(bob, set()) == set()
    with django_assert_num_queries(5):
        api.get("/api/v1/incidents/")


def test_correction_hands_nothing_confidential_to_a_team_in_passing(
    bob: User, alice: User, vpn: Service, workplace: Team
) -> None:
    """Nobody has it, and who only watches it does not decide who sees it."""
    lost = make_incident(title="Salaries leaked", is_confidential=True)
    workflow.watch(lost, actor=agent_actor(AgentFactory.create(role="Incident manager")), at=NOON, user=bob)

    with pytest.raises(NotAllowed, match="confidential"):
        workflow.edit(lost, actor=agent_actor(bob), at=NOON, changes={"service": vpn})

    lost.refresh_from_db()
    assert (lost.team, lost.service) == (None, None)
    assert not Incident.objects.visible_to(alice).filter(pk=lost.pk).exists()
