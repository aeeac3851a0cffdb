"""One person reports and answers only so much in an hour; what was typed stays, and when to go on is said."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.enums import Channel, Via
from incidents.errors import Invalid, TooMany
from incidents.models import Desk, Incident
from incidents.policies import Actor
from tests.factories import NOON, RequesterFactory, agent_actor, make_incident, requester_actor
from tests.incidents.api.conftest import caller
from tests.racing import at_once

pytestmark = pytest.mark.django_db

REPORT = {"title": "VPN throws me out", "description": "A long story", "impact": "1", "urgency": "1"}
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def two_an_hour(db: None) -> None:
    Desk.objects.update(reports_per_hour=2, replies_per_hour=2)


def report(person: User, at: Any = NOON, via: Via = Via.PORTAL, title: str = "T") -> Incident:
    facts = workflow.Report(title=title, channel=Channel.PORTAL, requester=person)
    return workflow.open_incident(facts, actor=Actor(person, via), at=at)


def test_portal_keeps_text_and_files_and_says_when_to_go_on(
    client: Client, carol: User, two_an_hour: None
) -> None:
    client.force_login(carol)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        done = [client.post("/incidents/new/", REPORT).status_code for _ in range(2)]
        clock.shift(20 * 60)
        page = client.post("/incidents/new/", {**REPORT, "attachments": SimpleUploadedFile("a.log", b"abc")})
        clock.shift(40 * 60)
        later = client.post("/incidents/new/", REPORT)

    shown = page.content.decode()
    assert (done, page.status_code, later.status_code) == ([302, 302], 429, 302)
    assert "You have sent 2 reports within an hour. Try again in 40 minutes." in shown
    assert "A long story" in shown
    assert [row.name for row in page.context["form"].staged] == ["a.log"]


def test_replies_have_a_brake_of_their_own(client: Client, carol: User, two_an_hour: None) -> None:
    incident = make_incident(requester=carol)
    client.force_login(carol)
    address = f"/incidents/{incident.number}/"

    done = [client.post(address, {"text": f"Answer {n}"}).status_code for n in range(3)]

    assert done == [302, 302, 429]
    assert incident.entries.count() == 3


def test_all_doors_of_one_person_count_together_and_people_apart(
    carol: User, alice: User, two_an_hour: None
) -> None:
    report(carol, via=Via.PORTAL)
    report(carol, via=Via.API)

    with pytest.raises(TooMany):
        report(carol, via=Via.MAIL)
    assert report(RequesterFactory.create()).number
    assert report(carol, at=NOON + AN_HOUR).number


def test_the_desk_writes_as_much_as_there_is_to_do(alice: User, two_an_hour: None) -> None:
    for _ in range(5):
        report(alice, via=Via.API)
        report(alice, via=Via.ADMIN)
    incident = make_incident()

    for number in range(5):
        workflow.comment(incident, actor=agent_actor(alice), at=NOON, text=f"News {number}")

    assert incident.entries.count() == 6


def test_what_was_refused_counts_nowhere(carol: User, two_an_hour: None) -> None:
    incident = make_incident(requester=carol)
    for _ in range(5):
        with pytest.raises(Invalid):
            workflow.answer(incident, actor=requester_actor(carol), at=NOON, text=" ")

    for number in range(2):
        workflow.answer(incident, actor=requester_actor(carol), at=NOON, text=f"Answer {number}")

    assert incident.entries.count() == 3


def test_programs_are_told_how_long_to_wait(carol: User, two_an_hour: None) -> None:
    api = caller(carol)

    answers = [api.post("/api/v1/incidents/", {"title": "T"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json()["type"] == "/api/v1/problems/too-many-requests/"
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3600


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_opened_than_allowed() -> None:
    carol = RequesterFactory.create()
    Desk.objects.update_or_create(pk=1, defaults={"reports_per_hour": 3})

    def send(_n: int) -> bool:
        try:
            report(carol)
        except TooMany:
            return False
        return True

    assert at_once(12, send).count(True) == 3
    assert Incident.objects.count() == 3
