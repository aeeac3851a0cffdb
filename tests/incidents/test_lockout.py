"""Guessing gets nobody in: ten tries are ten, whatever happens at the same moment or in between."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from incidents import brakes, lockout
from incidents.lockout import FEW, LOCKED_FOR, WRONG_ALLOWED, WRONG_ANYWHERE
from incidents.models import ApiToken, BrakeKind, Desk, Tally
from tests.factories import NOON, AgentFactory
from tests.racing import at_once

pytestmark = pytest.mark.django_db

HERE, THERE = "192.0.2.1", "198.51.100.7"
A_MINUTE = timedelta(minutes=1)


def tries(number: int, name: str = "carol", address: str = HERE, at: datetime = NOON) -> list[bool]:
    """Which of them got as far as having their password looked at."""
    return [lockout.enter(name, address, at=at) is None for _ in range(number)]


@pytest.mark.django_db(transaction=True)
def test_of_sixty_tries_at_once_ten_are_looked_at() -> None:
    Desk.objects.get_or_create(pk=1)

    until = at_once(60, lambda _n: lockout.enter("carol", HERE, at=NOON))

    assert until.count(None) == WRONG_ALLOWED
    assert set(until) == {None, NOON + LOCKED_FOR}


def test_a_lock_lasts_fifteen_minutes_from_the_last_try_that_was_counted() -> None:
    for minute in range(WRONG_ALLOWED):
        assert tries(1, at=NOON + minute * A_MINUTE) == [True]
    locked_at = NOON + (WRONG_ALLOWED - 1) * A_MINUTE

    knocking = [lockout.enter("carol", HERE, at=locked_at + n * A_MINUTE) for n in range(1, 15)]

    assert set(knocking) == {locked_at + LOCKED_FOR}
    assert tries(1, at=locked_at + LOCKED_FOR) == [True]


def test_invented_names_do_not_wash_a_lock_out() -> None:
    Desk.objects.update(wrong_secrets_per_address=1_000_000)
    tries(WRONG_ALLOWED)

    for number in range(1_000):
        lockout.enter(f"nobody-{number}", THERE, at=NOON + A_MINUTE)
    brakes.forget_ended(NOON + A_MINUTE)

    assert tries(1, at=NOON + 2 * A_MINUTE) == [False]


def test_one_address_makes_no_more_rows_than_it_has_tries() -> None:
    Desk.objects.update(wrong_secrets_per_address=20)

    looked_at = [lockout.enter(f"nobody-{number}", HERE, at=NOON) is None for number in range(200)]

    assert looked_at.count(True) == 20
    assert Tally.objects.count() <= 2 * 21 + 1
    assert tries(1, name="carol", address=THERE) == [True]


def test_addresses_of_one_ipv6_network_are_one() -> None:
    for number in range(WRONG_ALLOWED):
        tries(1, address=f"2001:db8:0:1::{number:x}")

    assert tries(1, address="2001:db8:0:1:ffff::1") == [False]
    assert tries(1, address="2001:db8:0:2::1") == [True]


def test_a_name_that_many_guess_at_is_slow_from_each_address_and_shut_from_none() -> None:
    for number in range(WRONG_ANYWHERE // 5):
        tries(5, address=f"203.0.113.{number}")

    assert tries(WRONG_ALLOWED, address=THERE) == [True] * FEW + [False] * (WRONG_ALLOWED - FEW)


def test_a_refused_try_counts_nowhere() -> None:
    tries(WRONG_ALLOWED + 200)

    assert Tally.objects.get(kind=BrakeKind.ADDRESS).count == WRONG_ALLOWED


def test_the_right_password_gives_back_its_own_try_and_no_other() -> None:
    tries(3, name="mallory")
    tries(3, name="carol")

    lockout.forget("carol", HERE)

    assert Tally.objects.get(kind=BrakeKind.ADDRESS).count == 5
    assert not Tally.objects.filter(kind=BrakeKind.NAME_AT_ADDRESS, subject__startswith="carol").exists()


def test_the_same_wrong_secret_again_is_no_guess() -> None:
    Desk.objects.update(wrong_secrets_per_address=5)

    again = [lockout.wrong("itsm_old", HERE, at=NOON) for _ in range(50)]
    others = [lockout.wrong(f"itsm_{number}", HERE, at=NOON) for number in range(6)]

    assert set(again) == {None}
    assert others == [None] * 4 + [NOON + LOCKED_FOR] * 2


def test_what_is_over_is_swept_and_what_holds_is_not() -> None:
    tries(1, name="early", at=NOON)
    tries(1, name="late", address=THERE, at=NOON + A_MINUTE)

    removed = brakes.forget_ended(NOON + LOCKED_FOR)

    assert (removed, Tally.objects.count()) == (3, 3)


# One lock for all doors


def wrong_tokens(client: Client, number: int) -> list[int]:
    return [
        client.get(
            "/api/v1/incidents/", headers={"Authorization": f"Bearer itsm_{n}"}, REMOTE_ADDR=HERE
        ).status_code
        for n in range(number)
    ]


@pytest.fixture
def five_allowed(db: None) -> None:
    Desk.objects.update(wrong_secrets_per_address=5)


def test_wrong_tokens_keys_links_and_passwords_count_together(
    client: Client, alice: User, five_allowed: None
) -> None:
    alice.set_password("right-7-horses")
    alice.save()
    log_in = {"username": "alice", "password": "right-7-horses"}

    said = [
        wrong_tokens(client, 1)[0],
        client.post("/api/v1/intake/none/", {}, "application/json", REMOTE_ADDR=HERE).status_code,
        client.post("/v2/enqueue", {"routing_key": "no"}, "application/json", REMOTE_ADDR=HERE).status_code,
        client.get("/track/nothing/", REMOTE_ADDR=HERE).status_code,
        client.post("/login/", {**log_in, "password": "no"}, REMOTE_ADDR=HERE).status_code,
    ]
    locked = [
        client.get("/api/v1/incidents/", headers={"Authorization": "Bearer itsm_x"}, REMOTE_ADDR=HERE),
        client.post("/api/v1/intake/other/", {}, "application/json", REMOTE_ADDR=HERE),
        client.get("/track/other/", REMOTE_ADDR=HERE),
    ]
    doors = [
        client.post(door, log_in, REMOTE_ADDR=HERE).content.decode() for door in ("/login/", "/admin/login/")
    ]
    elsewhere = client.post("/login/", log_in, REMOTE_ADDR=THERE)

    assert said == [401, 404, 400, 404, 200]
    assert [answer.status_code for answer in locked] == [429] * 3
    assert all(14 * 60 < int(answer["Retry-After"]) <= 15 * 60 for answer in locked)
    assert all("Too many wrong passwords from here. Try again in 15 minutes" in page for page in doors)
    assert elsewhere.status_code == 302


def test_a_right_token_from_a_locked_address_is_answered_like_a_wrong_one(
    client: Client, alice: User, five_allowed: None
) -> None:
    _, key = ApiToken.objects.create(user=alice, name="test", scopes=["read"])
    right = {"Authorization": f"Bearer {key}"}
    before = client.get("/api/v1/incidents/", headers=right, REMOTE_ADDR=HERE).status_code
    wrong_tokens(client, 6)

    here = client.get("/api/v1/incidents/", headers=right, REMOTE_ADDR=HERE)
    there = client.get("/api/v1/incidents/", headers=right, REMOTE_ADDR=THERE)

    assert (before, here.status_code, there.status_code) == (200, 429, 200)
    assert (
        here.json()
        == client.get(
            "/api/v1/incidents/", headers={"Authorization": "Bearer itsm_y"}, REMOTE_ADDR=HERE
        ).json()
    )


# What an administrator sees of it


def test_locks_are_shown_and_lifted(client: Client, carol: User) -> None:
    boss = AgentFactory.create(username="boss")
    boss.groups.add(Group.objects.get(name="Administrator"))
    client.force_login(boss)
    tries(WRONG_ALLOWED, at=timezone.now())
    tries(WRONG_ALLOWED - 1, name="nearly", address=THERE, at=timezone.now())
    lock = Tally.objects.get(kind=BrakeKind.NAME_AT_ADDRESS, subject__startswith="carol")

    page = client.get("/admin/incidents/tally/").content.decode()
    client.post("/admin/incidents/tally/", {"action": "lift", "_selected_action": [lock.pk]})

    assert "carol / 192.0.2.1" in page
    assert "nearly" not in page
    assert tries(1, at=timezone.now()) == [True]


def test_a_lock_that_is_over_is_not_shown(client: Client) -> None:
    boss = AgentFactory.create(username="boss")
    boss.groups.add(Group.objects.get(name="Auditor"))
    client.force_login(boss)
    tries(WRONG_ALLOWED, at=timezone.now())

    with time_machine.travel(timezone.now() + LOCKED_FOR):
        page = client.get("/admin/incidents/tally/").content.decode()

    assert "Nobody is locked out." in page
    assert "Lift the lock" not in page
