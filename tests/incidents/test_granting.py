"""Nobody grants what they do not have: by roles, accounts, tokens and webhooks."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from incidents import granting, policies
from incidents.models import ApiToken, Team
from notifications.models import Endpoint
from tests.factories import AgentFactory

PEOPLE = ("view_user", "add_user", "change_user", "delete_user")
ROLES = ("view_group", "add_group", "change_group", "delete_group")
NO_PROFILE = {"profile-TOTAL_FORMS": 0, "profile-INITIAL_FORMS": 0}


def with_rights(login: str, *codenames: str) -> User:
    """Somebody at the desk with a role of the company's own."""
    clerk = User.objects.create_user(login, f"{login}@example.com", "old", is_staff=True)
    role = Group.objects.create(name=f"Role of {login}")
    role.permissions.set(Permission.objects.filter(codename__in=codenames))
    role.user_set.add(clerk)
    return clerk


@pytest.fixture
def clerk(client: Client, db: None) -> User:
    """Keeps accounts and roles, and nothing else."""
    user = with_rights("cleo", *PEOPLE, *ROLES)
    client.force_login(user)
    return user


@pytest.fixture
def integrator(client: Client, db: None) -> User:
    """An agent who also keeps tokens and webhooks."""
    keeps = (f"{act}_{model}" for model in ("apitoken", "endpoint") for act in ("view", "add", "change"))
    user = with_rights("ines", "delete_apitoken", *keeps)
    user.groups.add(Group.objects.get(name="Agent"))
    client.force_login(user)
    return user


def save(client: Client, person: User, **fields: object) -> User:
    """The page of a person as the browser sends it; the person as they are then."""
    known = {"username": person.username, "email": person.email, "is_active": "on", **NO_PROFILE}
    client.post(reverse("admin:auth_user_change", args=[person.pk]), {**known, **fields})
    return User.objects.get(pk=person.pk)


def new_password(client: Client, person: User) -> bool:
    words = {"password1": "quite-another-1", "password2": "quite-another-1", "usable_password": "true"}
    client.post(reverse("admin:auth_user_password_change", args=[person.pk]), words)
    return User.objects.get(pk=person.pk).check_password("quite-another-1")


@pytest.mark.parametrize("role", ["Agent", "Auditor", "Administrator"])
def test_who_keeps_accounts_does_not_become_somebody_with_more_rights(
    role: str, client: Client, clerk: User
) -> None:
    person = AgentFactory.create(role=role)

    saved = save(client, person, email="cleo@example.com", username="mine")

    assert (saved.email, saved.username) == (person.email, person.username)
    assert not new_password(client, person)
    assert client.get(reverse("admin:auth_user_change", args=[person.pk])).status_code == 200


def test_nor_by_way_of_an_account_that_is_switched_off(client: Client, clerk: User) -> None:
    person = AgentFactory.create(role="Incident manager", is_active=False)

    assert not save(client, person).is_active
    assert not new_password(client, person)


def test_nor_one_whose_rights_are_their_own(client: Client, clerk: User) -> None:
    person = User.objects.create_user("rita", "rita@example.com", "old")
    person.user_permissions.add(Permission.objects.get(codename="work_incident"))

    assert not new_password(client, person)


def test_who_keeps_accounts_gives_nobody_a_role_they_have_not_themselves(
    client: Client, clerk: User, carol: User
) -> None:
    agent, own = Group.objects.get(name="Agent"), clerk.groups.get()

    for person in (clerk, carol):
        save(client, person, groups=[agent.pk, own.pk], is_staff="on", is_superuser="on")
    refused = [*clerk.groups.all(), *carol.groups.all()]
    saved = save(client, carol, groups=[own.pk], is_staff="on")

    assert refused == [own]
    assert list(saved.groups.all()) == [own]
    assert not User.objects.filter(is_superuser=True).exists()


def test_who_keeps_accounts_lets_requesters_in_again(client: Client, clerk: User, carol: User) -> None:
    saved = save(client, carol, email="carol@example.org", first_name="Caroline")

    assert (saved.email, saved.first_name) == ("carol@example.org", "Caroline")
    assert new_password(client, carol)


