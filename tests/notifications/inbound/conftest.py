"""Joana was told something; this is her mail program."""

from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import HoldReason
from incidents.models import Incident
from notifications.channels.email.identity import REPLY, signed_address
from notifications.delivery.worker import sweep
from notifications.models import Delivery
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink

CASES = Path(__file__).resolve().parents[2] / "data" / "mail"

Letter = Callable[..., bytes]


@pytest.fixture
def asked(alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand) -> Delivery:
    """Carol was asked a question; this is the mail she got."""
    workflow.hold(
        incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which version?"
    )
    sweep(clock)
    return Delivery.objects.get(recipient=carol, entry__kind="held")


@pytest.fixture
def case(asked: Delivery, carol: User) -> Callable[[str], bytes]:
    """A sample by its name, filled in as Carol's answer."""

    def filled(name: str) -> bytes:
        raw = (CASES / f"{name}.eml").read_bytes()
        for mark, value in (
            (b"@@RECIPIENT@@", carol.email),
            (b"@@REPLY_ADDRESS@@", signed_address(REPLY, asked.uuid)),
            (b"@@DELIVERY_MESSAGE_ID@@", asked.message_id),
        ):
            raw = raw.replace(mark, value.encode())
        return raw

    return filled


@pytest.fixture
def letter(asked: Delivery) -> Letter:
    """Carol's answer, with other headers where they are named (underscores for hyphens)."""

    def written(text: str = "It is 5.2.", **headers: str) -> bytes:
        mail = EmailMessage()
        facts = {
            "From": "Carol Cole <Carol@example.com>",
            "To": signed_address(REPLY, asked.uuid),
            "Subject": "Re: VPN",
            "Message-ID": "<1@example.com>",
        }
        others = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in (facts | others).items():
            mail[name] = value
        mail.set_content(text)
        return mail.as_bytes()

    return written
