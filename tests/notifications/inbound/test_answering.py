"""The sender of what was not filed hears of it once: seldom, and never a machine."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from incidents.models import Incident
from itsm import ledger
from notifications.delivery.worker import sweep
from notifications.enums import Purpose, Status
from notifications.inbound.answering import PER_SENDER
from notifications.inbound.receiving import receive
from notifications.models import Delivery, Suppression
from tests.factories import NOON
from tests.notifications.inbound.conftest import Letter
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db

OTHER = "joana@home.example"


def answers() -> int:
    return Delivery.objects.filter(purpose=Purpose.ANSWER).count()


def test_answer_goes_out_with_no_way_back(
    letter: Letter, sink: Sink, clock: Hand, incident: Incident
) -> None:
    receive(letter("CANARY", From=OTHER, Subject="CANARY"), at=NOON)

    sweep(clock)

    sent = sink.taken[-1]
    assert (sent.sender, sent.to) == ("", OTHER)
    assert sent.message["Auto-Submitted"] == "auto-replied"
    assert sent.message["In-Reply-To"] == "<1@example.com>"
    assert sent.message["List-Id"] is None
    assert sent.message["Reply-To"] is None
    text = sent.message.as_string()
    assert "CANARY" not in text
    assert incident.number not in text
    assert Delivery.objects.get(purpose=Purpose.ANSWER).status == Status.SENT
    assert list(ledger.breaches(clock.now)) == []


def test_sender_is_answered_at_most_five_times_an_hour(letter: Letter) -> None:
    for n in range(PER_SENDER + 3):
        receive(letter(From=OTHER, Message_ID=f"<{n}@home.example>"), at=NOON)
    receive(letter(From="somebody@else.example", Message_ID="<1@else.example>"), at=NOON)

    assert answers() == PER_SENDER + 1
    receive(letter(From=OTHER, Message_ID="<later@home.example>"), at=NOON + timedelta(hours=1))
    assert answers() == PER_SENDER + 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Return_Path": "<>"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"Precedence": "junk"},
        {"Precedence": "list"},
        {"List_Id": "<all.example.org>"},
        {"X_Auto_Response_Suppress": "DR, AutoReply"},
        {"From": "desk@localhost"},
        {"From": "desk+b.1@localhost"},
        {"From": "no address"},
        {"From": "a@b.example, c@d.example"},
        {"Message_ID": "<d.6f9619ff-8b86-d011-b42d-00c04fc964ff@localhost>", "Auto_Submitted": "x"},
    ],
)
def test_machines_lists_and_ourselves_are_not_answered(headers: dict[str, str], letter: Letter) -> None:
    receive(letter(**{"From": OTHER} | headers), at=NOON)

    assert answers() == 0


def test_suppressed_address_is_not_answered(letter: Letter, sink: Sink, clock: Hand) -> None:
    Suppression.objects.create(address=OTHER, since=NOON)
    receive(letter(From=OTHER), at=NOON)

    sweep(clock)

    assert Delivery.objects.get(purpose=Purpose.ANSWER).status == Status.HELD
    assert OTHER not in {taken.to for taken in sink.taken}


def test_answer_without_an_address_cannot_be_kept(db: None) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(
            purpose=Purpose.ANSWER,
            key="answer:x",
            target="sender",
            message_id="<x>",
            created_at=NOON,
            due_at=NOON,
        )


def test_filed_answer_is_not_answered(letter: Letter, settings: LazySettings) -> None:
    receive(letter(), at=NOON)

    assert answers() == 0
