"""Whatever the schema allows, and a good deal that it does not: never a 5xx, never an undocumented answer."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from rest_framework.settings import api_settings
from schemathesis.specs.openapi import checks as openapi

from incidents.models import ApiToken, Incident
from itsm.wsgi import application

# Its examples are drawn inside the test, where the plugin of hypothesis does not see them.
pytestmark = pytest.mark.hypothesis

CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
]


@pytest.fixture
def _kept_connection(db: None) -> Iterator[None]:
    """As Django's own test client: the end of a request does not end the connection of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def interface(_kept_connection: None) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application)


@pytest.fixture
def key(alice: User, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(
        api_settings,
        "DEFAULT_THROTTLE_RATES",
        {"person": "1000000/min", "address": "1000000/min", "source": "1000000/min"},
    )
    return str(ApiToken.objects.create(user=alice, name="fuzz", scopes=["read", "write"])[1])


def test_interface_holds(interface: Any, key: str, incident: Incident) -> None:
    for found in interface.get_all_operations():
        try_out(found.ok(), key, incident.number)


def try_out(operation: Any, key: str, number: str) -> None:
    @settings(
        max_examples=max(5, settings().max_examples // 20),
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def run(case: schemathesis.Case) -> None:
        if case.path.startswith("/api/v1/incidents/{number}"):
            case.path_parameters["number"] = number
        headers = {"Authorization": f"Bearer {key}", "If-Match": "*"}
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
