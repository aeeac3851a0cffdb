from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import Channel, Via
from incidents.models import Incident
from incidents.policies import Actor
from tests.factories.people import RequesterFactory

#: A Monday, at noon in UTC.
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def agent_actor(user: User) -> Actor:
    return Actor(user, Via.ADMIN)


def requester_actor(user: User) -> Actor:
    return Actor(user, Via.PORTAL)


def make_incident(*, requester: User | None = None, at: datetime = NOON, **report: Any) -> Incident:
    """An incident as its requester opened it in the portal."""
    person = requester or RequesterFactory.create()
    facts = {"title": "Printer prints blank pages", "channel": Channel.PORTAL, **report}
    return workflow.open_incident(
        workflow.Report(requester=person, **facts), actor=requester_actor(person), at=at
    )
