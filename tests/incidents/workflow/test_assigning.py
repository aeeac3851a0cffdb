"""What is not said stays: by the verb, by each door, in each row."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client

from incidents import workflow
from incidents.errors import Invalid
from incidents.models import Incident, Service, Team
from incidents.policies import Actor
from tests.factories import NOON, agent_actor, make_incident
from tests.incidents.api.conftest import caller

LIST = "/admin/incidents/incident/"


@pytest.fixture
def desk(alice: User) -> Actor:
    return agent_actor(alice)


@pytest.fixture
def mine(incident: Incident, desk: Actor, alice: User) -> Incident:
    """Of the network team, and Alice's."""
    workflow.assign(incident, actor=desk, at=NOON, assignee=alice)
    return incident


def owner(incident: Incident) -> tuple[str | None, str | None]:
    row = Incident.objects.get(pk=incident.pk)
    return row.team.name if row.team else None, row.assignee.username if row.assignee else None


def test_person_alone_leaves_the_team(mine: Incident) -> None:
    assert owner(mine) == ("Network", "alice")


def test_team_alone_leaves_a_person_who_is_in_it(
    mine: Incident, desk: Actor, alice: User, workplace: Team
) -> None:
    workplace.members.add(alice)

    workflow.assign(mine, actor=desk, at=NOON, team=workplace)

    assert owner(mine) == ("Workplace", "alice")


def test_team_alone_takes_it_from_a_person_who_is_not_in_it_and_says_so(
    mine: Incident, desk: Actor, workplace: Team
) -> None:
    entry = workflow.assign(mine, actor=desk, at=NOON, team=workplace)

    assert entry is not None
    assert owner(mine) == ("Workplace", None)
    assert workflow.remarks(entry) == ["Alice Ames is not in the new team, so nobody is assigned now."]


def test_none_takes_away_and_only_what_it_is_said_of(mine: Incident, desk: Actor) -> None:
    workflow.assign(mine, actor=desk, at=NOON, team=None)
    without_team = owner(mine)
    workflow.assign(mine, actor=desk, at=NOON, assignee=None)

    assert (without_team, owner(mine)) == ((None, "alice"), (None, None))


def test_nothing_said_is_nothing_done(mine: Incident, desk: Actor) -> None:
    assert workflow.assign(mine, actor=desk, at=NOON) is None


def test_person_who_is_not_in_the_team_is_refused(incident: Incident, desk: Actor, bob: User) -> None:
    with pytest.raises(Invalid, match="Bob Burr is not in Network"):
        workflow.assign(incident, actor=desk, at=NOON, assignee=bob)


# The desk, one at a time.


def send(client: Client, incident: Incident, slug: str, **data: Any) -> Any:
    incident.refresh_from_db()
    return client.post(f"{LIST}{incident.pk}/{slug}/", {"version": incident.version, **data})


def test_form_says_only_what_was_changed(
    client: Client, alice: User, mine: Incident, workplace: Team
) -> None:
    client.force_login(alice)

    answer = send(client, mine, "assign", team=workplace.pk, assignee=alice.pk, text="")

    assert answer.status_code == 302
    assert owner(mine) == ("Workplace", None)
    assert ["is not in the new team" in str(m) for m in get_messages(answer.wsgi_request)] == [True]


def test_taking_leaves_the_team(client: Client, alice: User, incident: Incident) -> None:
    client.force_login(alice)

    send(client, incident, "take")

    assert owner(incident) == ("Network", "alice")


def test_taking_gives_no_team_to_what_has_none(client: Client, alice: User) -> None:
    nobodys = make_incident()
    client.force_login(alice)

    send(client, nobodys, "take")

    assert owner(nobodys) == (None, "alice")


def test_taking_from_another_team_asks_whether_it_moves(
    client: Client, bob: User, incident: Incident, workplace: Team
) -> None:
    client.force_login(bob)

    asked = send(client, incident, "take")
    before = owner(incident)
    send(client, incident, "take", team=workplace.pk)

    assert "Bob Burr is not in Network" in asked.content.decode()
    assert "Move it to a team of yours" in asked.content.decode()
    assert (before, owner(incident)) == (("Network", None), ("Workplace", "bob"))


