"""The side navigation: what somebody may see, and how much waits there."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from incidents import workflow
from incidents.models import Service, Team
from itsm.desk import navigation
from tests.factories import NOON, AgentFactory, agent_actor, make_incident


def items(user: User) -> dict[str, Any]:
    client = Client()
    client.force_login(user)
    groups = client.get(reverse("admin:tables")).context["desk_nav"]
    return {str(item.label): item for group in groups for item in group.items}


def test_agent_sees_no_administration_of_the_desk(alice: User) -> None:
    seen = items(alice)

    assert {"Home", "Services", "Reviews"} <= set(seen)
    assert "API tokens" not in seen


def test_every_link_leads_somewhere(db: None) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.com", "pw")
    client = Client()
    client.force_login(chief)

    answers = {label: client.get(item.url).status_code for label, item in items(chief).items()}

    assert set(answers.values()) == {200}


def test_my_open_incidents_are_counted(alice: User, network: Team, vpn: Service) -> None:
    for _ in range(2):
        incident = make_incident(service=vpn)
        workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=network, assignee=alice)
    make_incident(service=vpn)

    assert items(alice)["Incidents"].count == 2


def test_counting_is_bounded(
    alice: User, network: Team, vpn: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "LIMIT", 1)
    for _ in range(3):
        incident = make_incident(service=vpn)
        workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=network, assignee=alice)

    mine = items(alice)["Incidents"]

    assert (mine.count, mine.more) == (1, True)


def test_current_place_is_marked(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    page = client.get(reverse("admin:incidents_service_changelist"))

    marked = [str(item.label) for group in page.context["desk_nav"] for item in group.items if item.current]
    assert marked == ["Services"]


def test_popup_pays_for_no_navigation(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    page = client.get(reverse("admin:incidents_service_changelist"), {"_popup": "1"})

    assert "desk_nav" not in page.context


def test_account_is_read_with_its_profile(db: None) -> None:
    from itsm.accounts import Accounts  # noqa: PLC0415 -- app ready

    user = AgentFactory.create(is_active=False)

    assert Accounts().get_user(user.pk) is None


def test_every_link_around_the_page_leads_somewhere(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("chief", "chief@example.com", "pw"))
    html = client.get(reverse("admin:password_change")).content.decode()

    links = {link.replace("&amp;", "&") for link in re.findall(r'<a[^>]+href="(/[^"]*)"', html)}

    assert {link: status for link in links if (status := client.get(link).status_code) != 200} == {}
    assert len(links) > 15
