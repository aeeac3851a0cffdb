"""One condition, one incident, whatever is sent and in whatever order."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from incidents import workflow
from incidents.enums import Channel, EntryKind, ResolutionCode, State
from incidents.models import Alert, Incident, IngestEvent, MaintenanceWindow, Service, Source, Team
from tests.factories import agent_actor
from tests.incidents.ingest.conftest import alert, make_source, outcomes, send


def doing(user: User) -> dict[str, Any]:
    return {"actor": agent_actor(user), "at": timezone.now()}


def test_new_alert_opens_an_incident(monitoring: APIClient, vpn: Service, source: Source) -> None:
    decisions = send(
        monitoring,
        alert(
            description="1 GB left",
            source="db-3",
            starts_at="2026-03-02T07:00:00Z",
            url="https://m.example/1",
        ),
    )

    incident = Incident.objects.get()
    assert decisions == [{"key": "disk/db-3", "outcome": "opened", "incident": incident.number}]
    assert (incident.title, incident.channel, incident.opened_by) == (
        "Disk is full",
        Channel.MONITORING,
        None,
    )
    assert (incident.service, incident.team, incident.priority) == (vpn, vpn.team, 1)
    assert incident.description.splitlines()[0] == "1 GB left"
    assert "https://m.example/1" in incident.description
    assert incident.started_at is not None
    assert Alert.objects.get().incident == incident
    assert (IngestEvent.objects.get().decisions, IngestEvent.objects.get().source) == (decisions, source)


def test_repeat_joins_and_is_only_counted(monitoring: APIClient) -> None:
    send(monitoring, alert())
    decisions = send(monitoring, alert())

    assert outcomes(decisions) == ["joined"]
    assert (Incident.objects.count(), Alert.objects.get().count) == (1, 2)
    assert Incident.objects.get().entries.count() == 1
    assert IngestEvent.objects.count() == 2


def test_same_key_twice_in_a_body_opens_one(monitoring: APIClient) -> None:
    assert outcomes(send(monitoring, [alert(), alert(), alert(key="other")])) == [
        "opened",
        "joined",
        "opened",
    ]
    assert Incident.objects.count() == 2


def test_key_belongs_to_its_source(monitoring: APIClient) -> None:
    make_source(key="second")
    send(monitoring, alert())

    assert outcomes(send(monitoring, alert(), key="second")) == ["opened"]


def test_end_resolves_what_nobody_has_taken(monitoring: APIClient) -> None:
    send(monitoring, alert())
    decisions = send(monitoring, alert(status="resolved"))

    incident = Incident.objects.get()
    assert (outcomes(decisions), incident.state) == (["resolved"], State.RESOLVED)
    assert incident.resolution_code == ResolutionCode.RECOVERED
    assert Alert.objects.get().ended_at is not None


def test_end_leaves_to_people_what_they_work_on(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    workflow.acknowledge(Incident.objects.get(), **doing(alice))
    decisions = send(monitoring, alert(status="resolved"))

    incident = Incident.objects.get()
    last = incident.entries.order_by("-seq")[0]
    assert (outcomes(decisions), incident.state) == (["resolved"], State.IN_PROGRESS)
    assert (last.kind, last.visibility, last.text) == (EntryKind.ALERTED, "internal", "Is over: Disk is full")


def test_firing_again_reopens_what_is_resolved(monitoring: APIClient) -> None:
    send(monitoring, alert())
    send(monitoring, alert(status="resolved"))
    decisions = send(monitoring, alert())

    incident = Incident.objects.get()
    assert (outcomes(decisions), incident.state, incident.reopen_count) == (
        ["reopened"],
        State.IN_PROGRESS,
        1,
    )
    assert Alert.objects.count() == 2


def test_firing_again_joins_what_is_still_open(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    workflow.acknowledge(Incident.objects.get(), **doing(alice))
    send(monitoring, alert(status="resolved"))
    decisions = send(monitoring, alert())

    assert outcomes(decisions) == ["joined"]
    assert Incident.objects.get().entries.order_by("-seq")[0].text == "Fires again: Disk is full"


@pytest.mark.parametrize("ended", [True, False])
def test_firing_again_after_closing_follows_up(monitoring: APIClient, alice: User, ended: bool) -> None:
    send(monitoring, alert())
    old = Incident.objects.get()
    if ended:
        send(monitoring, alert(status="resolved"))
        old.refresh_from_db()
    else:
        workflow.resolve(old, code="fixed", text="New disk", **doing(alice))
    workflow.close(old, **doing(alice))
    decisions = send(monitoring, alert())

    new = Incident.objects.exclude(pk=old.pk).get()
    assert (outcomes(decisions), new.follows_up) == (["opened"], old)


def test_repeat_of_a_cancelled_one_stays_silent(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    workflow.cancel(Incident.objects.get(), reason="Known noise", **doing(alice))

    assert outcomes(send(monitoring, alert())) == ["joined"]
    assert Incident.objects.count() == 1


def test_maintenance_suppresses_and_what_outlasts_it_opens(monitoring: APIClient, vpn: Service) -> None:
    now = timezone.now()
    window = MaintenanceWindow.objects.create(
        service=vpn, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), reason="Update"
    )
    first = send(monitoring, alert())
    repeat = send(monitoring, alert())
    silent = Incident.objects.count()
    window.delete()
    after = send(monitoring, alert())

    assert outcomes(first + repeat + after) == ["suppressed", "suppressed", "opened"]
    assert (silent, Incident.objects.count(), Alert.objects.get().count) == (0, 1, 3)


def test_end_of_a_suppressed_one_ends_it_silently(monitoring: APIClient, vpn: Service) -> None:
    now = timezone.now()
    MaintenanceWindow.objects.create(
        service=vpn, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), reason="Update"
    )
    send(monitoring, alert())

    assert outcomes(send(monitoring, alert(status="resolved"))) == ["resolved"]
    assert (Incident.objects.count(), Alert.objects.firing().count()) == (0, 0)


def test_acknowledgement_in_the_tool_acknowledges(monitoring: APIClient) -> None:
    unknown = send(monitoring, alert(status="acknowledged"))
    send(monitoring, alert())
    decisions = [
        *send(monitoring, alert(status="acknowledged")),
        *send(monitoring, alert(status="acknowledged")),
    ]

    assert outcomes(unknown + decisions) == ["ignored", "joined", "joined"]
    assert Incident.objects.get().state == State.IN_PROGRESS


def test_end_of_what_is_unknown_is_ignored(monitoring: APIClient) -> None:
    assert outcomes(send(monitoring, alert(status="resolved"))) == ["ignored"]
    assert Incident.objects.count() == 0


def test_end_that_overtakes_its_beginning_opens_nothing(monitoring: APIClient) -> None:
    times = {"starts_at": "2026-03-02T07:00:00Z"}
    decisions = [
        *send(monitoring, alert(status="resolved", ends_at="2026-03-02T08:00:00Z", **times)),
        *send(monitoring, alert(**times)),
        *send(monitoring, alert(starts_at="2026-03-02T09:00:00Z")),
    ]

    assert outcomes(decisions) == ["ignored", "ignored", "opened"]


def test_end_of_an_earlier_time_ends_nothing(monitoring: APIClient) -> None:
    early = {"starts_at": "2026-03-02T07:00:00Z"}
    late = {"starts_at": "2026-03-02T09:00:00Z"}
    decisions = [
        *send(monitoring, alert(**early)),
        *send(monitoring, alert(status="resolved", ends_at="2026-03-02T08:00:00Z", **early)),
        *send(monitoring, alert(**early)),
        *send(monitoring, alert(**late)),
        *send(monitoring, alert(status="resolved", ends_at="2026-03-02T08:00:00Z", **early)),
    ]

    assert outcomes(decisions) == ["opened", "resolved", "reopened", "joined", "ignored"]
    assert Incident.objects.get().state == State.IN_PROGRESS


@pytest.mark.parametrize("severity", ["none", " None "])
def test_heartbeat_opens_nothing(monitoring: APIClient, severity: str) -> None:
    assert outcomes(send(monitoring, alert(severity=severity))) == ["ignored"]
    assert Alert.objects.count() == 0


@pytest.mark.parametrize(
    ("severity", "priority"),
    [("critical", 1), ("CRITICAL ", 1), ("error", 2), ("warning", 3), ("info", 5), (None, 3), ("odd", 3)],
)
def test_severity_becomes_a_priority(monitoring: APIClient, severity: str | None, priority: int) -> None:
    send(monitoring, alert(severity=severity))

    assert Incident.objects.get().priority == priority


def test_source_names_service_and_team_where_the_alert_does_not(
    monitoring: APIClient, source: Source, vpn: Service, workplace: Team
) -> None:
    source.team = workplace
    source.save()
    send(monitoring, alert(key="1", service="Nobody knows it"))
    source.service = vpn
    source.save()
    send(monitoring, alert(key="2", service="vpn"))
    send(monitoring, alert(key="3", service=None))

    found = [(row.service, row.team) for row in Incident.objects.order_by("pk")]
    assert found == [(None, workplace), (vpn, vpn.team), (vpn, vpn.team)]


def test_words_that_cannot_be_kept_are_made_fit(monitoring: APIClient) -> None:
    body = alert(
        title="a\x00b\r\nc", key="k\x00\n", description="d\x00e", source="=1+1", extra={"token": "secret"}
    )

    send(monitoring, body)

    incident, event = Incident.objects.get(), IngestEvent.objects.get()
    assert incident.title == "a b c"
    assert "\x00" not in incident.description + Alert.objects.get().dedup_key
    assert "secret" not in str(event.payload)
    assert event.payload["title"] == "a\ufffdb\r\nc"


def test_long_words_are_cut(monitoring: APIClient) -> None:
    send(monitoring, alert(title="t" * 5000, key="k" * 5000, severity="s" * 500, description="d" * 100_000))

    assert len(Incident.objects.get().title) == 200
    assert len(Alert.objects.get().dedup_key) == 255
    assert outcomes(send(monitoring, alert(key="k" * 5000))) == ["joined"]
    assert outcomes(send(monitoring, alert(key="k" * 5000 + "2"))) == ["opened"]