# The desk, many at once.


@pytest.fixture
def three(vpn: Service, workplace: Team, alice: User, desk: Actor) -> list[Incident]:
    """Network's and Alice's; Workplace's; nobody's."""
    rows = [make_incident(service=vpn), make_incident(team=workplace), make_incident()]
    workflow.assign(rows[0], actor=desk, at=NOON, assignee=alice)
    return rows


def bulk(client: Client, rows: list[Incident], action: str = "assign", **data: Any) -> Any:
    versions = {f"version-{row.pk}": Incident.objects.get(pk=row.pk).version for row in rows}
    ticked = {"_selected_action": [row.pk for row in rows], "action": action, "index": 0, "apply": 1}
    return client.post(LIST, {**ticked, **versions, **data})


def test_bulk_person_leaves_teams_and_refuses_by_row(
    client: Client, alice: User, three: list[Incident]
) -> None:
    client.force_login(alice)

    page = bulk(client, three, assignee=alice.pk, team="")

    assert [owner(row) for row in three] == [("Network", "alice"), ("Workplace", None), (None, "alice")]
    assert [why for _row, why in page.context["rows"]] == [
        "Alice Ames is not in Workplace. Choose a member, or another team."
    ]


def test_bulk_team_leaves_persons_who_are_in_it_and_names_the_others(
    client: Client, alice: User, bob: User, three: list[Incident], workplace: Team
) -> None:
    client.force_login(bob)
    workflow.assign(three[1], actor=agent_actor(bob), at=NOON, assignee=bob)

    answer = bulk(client, three, team=workplace.pk, assignee="")

    told = [str(message) for message in get_messages(answer.wsgi_request)]
    assert [owner(row) for row in three] == [("Workplace", None), ("Workplace", "bob"), ("Workplace", None)]
    assert f"{three[0].number}: Alice Ames is not in the new team, so nobody is assigned now." in told


def test_bulk_takes_away_only_what_says_so(client: Client, alice: User, three: list[Incident]) -> None:
    client.force_login(alice)

    bulk(client, three, team="", assignee="none")

    assert [owner(row) for row in three] == [("Network", None), ("Workplace", None), (None, None)]


def test_bulk_asks_for_something(client: Client, alice: User, three: list[Incident]) -> None:
    client.force_login(alice)

    page = bulk(client, three, team="", assignee="")

    assert "Choose a team, a person, or both." in page.content.decode()
    assert owner(three[0]) == ("Network", "alice")


def test_bulk_taking_leaves_teams(client: Client, alice: User, three: list[Incident]) -> None:
    client.force_login(alice)

    bulk(client, three, action="assign_to_me")

    assert [owner(row) for row in three] == [("Network", "alice"), ("Workplace", None), (None, "alice")]


def test_bulk_reports_what_somebody_else_changed(
    client: Client, alice: User, bob: User, three: list[Incident]
) -> None:
    client.force_login(alice)
    seen = {f"version-{row.pk}": row.version for row in three}
    workflow.note(three[2], actor=agent_actor(bob), at=NOON, text="I am at it.")

    page = bulk(client, three, team="none", assignee="", **seen)

    assert [(row, "changed by somebody else" in why) for row, why in page.context["rows"]] == [
        (three[2], True)
    ]


# The interface.


def test_api_tells_absent_from_null(mine: Incident, alice: User, bob: User, workplace: Team) -> None:
    api = caller(alice)
    workplace.members.add(alice)

    def assign(body: dict[str, Any]) -> tuple[str | None, str | None]:
        api.post(f"/api/v1/incidents/{mine.number}/assign/", body, format="json", headers={"If-Match": "*"})
        return owner(mine)

    owners = [
        assign(body) for body in ({"team": "Workplace"}, {"note": "hm"}, {"team": None}, {"assignee": None})
    ]

    assert owners == [("Workplace", "alice"), ("Workplace", "alice"), (None, "alice"), (None, None)]
