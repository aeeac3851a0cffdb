"""Membership of a team is sight of its confidential incidents: nobody grants what they do not have."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.urls import reverse

from incidents import workflow
from incidents.enums import Via
from incidents.errors import NotAllowed
from incidents.models import Category, Desk, Incident, Location, Service, Team
from incidents.policies import Actor
from tests.factories import AgentFactory, make_incident
from tests.incidents.admin.conftest import Entered
from tests.incidents.admin.test_exchange import look


@pytest.fixture
def secret(network: Team) -> Incident:
    return make_incident(team=network, is_confidential=True, title="Salaries leaked")


def keep(entered: Entered, user: User, team: Team, **fields: Any) -> str:
    """The form of the team as the browser sends it; what the answer says."""
    sent = {"name": team.name, "email": team.email, "is_active": "on", **fields}
    answer = entered(user).post(reverse("admin:incidents_team_change", args=[team.pk]), sent, follow=True)
    return answer.content.decode()


def test_lead_makes_neither_themselves_nor_others_members_of_a_team_they_are_not_in(
    lead: User, alice: User, bob: User, network: Team, secret: Incident, entered: Entered
) -> None:
    page = entered(lead).get(reverse("admin:incidents_team_change", args=[network.pk])).content.decode()
    keep(entered, lead, network, email="net@example.com", members=[alice.pk, bob.pk, lead.pk])

    network.refresh_from_db()
    assert 'name="members"' not in page
    assert network.email == "net@example.com"
    assert set(network.members.all()) == {alice}
    assert not Incident.objects.visible_to(lead).exists()


def test_lead_changes_the_members_of_their_own_team(
    lead: User, alice: User, bob: User, network: Team, entered: Entered
) -> None:
    network.members.add(lead)

    keep(entered, lead, network, members=[lead.pk, bob.pk])

    assert set(network.members.all()) == {lead, bob}


def test_who_reads_all_confidential_incidents_staffs_every_team(
    manager: User, bob: User, network: Team, entered: Entered
) -> None:
    keep(entered, manager, network, members=[bob.pk])

    assert set(network.members.all()) == {bob}


def test_lead_staffs_a_team_that_is_new(lead: User, bob: User, entered: Entered) -> None:
    sent = {"name": "Night", "is_active": "on", "members": [lead.pk, bob.pk]}

    entered(lead).post(reverse("admin:incidents_team_add"), sent)

    assert set(Team.objects.get(name="Night").members.all()) == {lead, bob}


def test_file_brings_nobody_into_a_team_its_sender_is_not_in(
    lead: User, alice: User, network: Team, entered: Entered
) -> None:
    call_command("createcachetable", verbosity=0)

    page = look(entered(lead), "team", "name,email,members,is_active\nNetwork,,alice|lea,1\n")

    assert "Members of Network read its confidential incidents" in page
    assert set(network.members.all()) == {alice}


def test_verb_refuses_with_a_sentence_and_takes_the_same_people_for_no_change(
    lead: User, alice: User, bob: User, network: Team
) -> None:
    actor = Actor(lead, Via.ADMIN)

    assert not workflow.set_members(network, [alice], actor=actor)
    with pytest.raises(NotAllowed, match="read its confidential incidents"):
        workflow.set_members(network, [alice, bob], actor=actor)


@pytest.mark.parametrize("model", [Service, Category, Location])
def test_work_of_a_team_is_handed_on_by_who_is_in_it(
    model: type[Any], lead: User, network: Team, workplace: Team, entered: Entered
) -> None:
    call_command("createcachetable", verbosity=0)
    row = model.objects.create(name="Payroll", team=network)
    name = model._meta.model_name
    sent = {"name": "Payroll", "team": workplace.pk, "criticality": 3, "time_zone": "UTC", "is_active": "on"}

    def hand_over() -> Any:
        entered(lead).post(reverse(f"admin:incidents_{name}_change", args=[row.pk]), sent)
        row.refresh_from_db()
        return row.team

    by_form = hand_over()
    sheet = (
        "parent,name,team\n,Payroll,Workplace\n" if model is Category else "name,team\nPayroll,Workplace\n"
    )
    page = look(entered(lead), name, sheet)
    row.refresh_from_db()
    network.members.add(lead)

    assert (by_form, row.team) == (network, network)
    assert "This work goes to Network" in page
    assert hand_over() == workplace


def test_subcategory_is_not_moved_away_from_the_team_of_its_category(
    lead: User, network: Team, workplace: Team, entered: Entered
) -> None:
    """It has no team of its own, so its work goes to its parent's."""
    call_command("createcachetable", verbosity=0)
    pay, other = (
        Category.objects.create(name=name, team=team)
        for name, team in (("Pay", network), ("Other", workplace))
    )
    slips = Category.objects.create(name="Slips", parent=pay)
    sent = {"name": "Slips", "parent": other.pk, "team": "", "is_active": "on"}

    def move() -> Any:
        entered(lead).post(reverse("admin:incidents_category_change", args=[slips.pk]), sent)
        slips.refresh_from_db()
        return slips.parent

    by_form = move()
    page = look(entered(lead), "category", "parent,name,team\nPay,Slips,Workplace\n")
    network.members.add(lead)

    assert by_form == pay
    assert "This work goes to Network" in page
    assert move() == other


