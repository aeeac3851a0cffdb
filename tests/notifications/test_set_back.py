"""The clock of the whole desk is set back by an hour while it works."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User

from incidents import tasks, workflow
from incidents.models import Incident
from itsm import ledger
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.models import Delivery
from reports.models import Report, Schedule
from reports.tasks import tick
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


def work(minutes: int) -> Hand:
    """All regular work, twice, at so many minutes after noon."""
    clock = Hand(NOON + timedelta(minutes=minutes))
    with time_machine.travel(clock(), tick=False):
        for _ in range(2):
            tasks.scan_clocks()
            tick()
            sweep(clock)
    return clock


def test_nothing_is_repeated_and_nothing_lost(
    incident: Incident, alice: User, carol: User, sink: Sink
) -> None:
    Schedule.objects.create(name="Mondays at one", weekday=0, hour=13, since=NOON)
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice)

    work(61)
    before = (Report.objects.count(), incident.entries.count(), len(sink.taken))
    set_back = work(1)
    assert (Report.objects.count(), incident.entries.count(), len(sink.taken)) == before

    workflow.comment(incident, actor=agent_actor(alice), at=set_back(), text="Is it better now?")
    work(2)
    assert len(sink.taken) == before[2] + 1, "what is new does not wait for the old time to come again"

    after = work(180)
    assert Report.objects.count() == before[0] == 1
    assert set(Delivery.objects.values_list("status", flat=True)) == {Status.SENT}
    assert max(sink.ids().values()) == 1
    # No worker seals here what is written.
    assert [breach for breach in ledger.breaches(after()) if "sealed" not in breach] == []
