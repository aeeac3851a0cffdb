"""The ledger finds what is wrong, and health says it in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.models import Incident, TimelineEntry
from notifications import ledger
from notifications.delivery.announce import announce_pending
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.health import pipeline_health
from notifications.models import Announcement, Attempt, Delivery
from notifications.panels import told
from tests.factories import NOON, agent_actor
from tests.insider import tamper
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(alice: User, incident: Incident, sink: Sink, clock: Hand) -> Delivery:
    sweep(clock)
    return Delivery.objects.get(recipient=alice)


def lose_a_delivery(sent: Delivery) -> None:
    sent.tries.all().delete()
    Delivery.objects.all().delete()


def lose_a_receipt(sent: Delivery) -> None:
    Announcement.objects.all().delete()


def lose_an_attempt(sent: Delivery) -> None:
    Attempt.objects.all().delete()


def leave_one_waiting(sent: Delivery) -> None:
    Delivery.objects.update(status=Status.PENDING, due_at=NOON - timedelta(minutes=6))


def give_no_reason(sent: Delivery) -> None:
    Delivery.objects.update(status=Status.CANCELLED)


def doubt_without_record(sent: Delivery) -> None:
    Attempt.objects.update(outcome="ambiguous")


@pytest.mark.parametrize(
    "fault",
    [
        lose_a_delivery,
        lose_a_receipt,
        lose_an_attempt,
        leave_one_waiting,
        give_no_reason,
        doubt_without_record,
    ],
    ids=lambda fault: fault.__name__,
)
def test_ledger_finds(fault: Callable[[Delivery], None], sent: Delivery, clock: Hand) -> None:
    before = list(ledger.breaches(clock()))

    tamper(fault, sent)

    assert before == []
    assert list(ledger.breaches(clock()))


def test_health_is_well_while_sweeps_come_by(sent: Delivery, clock: Hand) -> None:
    assert pipeline_health(clock()).faults == []
    assert "no sweep" in pipeline_health(clock() + timedelta(minutes=3)).faults[0]


def test_health_names_what_is_late(sent: Delivery, clock: Hand) -> None:
    Delivery.objects.update(status=Status.PENDING, due_at=NOON - timedelta(minutes=3))
    late = {"announced_at": None, "recorded_at": NOON - timedelta(minutes=3)}
    tamper(lambda: TimelineEntry.objects.update(**late))

    assert pipeline_health(clock()).faults == [
        "2 deliveries are overdue",
        "1 timeline entries are not announced",
    ]


def test_told_lists_who_heard_of_an_incident_in_one_query(
    sent: Delivery,
    alice: User,
    incident: Incident,
    clock: Hand,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")
    announce_pending(clock)

    with django_assert_num_queries(1):
        rows = told(incident)

    assert [(row.who, row.why, row.what, row.status) for row in rows] == [
        ("Carol Cole", "requester", "Reply", "pending"),
        ("Alice Ames", "team", "Opened", "sent"),
        ("Carol Cole", "requester", "Opened", "sent"),
    ]
