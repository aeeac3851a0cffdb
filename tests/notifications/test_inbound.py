"""Answers by mail: believed only from whom they were asked."""

import io
import sys
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from incidents import workflow
from incidents.enums import HoldReason, State, Via
from incidents.models import Incident
from notifications.delivery.loop import sweep
from notifications.inbound import receive
from notifications.models import Delivery, InboundMail, InboundOutcome
from notifications.transports.identity import REPLY, signed_address
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand) -> Delivery:
    """Carol was asked a question; this is the mail she got."""
    workflow.hold(
        incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which version?"
    )
    sweep(clock)
    return Delivery.objects.get(recipient=carol, entry__kind="held")


def answer(
    asked: Delivery,
    text: str = "It is 5.2.\n\nOn Monday Service desk wrote:\n> Which version?",
    **headers: str,
) -> bytes:
    mail = EmailMessage()
    facts = {
        "From": "Carol Cole <Carol@example.com>",
        "To": signed_address(REPLY, asked.uuid),
        "Subject": "Re: VPN",
        "Message-ID": "<1@example.com>",
    }
    for name, value in (facts | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def test_answer_becomes_a_reply_and_resumes_the_hold(
    asked: Delivery, incident: Incident, carol: User
) -> None:
    row = receive(answer(asked), at=NOON)

    incident.refresh_from_db()
    assert row.entry
    assert (row.outcome, row.entry.text, row.entry.actor, row.entry.via) == (
        InboundOutcome.COMMENTED,
        "It is 5.2.",
        carol,
        Via.MAIL,
    )
    assert incident.state != State.ON_HOLD


def test_second_copy_writes_nothing(asked: Delivery, incident: Incident) -> None:
    receive(answer(asked), at=NOON)
    before = incident.entries.count()

    receive(answer(asked), at=NOON)

    assert (incident.entries.count(), InboundMail.objects.count()) == (before, 1)


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"From": "mallory@example.com"}, InboundOutcome.REFUSED),
        ({"From": "alice@example.com"}, InboundOutcome.REFUSED),
        ({"To": "desk@localhost"}, InboundOutcome.REFUSED),
        ({"To": "desk+r.6f9619ff8b86d011b42d00c04fc964ff.000000000000@localhost"}, InboundOutcome.REFUSED),
        ({"Auto_Submitted": "auto-replied"}, InboundOutcome.IGNORED),
        ({"Precedence": "bulk"}, InboundOutcome.IGNORED),
        ({"Return_Path": "<>"}, InboundOutcome.IGNORED),
        ({"List_Id": "<some.list>"}, InboundOutcome.IGNORED),
    ],
)
def test_mail_that_is_not_to_be_believed_writes_nothing_and_is_kept(
    headers: dict[str, str], outcome: InboundOutcome, asked: Delivery, incident: Incident
) -> None:
    before = incident.entries.count()

    row = receive(answer(asked, **headers), at=NOON)

    assert (row.outcome, incident.entries.count()) == (outcome, before)
    assert row.reason
    assert row.raw


def test_sender_who_lost_access_is_refused(asked: Delivery, incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(requester=None, opened_by=None)

    assert receive(answer(asked), at=NOON).outcome == InboundOutcome.REFUSED


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: \x00\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n--",
        b"Subject: =?x?q?=80?=\r\nTo: <<>>,,;\r\n\r\nx",
    ],
)
def test_garbage_is_kept_and_harms_nothing(raw: bytes, db: None) -> None:
    assert receive(raw, at=NOON).outcome == InboundOutcome.REFUSED


def test_command_reads_a_mail_from_standard_input(
    asked: Delivery, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(answer(asked))))
    said = io.StringIO()

    call_command("receive_mail", stdout=said)

    assert said.getvalue() == f"commented {incident.number}\n"
