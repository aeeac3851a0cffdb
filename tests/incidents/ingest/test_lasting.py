"""Merged, cancelled and resolved incidents swallow no alarm, and neither does a window that ends."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from incidents import tasks, workflow
from incidents.enums import EntryKind, State
from incidents.ingest import watching
from incidents.models import Alert, Desk, Incident, MaintenanceWindow, PriorityRule, Service, SetAside
from notifications.routing.recipients import recipients
from tests.factories import agent_actor
from tests.incidents.ingest.conftest import alert, outcomes, send

NOW = timezone.now()
#: Later than `Desk.still_firing_after_minutes`.
LATER = timedelta(hours=1)


def by(user: User) -> dict[str, object]:
    return {"actor": agent_actor(user), "at": timezone.now()}


@pytest.fixture
def merged(monitoring: APIClient, alice: User) -> tuple[Incident, Incident]:
    """A, and B that was merged into it; the alerts of both fire."""
    send(monitoring, [alert(key="a", title="A"), alert(key="b", title="B")])
    first, second = Incident.objects.order_by("pk")
    workflow.merge(second, into=first, **by(alice))
    first.refresh_from_db()
    second.refresh_from_db()
    return first, second


def open_window(service: Service) -> MaintenanceWindow:
    now = timezone.now()
    return MaintenanceWindow.objects.create(
        service=service, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=1), reason="Update"
    )


def told(incident: Incident) -> int:
    return incident.entries.filter(kind=EntryKind.STILL_FIRING).count()


def test_incident_stays_open_while_an_alert_of_its_duplicate_fires(
    monitoring: APIClient, merged: tuple[Incident, Incident]
) -> None:
    first, _ = merged
    decisions = send(monitoring, alert(key="a", status="resolved"))

    first.refresh_from_db()
    assert (outcomes(decisions), first.is_open) == (["resolved"], True)


@pytest.mark.parametrize("moved", [True, False])
def test_repeat_of_a_merged_alert_joins_what_goes_on(
    monitoring: APIClient, merged: tuple[Incident, Incident], moved: bool
) -> None:
    first, second = merged
    Alert.objects.filter(dedup_key="b").update(incident=first if moved else second)
    decisions = send(monitoring, alert(key="b", title="B"))

    assert [row["incident"] for row in decisions] == [first.number]
    assert Alert.objects.get(dedup_key="b").incident == first


@pytest.mark.parametrize("moved", [True, False])
def test_end_of_a_merged_alert_is_heard_where_it_goes_on(
    monitoring: APIClient, merged: tuple[Incident, Incident], moved: bool
) -> None:
    first, second = merged
    Alert.objects.filter(dedup_key="b").update(incident=first if moved else second)
    decisions = send(monitoring, alert(key="b", status="resolved"))

    last = first.entries.order_by("-seq")[0]
    assert [row["incident"] for row in decisions] == [first.number]
    assert (last.kind, last.text) == (EntryKind.ALERTED, "Is over: B")


def test_chain_of_merges_is_followed_to_its_end(
    monitoring: APIClient, alice: User, merged: tuple[Incident, Incident]
) -> None:
    first, second = merged
    Alert.objects.filter(dedup_key="b").update(incident=second)
    send(monitoring, alert(key="c", title="C"))
    third = Incident.objects.order_by("-pk")[0]
    workflow.merge(first, into=third, **by(alice))

    assert [row["incident"] for row in send(monitoring, alert(key="b"))] == [third.number]


@pytest.mark.parametrize("end", ["resolve", "cancel"])
def test_alert_that_outlasts_its_incident_is_told_once(monitoring: APIClient, alice: User, end: str) -> None:
    send(monitoring, alert())
    incident = Incident.objects.get()
    if end == "resolve":
        workflow.resolve(incident, code="fixed", text="New disk", **by(alice))
    else:
        workflow.cancel(incident, reason="Noise", **by(alice))

    early = watching.tell_of_lasting(timezone.now())
    late = watching.tell_of_lasting(timezone.now() + LATER)
    again = watching.tell_of_lasting(timezone.now() + 2 * LATER)

    entry = incident.entries.order_by("-seq")[0]
    assert (early, late, again, told(incident)) == (0, 1, 0, 1)
    assert [person.user_id for person in recipients(entry)] == [alice.pk]


def test_alert_that_outlasts_its_incident_is_told_when_it_is_repeated(
    monitoring: APIClient, alice: User
) -> None:
    send(monitoring, alert())
    incident = Incident.objects.get()
    workflow.cancel(incident, reason="Noise", **by(alice))
    send(monitoring, alert())
    early = told(incident)
    Incident.objects.update(closed_at=timezone.now() - LATER)
    send(monitoring, alert())
    send(monitoring, alert())

    assert (early, told(incident)) == (0, 1)


def test_second_end_by_hand_is_told_again(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    incident = Incident.objects.get()
    workflow.resolve(incident, code="fixed", text="New disk", **by(alice))
    watching.tell_of_lasting(timezone.now() + LATER)
    incident.refresh_from_db()
    at = timezone.now() + 2 * LATER
    workflow.reopen(incident, actor=agent_actor(alice), at=at, text="Not over")
    workflow.resolve(incident, actor=agent_actor(alice), at=at, code="fixed", text="Now it is")

    assert watching.tell_of_lasting(at + LATER) == 1


def test_desk_decides_how_long_is_a_while(monitoring: APIClient, alice: User) -> None:
    Desk.objects.update(still_firing_after_minutes=300)
    send(monitoring, alert())
    workflow.cancel(Incident.objects.get(), reason="Noise", **by(alice))

    assert watching.tell_of_lasting(timezone.now() + LATER) == 0


def test_ended_alert_outlasts_nothing(monitoring: APIClient, alice: User) -> None:
    send(monitoring, alert())
    workflow.cancel(Incident.objects.get(), reason="Noise", **by(alice))
    send(monitoring, alert(status="resolved"))

    assert watching.tell_of_lasting(timezone.now() + LATER) == 0


@pytest.mark.parametrize("how", ["ends", "shortened", "deleted", "service out of use"])
def test_alert_that_outlasts_a_window_opens_without_a_repeat(
    monitoring: APIClient, vpn: Service, how: str
) -> None:
    window = open_window(vpn)
    send(monitoring, alert(description="1 GB left", severity="error", labels={"rack": "7"}))
    inside = watching.open_outlasting(timezone.now())
    at = timezone.now() + timedelta(hours=2) if how == "ends" else timezone.now()
    if how == "shortened":
        MaintenanceWindow.objects.update(ends_at=at - timedelta(minutes=1))
    elif how == "deleted":
        window.delete()
    elif how == "service out of use":
        Service.objects.update(is_active=False)

    opened = watching.open_outlasting(at)

    incident = Incident.objects.get()
    assert (inside, opened, watching.open_outlasting(at)) == (0, 1, 0)
    assert (incident.title, incident.priority) == ("Disk is full", 2)
    assert incident.service == (None if how == "service out of use" else vpn)
    assert "1 GB left" in incident.description
    assert "rack: 7" in incident.description
    assert Alert.objects.get().incident == incident


def test_alert_that_ended_in_the_window_opens_nothing_after_it(monitoring: APIClient, vpn: Service) -> None:
    window = open_window(vpn)
    send(monitoring, alert())
    send(monitoring, alert(status="resolved"))
    window.delete()

    assert watching.open_outlasting(timezone.now()) == 0


def test_alert_of_a_window_joins_the_open_incident_of_its_key(
    monitoring: APIClient, vpn: Service, alice: User
) -> None:
    send(monitoring, alert())
    workflow.acknowledge(Incident.objects.get(), **by(alice))
    send(monitoring, alert(status="resolved"))
    window = open_window(vpn)
    send(monitoring, alert())
    window.delete()

    assert (watching.open_outlasting(timezone.now()), Incident.objects.count()) == (1, 1)


def test_one_alert_that_fails_is_put_off_and_the_next_is_opened(monitoring: APIClient, vpn: Service) -> None:
    window = open_window(vpn)
    send(monitoring, [alert(key="bad", severity="critical"), alert(key="good", severity="info")])
    window.delete()
    PriorityRule.objects.filter(impact=1, urgency=1).delete()
    at = timezone.now()

    opened = watching.open_outlasting(at)

    bad = Alert.objects.get(dedup_key="bad")
    assert (opened, Incident.objects.get().priority) == (1, 5)
    assert bad.incident is None
    assert SetAside.objects.get().row_id == bad.pk
    assert watching.open_outlasting(at) == 0  # it waits for its next try


def test_task_does_all_of_it(monitoring: APIClient, vpn: Service, alice: User) -> None:
    window = open_window(vpn)
    send(monitoring, alert(key="window"))
    window.delete()
    send(monitoring, alert(key="over"))
    over = Alert.objects.get(dedup_key="over").incident
    assert over is not None
    workflow.cancel(over, reason="Noise", **by(alice))
    Incident.objects.filter(pk=over.pk).update(closed_at=timezone.now() - LATER)

    tasks.watch_alerts()

    window_alert = Alert.objects.get(dedup_key="window")
    assert window_alert.incident is not None
    assert window_alert.incident.state == State.NEW
    assert told(over) == 1
