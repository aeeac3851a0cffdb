"""Programs that call the interface: each with the token of one person."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from incidents.api import throttling
from incidents.models import ApiToken, Scope


def caller(user: User, scopes: Sequence[str] = tuple(Scope.values), **client: Any) -> APIClient:
    _, key = ApiToken.objects.create(user=user, name="test", scopes=list(scopes))
    api = APIClient(**client)
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return api


@pytest.fixture(autouse=True)
def _fresh_throttles(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In one long window, so that no minute ends while statements are counted."""
    monkeypatch.setitem(throttling.PERIODS, "m", 100_000_000)
    throttling.reset()
    yield
    throttling.reset()


@pytest.fixture
def as_alice(alice: User) -> APIClient:
    return caller(alice)


@pytest.fixture
def as_bob(bob: User) -> APIClient:
    return caller(bob)


@pytest.fixture
def as_carol(carol: User) -> APIClient:
    return caller(carol)


@pytest.fixture
def anyone(db: None) -> APIClient:
    return APIClient()


@pytest.fixture
def schema(db: None) -> dict[str, Any]:
    """The document of the interface. No row is in it, so it is drawn up once a process; nobody changes it."""
    return _drawn_up()


@cache
def _drawn_up() -> dict[str, Any]:
    answer = APIClient().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return json.loads(answer.content)  # type: ignore[no-any-return]
