"""What time does to incidents."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from incidents import tasks, workflow
from incidents.enums import EntryKind, ResolutionCode, Severity, State
from incidents.models import Desk, Incident, Review, SetAside
from tests.factories import NOON, agent_actor, requester_actor

pytestmark = pytest.mark.django_db


def noticed(incident: Incident) -> list[tuple[str, int]]:
    kinds = (EntryKind.SLA_WARNED, EntryKind.SLA_BREACHED)
    rows = incident.entries.filter(kind__in=kinds).order_by("seq")
    return [(row.data["clock"]["metric"], row.data["clock"]["percent"]) for row in rows]


def test_scan_writes_each_threshold_once(incident: Incident) -> None:
    for minutes in (30, 61, 62, 91, 121, 122):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            tasks.scan_clocks()
            tasks.scan_clocks()

    assert noticed(incident) == [("acknowledge", 50), ("acknowledge", 75), ("acknowledge", 100)]


def test_scan_that_comes_late_tells_the_worst_alone(incident: Incident) -> None:
    for _ in range(2):  # two clocks of one incident take two looks
        with time_machine.travel(NOON + timedelta(days=3), tick=False):
            tasks.scan_clocks()

    assert sorted(noticed(incident)) == [("acknowledge", 100), ("resolve", 100)]


@pytest.fixture
def resolved(alice: User, incident: Incident) -> Incident:
    workflow.resolve(incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")
    return incident


@pytest.mark.parametrize(("days", "state"), [(6, State.RESOLVED), (8, State.CLOSED)])
def test_resolved_incident_is_closed_after_a_week_of_silence(
    days: int, state: State, resolved: Incident
) -> None:
    with time_machine.travel(NOON + timedelta(days=days), tick=False):
        tasks.close_confirmed()

    resolved.refresh_from_db()
    assert resolved.state == state


def test_silence_lasts_as_long_as_the_desk_says(resolved: Incident) -> None:
    Desk.objects.update_or_create(pk=1, defaults={"close_after_days": 2})

    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        tasks.close_confirmed()

    resolved.refresh_from_db()
    assert resolved.state == State.CLOSED


def test_resolved_incident_that_was_answered_is_not_closed_in_silence(
    resolved: Incident, carol: User
) -> None:
    Desk.objects.update_or_create(pk=1, defaults={"reopens_on_answer": False})
    day_one = NOON + timedelta(days=1)
    workflow.answer(resolved, actor=requester_actor(carol), at=day_one, text="It still does not work.")

    with time_machine.travel(NOON + timedelta(days=8), tick=False):
        tasks.close_confirmed()

    resolved.refresh_from_db()
    assert resolved.state == State.RESOLVED


def test_major_is_never_closed_by_itself(alice: User, incident: Incident) -> None:
    boss = User.objects.create_superuser("boss")
    workflow.declare_major(incident, actor=agent_actor(boss), at=NOON, severity=Severity.SEV1, reason="Big.")
    workflow.resolve(incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")

    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        tasks.close_confirmed()

    incident.refresh_from_db()
    assert incident.state == State.RESOLVED


@pytest.mark.parametrize(("is_reviewed", "state"), [(False, State.RESOLVED), (True, State.CLOSED)])
def test_major_that_was_stood_down_is_closed_by_itself_after_its_review(
    is_reviewed: bool, state: State, alice: User, incident: Incident
) -> None:
    """Until then it waits: that is nobody's fault, so nothing is set aside."""
    boss = agent_actor(User.objects.create_superuser("boss"))
    workflow.declare_major(incident, actor=boss, at=NOON, severity=Severity.SEV1, reason="Big.")
    workflow.stand_down(incident, actor=boss, at=NOON, reason="Smaller than it looked.")
    workflow.resolve(incident, actor=boss, at=NOON, code=ResolutionCode.FIXED, text="Done.")
    if is_reviewed:
        Review.objects.create(incident=incident, published_at=NOON)

    with time_machine.travel(NOON + timedelta(days=30), tick=False):
        tasks.close_confirmed()

    incident.refresh_from_db()
    assert (incident.state, SetAside.objects.exists()) == (state, False)