def test_account_above_is_not_deleted_by_its_page_or_with_many(client: Client, clerk: User) -> None:
    person = AgentFactory.create(role="Agent")
    chosen = {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"}

    client.post(reverse("admin:auth_user_delete", args=[person.pk]), {"post": "yes"})
    client.post(reverse("admin:auth_user_changelist"), chosen)

    assert User.objects.filter(pk=person.pk).exists()


def test_role_gets_no_right_that_its_keeper_has_not(client: Client, clerk: User) -> None:
    own, work = clerk.groups.get(), Permission.objects.get(codename="work_incident")
    known = Permission.objects.filter(codename__in=(*PEOPLE, *ROLES))
    page = reverse("admin:auth_group_change", args=[own.pk])

    client.post(page, {"name": own.name, "permissions": [work.pk, *known.values_list("pk", flat=True)]})
    client.post(reverse("admin:auth_group_add"), {"name": "Mine", "permissions": [work.pk]})

    assert not own.permissions.filter(pk=work.pk).exists()
    assert not Group.objects.filter(name="Mine").exists()


def test_role_with_more_rights_is_read_only(client: Client, clerk: User) -> None:
    role = Group.objects.create(name="Duty")
    role.permissions.add(Permission.objects.get(codename="lead_major_incident"))

    client.post(reverse("admin:auth_group_change", args=[role.pk]), {"name": "Duty", "permissions": []})
    client.post(reverse("admin:auth_group_delete", args=[role.pk]), {"post": "yes"})

    assert role.permissions.count() == 1


def test_administrator_gives_the_roles_of_the_desk(client: Client, carol: User) -> None:
    client.force_login(AgentFactory.create(role="Administrator"))
    roles = list(Group.objects.values_list("pk", flat=True))

    saved = save(client, carol, groups=roles, is_staff="on")

    assert set(saved.groups.values_list("pk", flat=True)) == set(roles)


def make_token(client: Client, person: User) -> bool:
    sent = {"name": "Sync", "user": person.pk, "scopes": ["read"], "expiry": ""}
    client.post(reverse("admin:incidents_apitoken_add"), sent)
    return ApiToken.objects.filter(user=person).exists()


def test_token_is_made_for_oneself_or_for_who_may_no_more(
    client: Client, integrator: User, carol: User
) -> None:
    colleague, manager = AgentFactory.create(), AgentFactory.create(role="Incident manager")

    made = [make_token(client, person) for person in (integrator, carol, colleague, manager)]

    assert made == [True, True, True, False]


def test_token_is_not_made_for_who_is_in_another_team(client: Client, integrator: User, alice: User) -> None:
    """Its members read its confidential incidents."""
    before = make_token(client, alice)
    Team.objects.get(name="Network").members.add(integrator)

    assert (before, make_token(client, alice)) == (False, True)


def test_token_of_somebody_above_is_revoked_and_not_widened(client: Client, integrator: User) -> None:
    manager = AgentFactory.create(role="Incident manager")
    token, _ = ApiToken.objects.create(user=manager, name="Sync", scopes=["read"])
    sent = {"name": "Sync", "scopes": ["read", "write"], "expiry": ""}

    client.post(reverse("admin:incidents_apitoken_change", args=[token.pk]), sent)
    token.refresh_from_db()
    client.post(reverse("admin:incidents_apitoken_delete", args=[token.pk]), {"post": "yes"})

    assert token.scopes == ["read"]
    assert not ApiToken.objects.exists()


def listen(client: Client, owner: User) -> bool:
    sent = {"name": f"Hears as {owner}", "url": "https://example.com/", "owner": owner.pk}
    client.post(reverse("admin:notifications_endpoint_add"), sent)
    return Endpoint.objects.filter(owner=owner).exists()


def test_webhook_hears_in_its_makers_own_sight(
    client: Client, integrator: User, alice: User, carol: User
) -> None:
    manager = AgentFactory.create(role="Incident manager")

    heard = [listen(client, owner) for owner in (integrator, alice, carol, manager)]

    assert heard == [True, False, False, False]


def test_who_reads_everything_makes_webhooks_for_anybody(client: Client, alice: User, carol: User) -> None:
    client.force_login(AgentFactory.create(role="Administrator"))

    assert [listen(client, owner) for owner in (alice, carol)] == [True, True]


def test_webhook_that_sees_more_is_not_turned_aside(client: Client, integrator: User, alice: User) -> None:
    hook = Endpoint.objects.create(name="Chat", url="https://example.com/", owner=alice)
    sent = {"name": "Chat", "url": "https://example.net/", "owner": integrator.pk}
    chosen = {"action": "rotate", "_selected_action": [hook.pk]}

    client.post(reverse("admin:notifications_endpoint_change", args=[hook.pk]), sent)
    page = client.post(reverse("admin:notifications_endpoint_changelist"), chosen, follow=True)

    hook.refresh_from_db()
    assert (hook.url, hook.owner, hook.generation) == ("https://example.com/", alice, 1)
    assert "incidents that you do not see" in page.content.decode()


def test_everybody_is_within_their_own_reach_and_all_within_a_superusers(
    admin_user: User, alice: User, carol: User
) -> None:
    assert set(granting.accounts_within(carol)) == {carol}
    assert set(granting.accounts_within(admin_user)) == {admin_user, alice, carol}
    assert not granting.accounts_within(alice).filter(pk=admin_user.pk).exists()


def test_superuser_reaches_other_superusers(admin_user: User) -> None:
    other = User.objects.create_superuser("root2", password="x")

    assert set(granting.accounts_within(admin_user)) == {admin_user, other}


def test_teams_keep_nobody_out_of_reach_of_who_sees_everything(alice: User, carol: User) -> None:
    manager = AgentFactory.create(role="Incident manager")

    assert set(granting.accounts_within(manager)) == {manager, alice, carol}


def test_who_sees_everything_staffs_teams_they_are_not_in_and_others_only_their_own(
    alice: User, network: Team, workplace: Team
) -> None:
    manager = AgentFactory.create(role="Incident manager")

    assert [policies.may_staff(manager, team) for team in (network, workplace)] == [True, True]
    assert [policies.may_staff(alice, team) for team in (network, workplace)] == [True, False]
