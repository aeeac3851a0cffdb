"""Whatever the schema allows, and a good deal that it does not: never a 5xx, never an undocumented answer."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings, strategies
from rest_framework.settings import api_settings
from schemathesis.specs.openapi import checks as openapi

from incidents.models import ApiToken, Incident, Source, Team, hash_of_key
from incidents.parsers.registry import SourceKind
from itsm.wsgi import application
from tests.factories import AgentFactory
from tests.thoroughness import tries_all

# Its examples are drawn inside the test, where the plugin of hypothesis does not see them.
pytestmark = pytest.mark.hypothesis

#: The key of a monitoring system.
INGEST = "a-key-that-monitoring-sends-along"
ROLES = ("Auditor", "Team lead", "Incident manager", "Administrator")
CALLERS = ("anonymous", "reader", "monitoring", "requester", "agent", *ROLES)
CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.response_headers_conformance,
    openapi.unsupported_method,
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


def read_to_the_end(environ: Any, start_response: Any) -> list[bytes]:
    """As a server does: the client leaves a download open that no check reads."""
    with closing(application(environ, start_response)) as answer:
        return [b"".join(answer)]


@pytest.fixture
def interface(_kept_connection: None) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", read_to_the_end)


@pytest.fixture
def callers(alice: User, carol: User, network: Team, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What each kind of caller sends as Authorization."""
    monkeypatch.setattr(
        api_settings,
        "DEFAULT_THROTTLE_RATES",
        {"person": "1000000/min", "address": "1000000/min", "source": "1000000/min"},
    )
    people = {"requester": carol, "agent": alice}
    for role in ROLES:
        people[role] = AgentFactory.create(role=role)
    keys = {role: bearer(user, "read", "write") for role, user in people.items()}
    Source.objects.create(name="Watch", kind=SourceKind.GENERIC, team=network, key_hash=hash_of_key(INGEST))
    return {"anonymous": "", "reader": bearer(alice, "read"), "monitoring": f"Bearer {INGEST}", **keys}


def bearer(user: User, *scopes: str) -> str:
    return f"Bearer {ApiToken.objects.create(user=user, name='fuzz', scopes=list(scopes))[1]}"


def test_interface_holds_for_every_caller(
    interface: Any, callers: dict[str, str], incident: Incident
) -> None:
    assert set(callers) == set(CALLERS)
    for found in interface.get_all_operations():
        try_out(found.ok(), callers, incident.number)


@pytest.mark.parametrize("caller", CALLERS)
def test_interface_holds_for_one_caller(
    caller: str, interface: Any, callers: dict[str, str], incident: Incident
) -> None:
    """What one of them leaves behind meets the next request of the same."""
    if not tries_all():
        pytest.skip("only in make fuzz: every day they take turns")
    for found in interface.get_all_operations():
        try_out(found.ok(), {caller: callers[caller]}, incident.number)


def try_out(operation: Any, callers: dict[str, str], number: str) -> None:
    @settings(
        max_examples=max(5, settings().max_examples // 20),
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), caller=strategies.sampled_from(sorted(callers)))
    def run(case: schemathesis.Case, caller: str) -> None:
        if case.path.startswith("/api/v1/incidents/{number}"):
            case.path_parameters["number"] = number
        if case.path.startswith("/api/v1/intake/") and caller == "monitoring":
            case.path_parameters["key"] = INGEST
        headers = {"If-Match": "*"} | ({"Authorization": callers[caller]} if callers[caller] else {})
        case.call_and_validate(headers=headers, checks=CHECKS)

    run()
