"""Alert sources and received events in the admin."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from incidents.models import Desk, Incident, IngestEvent, Service, Source, Team
from tests.factories import NOON, make_incident
from tests.incidents.admin.conftest import Entered

FORM = {"name": "Prometheus", "kind": "alertmanager", "is_active": "on", "time_zone": ""}
NOBODY = "Nobody will hear"


@pytest.fixture
def source(db: None) -> Source:
    return Source.objects.create(name="Zabbix", key_hash="a" * 64)


def pages(client: Any, source: Source) -> dict[str, str]:
    change = reverse("admin:incidents_source_change", args=[source.pk])
    return {
        "list": client.get(reverse("admin:incidents_source_changelist")).content.decode(),
        "form": client.get(change).content.decode(),
        "saved": client.post(change, FORM, follow=True).content.decode(),
        "key": client.post(reverse("admin:incidents_source_key", args=[source.pk])).content.decode(),
    }


def test_source_without_team_and_service_says_that_nobody_will_hear(
    administrator: User, entered: Entered, source: Source
) -> None:
    shown = pages(entered(administrator), source)

    assert ">Nobody<" in shown.pop("list")
    assert [NOBODY in page for page in shown.values()] == [True, True, True]


@pytest.mark.parametrize("hears", ["team", "service", "default team"])
def test_source_that_somebody_hears_says_nothing(
    administrator: User, entered: Entered, source: Source, network: Team, vpn: Service, hears: str
) -> None:
    if hears == "team":
        form = FORM | {"team": network.pk}
        source.team = network
    elif hears == "service":
        form = FORM | {"service": vpn.pk}
        source.service = vpn
    else:
        form = FORM
        Desk.objects.update(default_team=network)
    source.save()
    client = entered(administrator)
    change = reverse("admin:incidents_source_change", args=[source.pk])

    assert "Network" in client.get(reverse("admin:incidents_source_changelist")).content.decode()
    assert NOBODY not in client.get(change).content.decode()
    assert NOBODY not in client.post(change, form, follow=True).content.decode()


def test_team_out_of_use_hears_nothing(
    administrator: User, entered: Entered, source: Source, network: Team
) -> None:
    source.team = network
    source.save()
    Desk.objects.update(default_team=network)
    Team.objects.update(is_active=False)

    assert ">Nobody<" in pages(entered(administrator), source)["list"]


def test_zone_that_does_not_exist_is_refused(administrator: User, entered: Entered) -> None:
    page = entered(administrator).post(
        reverse("admin:incidents_source_add"), FORM | {"time_zone": "Mars/Olympus"}
    )

    assert "Mars/Olympus is no time zone. Write one such as" in page.content.decode()
    assert Source.objects.count() == 0


def event_of(source: Source, incident: Incident, secret: str) -> IngestEvent:
    return IngestEvent.objects.create(
        source=source,
        received_at=NOON,
        payload={"title": secret},
        decisions=[{"key": "x", "outcome": "opened", "incident": incident.number}],
    )


def test_received_events_of_hidden_incidents_are_hidden(
    bob: User, alice: User, entered: Entered, source: Source, network: Team
) -> None:
    """Confidential, of Alice's team: neither in Bob's list nor at its address."""
    hidden = event_of(source, make_incident(team=network, is_confidential=True), "Salaries leaked")
    shown = event_of(source, make_incident(team=network), "Disk is full")
    listed = reverse("admin:incidents_ingestevent_changelist")

    def sees(user: User) -> set[Any]:
        return {event.pk for event in entered(user).get(listed).context["cl"].result_list}

    page = entered(bob).get(reverse("admin:incidents_ingestevent_change", args=[hidden.pk]), follow=True)
    assert (sees(bob), sees(alice)) == ({shown.pk}, {shown.pk, hidden.pk})
    assert "Salaries" not in page.content.decode()
