from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.models import ApiToken, Incident
from tests.factories import AgentFactory
from tests.incidents.api.conftest import caller

LIST = "/api/v1/incidents/"


def bearer(key: str) -> APIClient:
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return api


def test_key_is_kept_only_as_a_digest(alice: User) -> None:
    token, key = ApiToken.objects.create(user=alice, name="test", scopes=["read"])

    assert key.startswith("itsm_")
    assert len(key) >= 64
    kept = " ".join(str(value) for value in ApiToken.objects.filter(pk=token.pk).values_list().get())
    assert key not in kept
    assert key[20:] not in kept
    assert len(token.digest) == 128


@pytest.mark.parametrize("key", ["itsm_wrong", "", "é", "a b", "\x00"])
def test_unknown_key_is_refused(db: None, key: str) -> None:
    answer = bearer(key).get(LIST)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"] == "/api/v1/problems/unauthenticated/"


def test_nobody_gets_in_without_a_key(anyone: APIClient, incident: Incident) -> None:
    assert anyone.get(f"{LIST}{incident.number}/").status_code == 401


def test_expired_key_is_refused(alice: User) -> None:
    api = caller(alice)

    before = api.get(LIST).status_code
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        after = api.get(LIST).status_code

    assert (before, after) == (200, 401)


def test_key_of_somebody_who_left_is_refused(alice: User) -> None:
    api = caller(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)

    assert api.get(LIST).status_code == 401


def test_key_ends_with_the_password_of_its_person(alice: User) -> None:
    api, other = caller(alice), caller(AgentFactory.create())
    _, key = ApiToken.objects.create(user=alice, name="lasting", scopes=["read"], outlives_password=True)
    lasting = bearer(key)

    alice.set_password("left-9-camels")
    alice.save()

    assert [each.get(LIST).status_code for each in (api, lasting, other)] == [401, 200, 200]


def test_key_ends_when_its_person_may_not_log_in_by_password_any_more(alice: User) -> None:
    api = caller(alice)
    alice.set_unusable_password()
    alice.save()

    assert api.get(LIST).status_code == 401


def test_key_goes_on_when_log_in_makes_the_kept_password_stronger(alice: User, client: Client) -> None:
    alice.password = make_password(
        "right-7-horses", hasher="pbkdf2_sha256"
    )  # not the hasher of these settings
    alice.save()
    api = caller(alice)

    entered = client.post("/login/", {"username": "alice", "password": "right-7-horses"})

    alice.refresh_from_db()
    assert entered.status_code == 302
    assert alice.password.startswith("md5$")
    assert api.get(LIST).status_code == 200


def test_an_administrator_sees_which_keys_ended(alice: User, admin_client: Client) -> None:
    ApiToken.objects.create(user=alice, name="test", scopes=["read"])
    alice.set_password("left-9-camels")
    alice.save()

    assert "Ended with the old password" in admin_client.get("/admin/incidents/apitoken/").content.decode()


def test_revoked_key_is_refused(alice: User) -> None:
    api = caller(alice)
    ApiToken.objects.all().delete()

    assert api.get(LIST).status_code == 401


def test_scope_cuts_what_a_token_may_do(alice: User, incident: Incident) -> None:
    reads, writes = caller(alice, ["read"]), caller(alice, ["write"])
    address = f"{LIST}{incident.number}/"

    refused = [
        reads.post(LIST, {"title": "T"}),
        reads.patch(address, {"title": "T"}, headers={"If-Match": "*"}),
        reads.post(f"{address}acknowledge/", {}, headers={"If-Match": "*"}),
        writes.get(address),
    ]

    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {
        (403, "/api/v1/problems/insufficient-scope/")
    }
    assert (reads.get(address).status_code, writes.post(LIST, {"title": "T"}).status_code) == (200, 201)


def test_use_is_noted_once_a_minute(alice: User) -> None:
    api = caller(alice)
    start = timezone.now()

    with time_machine.travel(start, tick=False) as clock:
        api.get(LIST)
        clock.shift(30)
        api.get(LIST)
        soon = ApiToken.objects.get().last_used_at
        clock.shift(31)
        api.get(LIST)
        later = ApiToken.objects.get().last_used_at

    assert (soon, later) == (start, start + timedelta(seconds=61))


def test_session_may_read_and_needs_the_csrf_token_to_write(alice: User) -> None:
    api = APIClient(enforce_csrf_checks=True)
    api.force_login(alice)

    assert api.get(LIST).status_code == 200
    assert api.post(LIST, {"title": "T"}).status_code == 403
    assert Incident.objects.count() == 0


def test_command_makes_a_token_and_shows_it_once(alice: User) -> None:
    out = StringIO()

    call_command("create_token", "alice", "--scope", "read", "--name", "Sync", "--days", "7", stdout=out)

    key = out.getvalue().strip().splitlines()[-1].strip()
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scopes) == (alice, "Sync", ["read"])
    assert timedelta(days=6) < token.expiry - timezone.now() < timedelta(days=7)
    assert bearer(key).get(LIST).status_code == 200


def test_command_names_what_is_wrong(db: None) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("create_token", "nobody", "--scope", "read")
