"""An alert fires, ends and fires again: what fires after a heard end fires, whatever the clocks say."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from incidents import workflow
from incidents.enums import EntryKind, State, Via
from incidents.models import Alert, Incident, Service
from incidents.parsers.registry import SourceKind
from incidents.policies import Actor
from tests.factories import agent_actor, make_incident
from tests.incidents.ingest.conftest import alert, make_source, outcomes, send
from tests.incidents.ingest.test_parsers import PAYLOADS


def ago(seconds: int) -> str:
    return (timezone.now() - timedelta(seconds=seconds)).isoformat()


def payload(name: str, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body | changes


def test_what_began_before_we_heard_of_the_end_fires(monitoring: APIClient) -> None:
    decisions = [
        *send(monitoring, alert(starts_at=ago(300))),
        *send(monitoring, alert(status="resolved")),
        *send(monitoring, alert(starts_at=ago(299))),
    ]

    assert outcomes(decisions) == ["opened", "resolved", "reopened"]


def test_end_by_the_senders_clock_ends_what_began_by_ours(monitoring: APIClient) -> None:
    send(monitoring, alert())
    decisions = send(monitoring, alert(status="resolved", ends_at=ago(120)))

    row = Alert.objects.get()
    assert outcomes(decisions) == ["resolved"]
    assert row.ended_at is not None
    assert row.sent_ended_at is not None
    assert row.sent_started_at is None
    assert row.started_at < row.ended_at


def test_issue_that_comes_back_reopens(monitoring: APIClient) -> None:
    make_source(SourceKind.SENTRY, "sentry")
    resolved = payload("sentry_issue_resolved")
    event = {"Sentry-Hook-Resource": "event_alert"}
    issue = {"Sentry-Hook-Resource": "issue"}

    decisions = [
        *send(monitoring, payload("sentry_event_alert"), key="sentry", **event),
        *send(monitoring, resolved, key="sentry", **issue),
        *send(monitoring, {**resolved, "action": "unresolved"}, key="sentry", **issue),
    ]

    assert outcomes(decisions) == ["opened", "resolved", "reopened"]


def test_firing_again_with_the_same_start_fires(monitoring: APIClient) -> None:
    make_source(SourceKind.ALERTMANAGER, "am")
    firing = payload("alertmanager_firing_1")
    ended = {**firing["alerts"][0], "status": "resolved", "endsAt": "2026-03-02T08:02:05.118Z"}

    decisions = [
        *send(monitoring, firing, key="am"),
        *send(monitoring, {**firing, "alerts": [ended]}, key="am"),
        *send(monitoring, firing, key="am"),
    ]

    assert outcomes(decisions) == ["opened", "resolved", "reopened"]
    assert Alert.objects.firing().count() == 1


def test_end_that_overtook_its_beginning_takes_away_one_beginning_only(monitoring: APIClient) -> None:
    times = {"starts_at": "2026-03-02T07:00:00Z"}
    decisions = [
        *send(monitoring, alert(status="resolved", ends_at="2026-03-02T08:00:00Z", **times)),
        *send(monitoring, alert(**times)),
        *send(monitoring, alert(**times)),
    ]

    assert outcomes(decisions) == ["ignored", "ignored", "opened"]


def test_end_of_an_earlier_time_heard_late_ends_nothing(monitoring: APIClient) -> None:
    """Each repeat says since when; the latest counts."""
    decisions = [
        *send(monitoring, alert(starts_at="2026-03-02T07:00:00Z")),
        *send(monitoring, alert(starts_at="2026-03-02T09:00:00Z")),
        *send(monitoring, alert(status="resolved", ends_at="2026-03-02T08:00:00Z")),
    ]

    assert outcomes(decisions) == ["opened", "joined", "ignored"]
    assert Alert.objects.firing().count() == 1


def test_flap_that_nobody_touched_is_resolved_each_time(monitoring: APIClient) -> None:
    for _ in range(2):
        send(monitoring, alert())
        send(monitoring, alert(status="resolved"))

    incident = Incident.objects.get()
    assert (incident.state, incident.reopen_count) == (State.RESOLVED, 1)
    assert incident.acknowledged_at is None


@pytest.mark.parametrize("touch", ["note", "reopen", "child"])
def test_recovery_leaves_what_a_person_touched(
    monitoring: APIClient, alice: User, vpn: Service, touch: str
) -> None:
    by = {"actor": agent_actor(alice), "at": timezone.now()}
    send(monitoring, alert())
    incident = Incident.objects.get()
    if touch == "note":
        workflow.note(incident, text="Looking into it", **by)
    elif touch == "reopen":
        send(monitoring, alert(status="resolved"))
        incident.refresh_from_db()
        workflow.reopen(incident, text="It is not over", **by)
        send(monitoring, alert())
    else:
        workflow.link_parent(make_incident(service=vpn), parent=incident, **by)
    send(monitoring, alert(status="resolved"))

    incident.refresh_from_db()
    assert incident.is_open
    assert incident.entries.order_by("-seq")[0].kind == EntryKind.ALERTED


def test_recovery_resolves_what_somebody_only_watches(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    workflow.watch(Incident.objects.get(), actor=agent_actor(alice), at=timezone.now(), user=alice)
    send(monitoring, alert(status="resolved"))

    assert Incident.objects.get().state == State.RESOLVED


def test_acknowledgement_in_the_tool_keeps_it_from_being_resolved(monitoring: APIClient) -> None:
    send(monitoring, alert())
    send(monitoring, alert(status="acknowledged"))
    send(monitoring, alert(status="resolved"))

    assert Incident.objects.get().state == State.IN_PROGRESS


def test_recovery_waits_for_the_last_of_several(monitoring: APIClient) -> None:
    send(monitoring, [alert(key="a"), alert(key="b")])
    first, second = Incident.objects.order_by("pk")
    Alert.objects.filter(incident=second).update(incident=first)

    send(monitoring, alert(key="a", status="resolved"))
    first.refresh_from_db()
    half = first.state
    send(monitoring, alert(key="b", status="resolved"))

    first.refresh_from_db()
    assert (half, first.state) == (State.NEW, State.RESOLVED)


def test_start_a_moment_ahead_of_our_clock_is_kept(monitoring: APIClient) -> None:
    send(monitoring, alert(starts_at=(timezone.now() + timedelta(minutes=3)).isoformat()))

    incident = Incident.objects.get()
    assert incident.started_at == incident.opened_at


def test_machine_is_no_person(monitoring: APIClient) -> None:
    """What the system writes by itself has not touched it."""
    send(monitoring, alert())
    incident = Incident.objects.get()
    machine = Actor(None, Via.SYSTEM)
    workflow.note(incident, actor=machine, at=timezone.now(), text="Target missed")
    send(monitoring, alert(status="resolved"))

    assert Incident.objects.get().state == State.RESOLVED


def test_sent_times_stay_apart_from_ours(monitoring: APIClient) -> None:
    sent = "2026-03-02T07:00:00+00:00"
    send(monitoring, alert(starts_at=sent))

    row = Alert.objects.get()
    assert row.sent_started_at == row.started_at == datetime.fromisoformat(sent)
    assert row.last_seen_at > row.started_at
