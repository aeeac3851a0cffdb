"""Carol at the portal, and words that must never be seen there."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import Client

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind, HoldReason
from incidents.models import Incident
from tests.factories import NOON, agent_actor

#: Written only where the desk alone reads.
SECRET = "CANARY-7f3a"


@pytest.fixture
def carols(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


@pytest.fixture
def secretive(incident: Incident, alice: User) -> Incident:
    """Carol's incident with something internal in every place that can hold it."""
    by = agent_actor(alice)
    later = iter(NOON + timedelta(minutes=minute) for minute in range(1, 60))
    secret_file = ContentFile(b"internal bytes", name=f"{SECRET}.log")
    workflow.assign(
        incident, actor=by, at=next(later), team=incident.team, assignee=alice, note=f"{SECRET} note"
    )
    workflow.note(incident, actor=by, at=next(later), text=f"{SECRET} internal", attachments=[secret_file])
    workflow.add_evidence(
        incident,
        actor=by,
        at=next(later),
        kind=EvidenceKind.LOG,
        title=f"{SECRET} evidence",
        content=f"{SECRET} content",
    )
    workflow.add_hypothesis(incident, actor=by, at=next(later), text=f"{SECRET} guess")
    workflow.record_action(
        incident,
        actor=by,
        at=next(later),
        kind=ActionKind.RESTART,
        summary=f"{SECRET} restart",
        outcome=ActionOutcome.SUCCEEDED,
    )
    workflow.record_root_cause(incident, actor=by, at=next(later), text=f"{SECRET} cause")
    workflow.hold(incident, actor=by, at=next(later), reason=HoldReason.VENDOR, note=f"{SECRET} vendor case")
    workflow.resume(incident, actor=by, at=next(later), note=f"{SECRET} resumed")
    workflow.comment(incident, actor=by, at=next(later), text="We are looking into it.")
    return incident


def token_of(html: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="token" value="([0-9a-f-]{36})"', html)
    assert found is not None
    return found[1]
