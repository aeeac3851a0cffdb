"""Severity that rises is told; severity that falls changes nothing by itself."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from incidents import workflow
from incidents.enums import EntryKind, Priority
from incidents.models import Alert, Incident
from incidents.parsers.registry import SourceKind
from notifications.routing.recipients import recipients
from tests.factories import agent_actor
from tests.incidents.ingest.conftest import alert, make_source, outcomes, send
from tests.incidents.ingest.test_parsers import PAYLOADS


def payload(name: str, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body | changes


RISES = {
    "generic": (
        SourceKind.GENERIC,
        alert(severity="warning"),
        alert(severity="critical"),
        Priority.CRITICAL,
    ),
    "nagios": (
        SourceKind.NAGIOS,
        payload("nagios_service_problem", SERVICESTATE="WARNING"),
        payload("nagios_service_problem", SERVICESTATE="CRITICAL"),
        Priority.CRITICAL,
    ),
    "datadog": (SourceKind.DATADOG, payload("datadog_warn"), payload("datadog_triggered"), Priority.HIGH),
    "datadog without a priority": (
        SourceKind.DATADOG,
        payload("datadog_warn", alert_priority="", severity=""),
        payload("datadog_triggered", alert_priority="", severity=""),
        Priority.HIGH,
    ),
}


@pytest.mark.parametrize("tool", sorted(RISES))
def test_worse_raises_the_priority_and_the_team_hears(monitoring: APIClient, alice: User, tool: str) -> None:
    kind, slight, severe, expected = RISES[tool]
    make_source(kind, "tool", team=alice.teams.get())

    send(monitoring, slight, key="tool")
    before = Incident.objects.get().priority
    decisions = send(monitoring, severe, key="tool")

    incident = Incident.objects.get()
    entry = incident.entries.order_by("-seq")[0]
    assert (before, incident.priority, outcomes(decisions)) == (Priority.MODERATE, expected, ["joined"])
    assert entry.kind == EntryKind.WORSENED
    assert [person.user_id for person in recipients(entry)] == [alice.pk]


@pytest.mark.parametrize("tool", sorted(RISES))
def test_better_changes_nothing_and_the_same_again_is_not_told_twice(
    monitoring: APIClient, tool: str
) -> None:
    kind, slight, severe, expected = RISES[tool]
    make_source(kind, "tool")
    for body in (slight, severe, slight, severe):
        send(monitoring, body, key="tool")

    incident = Incident.objects.get()
    told = incident.entries.filter(kind=EntryKind.WORSENED).count()
    assert (incident.priority, told, Alert.objects.get().count) == (expected, 1, 4)


def test_what_a_person_lowered_is_not_raised_by_the_same_alert(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert(severity="critical"))
    workflow.edit(
        Incident.objects.get(),
        actor=agent_actor(alice),
        at=timezone.now(),
        changes={"impact": 3, "urgency": 3},
    )
    send(monitoring, alert(severity="critical"))

    assert Incident.objects.get().priority == Priority.PLANNING


def test_firing_again_worse_than_the_last_time_is_told(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert(severity="warning"))
    workflow.acknowledge(Incident.objects.get(), actor=agent_actor(alice), at=timezone.now())
    send(monitoring, alert(status="resolved"))
    send(monitoring, alert(severity="critical"))

    assert Incident.objects.get().priority == Priority.CRITICAL


def test_unknown_word_is_not_worse(monitoring: APIClient) -> None:
    send(monitoring, alert(severity="info"))
    send(monitoring, alert(severity="purple"))

    assert Incident.objects.get().priority == Priority.PLANNING


def test_worse_among_repeats_is_told(monitoring: APIClient) -> None:
    """The fast way for repeats looks at each of them."""
    send(monitoring, [alert(key=str(n), severity="warning") for n in range(3)])
    send(monitoring, [alert(key=str(n), severity="critical" if n == 1 else "warning") for n in range(3)])

    found = Incident.objects.order_by("pk").values_list("priority", flat=True)
    assert list(found) == [Priority.MODERATE, Priority.CRITICAL, Priority.MODERATE]
