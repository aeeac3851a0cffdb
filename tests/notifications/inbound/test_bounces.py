"""Mails that come back are believed when they come to an address that only we can have made."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from incidents import workflow
from incidents.models import Incident
from notifications.channels.email.identity import BOUNCE, REPLY, signed_address
from notifications.delivery.worker import sweep
from notifications.enums import Status
from notifications.inbound.receiving import receive
from notifications.models import Delivery, InboundOutcome, Suppression
from notifications.models.subscription import SuppressionCause
from tests.factories import NOON, agent_actor
from tests.notifications.sink import Hand, Sink

pytestmark = pytest.mark.django_db

Report = Callable[..., bytes]

TEXT = """\
From: MAILER-DAEMON@mx.example.com
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{status}@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

Your mail could not be delivered.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Mon, 2 Mar 2026 12:00:00 +0000

Final-Recipient: rfc822; {about}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--cut--
"""


@pytest.fixture
def report(asked: Delivery) -> Report:
    """What a mail server says of the mail to Carol."""

    def written(
        status: str = "5.1.1",
        *,
        action: str = "failed",
        said: str = "550 5.1.1 nobody here",
        to: str = signed_address(BOUNCE, asked.uuid),
        about: str = "carol@example.com",
    ) -> bytes:
        return TEXT.format(status=status, action=action, said=said, to=to, about=about).encode()

    return written


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("5.1.1", "550 5.1.1 nobody here"),
        ("5.1.10 (null MX)", "556 no mail here"),
        ("5.2.1", "550 5.2.1 mailbox disabled"),
        ("5.0.0", "550-5.1.1 The account does not exist"),
    ],
)
def test_hard_bounce_suppresses_the_address_with_its_cause(
    status: str, said: str, report: Report, asked: Delivery
) -> None:
    row = receive(report(status, said=said), at=NOON)

    found = Suppression.objects.get()
    asked.refresh_from_db()
    assert (row.outcome, row.bounced, row.entry) == (InboundOutcome.BOUNCED, asked, None)
    assert (found.address, found.cause, found.until) == ("carol@example.com", SuppressionCause.BOUNCE, None)
    assert found.delivery == asked
    assert said in asked.came_back
    assert said in found.text
    assert Delivery.objects.in_trouble().filter(pk=asked.pk).exists()


@pytest.mark.parametrize(
    ("status", "said"),
    [("5.2.2", "552 5.2.2 full"), ("5.7.1", "550 5.7.1 spam"), ("4.4.7", "expired"), ("5.0.0", "no")],
)
def test_soft_bounce_is_shown_and_suppresses_nothing(
    status: str, said: str, report: Report, asked: Delivery
) -> None:
    receive(report(status, said=said), at=NOON)

    asked.refresh_from_db()
    assert asked.came_back
    assert not Suppression.objects.exists()


def test_report_of_a_delay_is_kept_and_means_nothing(report: Report, asked: Delivery) -> None:
    row = receive(report("4.4.1", action="delayed"), at=NOON)

    asked.refresh_from_db()
    assert (row.outcome, asked.came_back) == (InboundOutcome.BOUNCED, "")
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("forged", ["plain", "mark", "reply", "other"])
def test_forged_report_does_nothing(forged: str, report: Report, asked: Delivery) -> None:
    genuine = signed_address(BOUNCE, asked.uuid)
    to = {
        "plain": "desk@localhost",
        "mark": genuine.replace("@", "0@"),
        "reply": signed_address(REPLY, asked.uuid),
        "other": genuine.replace(asked.uuid.hex, "0" * 32),
    }[forged]

    row = receive(report(to=to), at=NOON)

    asked.refresh_from_db()
    assert (row.outcome, row.bounced, asked.came_back) == (InboundOutcome.IGNORED, None, "")
    assert not Suppression.objects.exists()


def test_report_suppresses_whom_we_wrote_to_and_nobody_it_names(report: Report) -> None:
    receive(report(about="alice@example.com"), at=NOON)

    assert [row.address for row in Suppression.objects.all()] == ["carol@example.com"]


def test_suppression_of_an_administrator_stays_theirs(report: Report) -> None:
    Suppression.objects.create(address="carol@example.com", text="Asked us to.")

    receive(report(), at=NOON)

    assert Suppression.objects.get().text == "Asked us to."


def test_suppression_that_was_over_is_renewed(report: Report) -> None:
    Suppression.objects.create(address="carol@example.com", until=NOON - timedelta(days=1))

    receive(report(), at=NOON)

    assert (Suppression.objects.get().until, Suppression.objects.get().cause) == (None, "bounce")


def test_bounce_is_seen_at_the_person_and_the_delivery_and_lifted(
    report: Report, asked: Delivery, carol: User, alice: User, incident: Incident,
    client: Client, sink: Sink, clock: Hand,
) -> None:  # fmt: skip
    receive(report(), at=NOON)
    sink.taken.clear()
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Are you there?")
    sweep(clock)
    client.force_login(User.objects.create_superuser("boss"))

    pages = [
        client.get(reverse("admin:auth_user_change", args=[carol.pk])),
        client.get(reverse("admin:notifications_delivery_change", args=[asked.pk])),
    ]
    suppression = Suppression.objects.get()
    lift = reverse("admin:notifications_suppression_change", args=[suppression.pk])
    for page in pages:
        assert "Nothing is sent to carol@example.com." in page.content.decode()
        assert lift in page.content.decode()
    held = Delivery.objects.get(recipient=carol, status=Status.HELD)
    client.post(reverse("admin:notifications_suppression_delete", args=[suppression.pk]), {"post": "yes"})
    client.post(reverse("admin:notifications_delivery_again", args=[held.pk]))
    Delivery.objects.filter(pk=held.pk).update(due_at=NOON, expires_at=None)
    sweep(clock)
    assert [taken.to for taken in sink.taken] == ["carol@example.com"]