def test_team_is_switched_off_by_who_is_in_it(
    lead: User, alice: User, network: Team, entered: Entered
) -> None:
    """Its work, also what is confidential, goes to other teams then."""
    call_command("createcachetable", verbosity=0)

    keep(entered, lead, network, is_active="")
    page = look(entered(lead), "team", "name,is_active\nNetwork,no\n")
    network.refresh_from_db()
    before = network.is_active
    network.members.add(lead)
    keep(entered, lead, network, members=[lead.pk], is_active="")

    network.refresh_from_db()
    assert "This work goes to Network" in page
    assert (before, network.is_active) == (True, False)


def test_work_without_an_owner_is_not_taken_from_its_team(
    network: Team, workplace: Team, entered: Entered
) -> None:
    keeper = AgentFactory.create()
    keeper.user_permissions.add(*Permission.objects.filter(codename__in=("view_desk", "change_desk")))
    desk, _ = Desk.objects.update_or_create(pk=1, defaults={"default_team": network})

    def hand_over() -> Any:
        page = reverse("admin:incidents_desk_changelist")
        known = entered(keeper).get(page).context["adminform"].form.initial
        sent = {name: "on" if value is True else value for name, value in known.items() if value}
        entered(keeper).post(page, {**sent, "default_team": workplace.pk})
        desk.refresh_from_db()
        return desk.default_team

    refused = hand_over()
    network.members.add(keeper)

    assert (refused, hand_over()) == (network, workplace)


@pytest.mark.parametrize("model", [Team, Service, Category, Location])
def test_what_sends_work_to_a_team_is_not_deleted_from_outside_it(
    model: type[Any], lead: User, alice: User, network: Team, entered: Entered
) -> None:
    name = model._meta.model_name
    lead.user_permissions.add(Permission.objects.get(codename=f"delete_{name}"))
    row = network if model is Team else model.objects.create(name="Payroll", team=network)

    def is_there() -> bool:
        entered(lead).post(reverse(f"admin:incidents_{name}_delete", args=[row.pk]), {"post": "yes"})
        return bool(model.objects.filter(pk=row.pk).exists())

    before = is_there()
    network.members.add(lead)

    assert (before, is_there()) == (True, False)


@pytest.mark.parametrize("login", ["alice", "lea", "audrey"])
def test_version_of_a_row_is_read_and_never_written(
    login: str, network: Team, alice: User, lead: User, auditor: User, workplace: Team, entered: Entered
) -> None:
    """The stock page of a version saves what is posted to it, for whoever may view the row."""
    user = User.objects.get(username=login)
    version = reverse(
        "admin:incidents_team_simple_history", args=[workplace.pk, workplace.history.latest().history_id]
    )

    answer = entered(user).post(version, {"name": "Mine", "members": [user.pk], "is_active": "on"})

    workplace.refresh_from_db()
    assert (answer.status_code, workplace.name, workplace.members.count()) == (405, "Workplace", 0)
    assert entered(user).get(version).status_code == 200
