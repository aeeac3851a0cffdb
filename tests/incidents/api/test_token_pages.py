"""Tokens in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents.models import ApiToken
from tests.factories import AgentFactory

LIST = "/admin/incidents/apitoken/"


@pytest.fixture
def boss(db: None) -> User:
    return AgentFactory.create(role="Administrator", username="boss")


@pytest.fixture
def office(client: Client, boss: User) -> Client:
    client.force_login(boss)
    return client


def form(user: User, **changes: object) -> dict[str, object]:
    until = timezone.now() + timedelta(days=30)
    return {
        "name": "Sync",
        "user": user.pk,
        "scopes": ["read"],
        "expiry": f"{until:%Y-%m-%d}T12:00",
        **changes,
    }


def test_token_is_made_and_its_key_shown_once(office: Client, alice: User) -> None:
    answer = office.post(f"{LIST}add/", form(alice))

    key = re.search(r"itsm_[0-9a-f]{64}", answer.content.decode())
    token = ApiToken.objects.get()
    assert key is not None
    assert (token.user, token.name, token.scopes) == (alice, "Sync", ["read"])
    assert "no-store" in answer["Cache-Control"]
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key.group()}")
    assert api.get("/api/v1/incidents/").status_code == 200
    for address in (LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"):
        later = office.get(address)
        assert later.status_code == 200
        assert key.group()[20:] not in later.content.decode()
        assert token.digest not in later.content.decode()


def test_token_is_revoked(office: Client, alice: User) -> None:
    token, _ = ApiToken.objects.create(user=alice, name="Old", scopes=["read"])

    office.post(f"{LIST}{token.pk}/delete/", {"post": "yes"})

    assert ApiToken.objects.count() == 0


def test_token_keeps_its_person(office: Client, alice: User, boss: User) -> None:
    token, _ = ApiToken.objects.create(user=alice, name="Old", scopes=["read"])

    office.post(f"{LIST}{token.pk}/change/", form(boss, scopes=["read", "write"]))

    token.refresh_from_db()
    assert (token.user, token.scopes) == (alice, ["read", "write"])


def test_administrator_makes_none_for_a_superuser(office: Client, admin_user: User) -> None:
    answer = office.post(f"{LIST}add/", form(admin_user))

    assert (answer.status_code, ApiToken.objects.count()) == (200, 0)


def test_expiry_that_has_passed_is_refused(office: Client, alice: User) -> None:
    answer = office.post(f"{LIST}add/", form(alice, expiry="2020-01-01T12:00"))

    assert "This has passed already" in answer.content.decode()
    assert ApiToken.objects.count() == 0


def test_agents_keep_no_tokens(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get(LIST).status_code == 403
    assert client.post(f"{LIST}add/", form(alice)).status_code == 403
    assert ApiToken.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_any_number(
    office: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(rows):
        ApiToken.objects.create(user=AgentFactory.create(), name=f"T{n}", scopes=["read"])
    office.get(LIST)

    with django_assert_num_queries(7):
        office.get(LIST)
