from typing import Any

import pytest
from rest_framework.test import APIClient

from incidents.api import throttling
from incidents.models import Service, Source, hash_of_key
from incidents.parsers.registry import SourceKind

KEY = "key-of-the-source"


def make_source(kind: str = SourceKind.GENERIC, key: str = KEY, **facts: Any) -> Source:
    return Source.objects.create(name=f"{kind} {key}", kind=kind, key_hash=hash_of_key(key), **facts)


@pytest.fixture(autouse=True)
def _one_long_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no minute ends, and nothing is drawn anew, while statements are counted."""
    monkeypatch.setitem(throttling.PERIODS, "m", 100_000_000)
    throttling.reset()


@pytest.fixture
def source(vpn: Service) -> Source:
    return make_source()


@pytest.fixture
def monitoring(source: Source) -> APIClient:
    """A monitoring system that knows its address."""
    return APIClient()


def send(client: APIClient, body: Any, key: str = KEY, **headers: str) -> list[dict[str, Any]]:
    answer = client.post(f"/api/v1/intake/{key}/", body, format="json", headers=headers)
    assert answer.status_code == 202, answer.content
    decisions: list[dict[str, Any]] = answer.json()["decisions"]
    return decisions


def outcomes(decisions: list[dict[str, Any]]) -> list[str]:
    return [decision["outcome"] for decision in decisions]


def alert(**changes: Any) -> dict[str, Any]:
    return {"key": "disk/db-3", "title": "Disk is full", "severity": "critical", "service": "VPN", **changes}
