import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Incident
from notifications.delivery.announce import announce_pending
from notifications.delivery.claim import claim_due
from notifications.delivery.worker import sweep
from notifications.enums import Lane
from notifications.models import Delivery
from tests.factories import NOON, agent_actor, make_incident
from tests.insider import tamper
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def replies(alice: User, carol: User, incident: Incident, clock: Hand) -> list[Delivery]:
    """Three mails of one incident to Carol, the last one urgent."""
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)
    for text in ("One.", "Two."):
        workflow.comment(incident, actor=agent_actor(alice), at=NOON, text=text)
    announce_pending(clock)
    tamper(Delivery.objects.filter(recipient=alice).delete)
    rows = list(Delivery.objects.order_by("pk"))
    Delivery.objects.filter(pk=rows[-1].pk).update(lane=Lane.URGENT)
    return rows


def test_later_mail_of_an_incident_waits_for_the_one_on_its_way(replies: list[Delivery], clock: Hand) -> None:
    first = claim_due(clock())

    assert first
    assert first.pk == replies[0].pk
    assert claim_due(clock()) is None


def test_mail_that_waits_for_its_next_try_holds_nobody_up(
    replies: list[Delivery], sink: Sink, clock: Hand
) -> None:
    sink.fail("450 at rcpt", times=1)

    sweep(clock)

    assert len(sink.taken) == len(replies) - 1


def test_urgent_mail_goes_first(alice: User, network: object, clock: Hand) -> None:
    make_incident(team=network)
    make_incident(team=network, impact=1, urgency=1)
    announce_pending(clock)

    first = claim_due(clock())

    assert first
    assert first.lane == Lane.URGENT
