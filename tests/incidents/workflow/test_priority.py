"""The matrix in force is that of the desk's day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from django.utils.timezone import get_default_timezone

from incidents import workflow
from incidents.enums import Impact, Priority, Urgency
from incidents.models import Incident, PriorityRule
from tests.factories import AgentFactory, agent_actor, make_incident

pytestmark = pytest.mark.django_db

#: 00:30 on 1 July in Berlin.
HALF_PAST_MIDNIGHT = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)


@pytest.fixture
def berlin(db: None) -> None:
    """A desk in Berlin whose matrix changes on 1 July."""
    PriorityRule.objects.create(
        impact=Impact.HIGH, urgency=Urgency.LOW, priority=Priority.CRITICAL, valid_from="2026-07-01"
    )


@pytest.fixture(autouse=True)
def zone() -> Iterator[None]:
    with override_settings(TIME_ZONE="Europe/Berlin"):
        get_default_timezone.cache_clear()
        yield
    get_default_timezone.cache_clear()


def opened(at: datetime) -> Incident:
    return make_incident(impact=Impact.HIGH, urgency=Urgency.LOW, at=at)


@pytest.mark.usefixtures("berlin")
def test_a_rule_begins_at_midnight_of_the_desk() -> None:
    assert opened(HALF_PAST_MIDNIGHT).priority == Priority.CRITICAL
    assert opened(HALF_PAST_MIDNIGHT - timedelta(hours=1)).priority == Priority.MODERATE


@pytest.mark.usefixtures("berlin")
def test_the_zone_of_whoever_acts_does_not_move_the_day() -> None:
    with timezone.override("Pacific/Auckland"):
        assert opened(HALF_PAST_MIDNIGHT - timedelta(hours=1)).priority == Priority.MODERATE


@pytest.mark.usefixtures("berlin")
def test_an_edit_and_a_lifted_override_ask_the_matrix_of_the_opening() -> None:
    lead = AgentFactory.create(is_superuser=True)
    early = make_incident(at=HALF_PAST_MIDNIGHT - timedelta(hours=1))
    late = make_incident(at=HALF_PAST_MIDNIGHT)

    for incident in (early, late):
        at = HALF_PAST_MIDNIGHT + timedelta(days=1)
        workflow.edit(
            incident,
            actor=agent_actor(lead),
            at=at,
            changes={"impact": Impact.HIGH, "urgency": Urgency.LOW},
        )
    edited = (early.priority, late.priority)
    for incident in (early, late):
        workflow.override_priority(
            incident, actor=agent_actor(lead), at=at, priority=Priority.LOW, reason="Try"
        )
        workflow.override_priority(incident, actor=agent_actor(lead), at=at, priority=None, reason="Back")

    assert edited == (Priority.MODERATE, Priority.CRITICAL)
    assert (early.priority, late.priority) == edited
