"""What was told and answered loses its words in the shape it was written, sent or received in."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Incident
from itsm import ledger, sealing
from notifications.delivery import manual
from notifications.delivery.announce import announce_pending
from notifications.delivery.recheck import NO_ADDRESS
from notifications.delivery.send import freeze
from notifications.enums import Outcome, Phase, Status
from notifications.inbound.receiving import receive
from notifications.models import Attempt, Delivery, InboundMail, InboundOutcome
from tests.factories import NOON, AgentFactory, agent_actor, make_incident

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECRET = "Müller <m.mueller@home.org>"


@pytest.fixture
def boss(db: None) -> User:
    return AgentFactory.create(username="boss", role="Incident manager")


@pytest.fixture
def told(carol: User, alice: User) -> Incident:
    """In its title, and so in the mails about it, which wait to be sent."""
    incident = make_incident(requester=carol, title=f"Mail of {SECRET}", description=f"I am {SECRET}.")
    workflow.assign(incident, actor=agent_actor(alice), at=NOON, team=None, assignee=alice)
    announce_pending(lambda: NOON)
    assert Delivery.objects.count() > 0
    return incident


def redact(incident: Incident, boss: User, words: str = SECRET) -> None:
    incident.refresh_from_db()
    workflow.redact(incident, actor=agent_actor(boss), at=NOON + MINUTE, words=words, reason="Private")


def breaches() -> list[str]:
    sealing.seal(NOON + MINUTE)
    return [line for line in ledger.breaches(NOON + MINUTE) if "announce" not in line]


def written() -> list[Delivery]:
    """With the words that the worker fixes before the first try."""
    rows = list(Delivery.objects.order_by("pk"))
    for row in rows:
        Delivery.objects.filter(pk=row.pk).update(
            status=Status.SENDING, lease_token=row.uuid, lease_until=NOON + MINUTE
        )
        row.lease_token = row.uuid
        freeze(row)
    Delivery.objects.update(status=Status.PENDING)
    return rows


@pytest.mark.parametrize("words", [SECRET, "m.mueller@home.org"])
def test_words_go_from_mails_as_they_are_written(told: Incident, boss: User, words: str) -> None:
    before = written()
    redact(told, boss, words)

    after = Delivery.objects.filter(pk__in=[row.pk for row in before])
    assert all("home" in f"{row.subject}{row.text}{row.html}" for row in before)
    assert [row.pk for row in after if "home" in f"{row.subject}{row.text}{row.html}"] == []
    assert all("[…]" in row.subject and row.html for row in after)
    assert breaches() == []


def test_words_of_who_held_or_cancelled_a_mail_go_and_reasons_of_the_desk_stay(
    told: Incident, boss: User
) -> None:
    workflow.note(told, actor=agent_actor(boss), at=NOON, text="Has he no e-mail address?")
    held, other = Delivery.objects.order_by("pk")[:2]
    written()
    manual.hold(held, by=boss, reason=f"It names {SECRET}")
    Delivery.objects.filter(pk=other.pk).update(status=Status.HELD, status_reason=NO_ADDRESS.reason)
    redact(told, boss)
    redact(told, boss, words="no e-mail address")

    held.refresh_from_db()
    other.refresh_from_db()
    assert held.status_reason == "It names […]"
    assert other.status_reason == NO_ADDRESS.reason
    assert [row for row in LogEntry.objects.all() if "home" in f"{row.object_repr}{row.change_message}"] == []
    assert breaches() == []


def test_answers_of_servers_that_quote_them_go_and_verify(told: Incident, boss: User) -> None:
    [row, *_] = written()
    said = f"550 refused: {SECRET}"
    Delivery.objects.filter(pk=row.pk).update(
        status=Status.SENT,
        phase=Phase.DONE,
        sent_at=NOON,
        last_text=said,
        provider_reply=said,
        came_back=said,
    )
    Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome=Outcome.SENT, text=said)
    sealed = breaches()
    redact(told, boss)

    row.refresh_from_db()
    answers = [row.last_text, row.provider_reply, row.came_back, row.tries.get().text]
    assert sealed == []
    assert answers == ["550 refused: […]"] * 4
    assert breaches() == []


def mail_in(coding: str) -> bytes:
    """One that says the words, and not in plain letters."""
    mail = EmailMessage()
    mail["From"], mail["Message-ID"], mail["Subject"] = "carol@example.com", f"<{coding}@x>", "Re"
    text = "Hello" if coding in {"html", "subject", "name", "file"} else f"It is {SECRET}."
    charset = "utf-16" if coding == "utf-16" else "utf-8"
    mail.set_content(text, charset=charset, cte="quoted-printable" if coding == "quoted" else "base64")
    if coding == "html":
        mail.add_alternative("<p>It is M&uuml;ller &lt;<b>m.mueller@home.org</b>&gt;</p>", subtype="html")
    elif coding == "subject":
        mail.replace_header("Subject", f"It is {SECRET} {'ü' * 60}")
    elif coding == "name":
        mail.replace_header("From", "=?utf-8?q?M=C3=BCller?= <m.mueller@home.org>")
    elif coding == "file":
        mail.add_attachment(f"It is {SECRET}.", filename="a.txt", cte="base64")
    elif coding == "mail":
        inner, mail = mail, EmailMessage()
        mail["From"], mail["Message-ID"] = "carol@example.com", "<outer@x>"
        mail.set_content("See below")
        mail.add_attachment(inner)
    return mail.as_bytes()


@pytest.mark.parametrize("coding", ["base64", "quoted", "utf-16", "html", "subject", "name", "file", "mail"])
def test_received_mail_that_holds_them_in_any_coding_is_not_kept_as_it_came(
    told: Incident, boss: User, coding: str
) -> None:
    mail = receive(mail_in(coding), at=NOON)
    other = receive(b"From: carol@example.com\nSubject: Re\nMessage-ID: <other@x>\n\nThanks.", at=NOON)
    InboundMail.objects.update(incident=told, outcome=InboundOutcome.DISCARDED, reason=f"By {SECRET}")
    InboundMail.objects.filter(pk=other.pk).update(reason="Thanks only")
    redact(told, boss)

    mail.refresh_from_db()
    other.refresh_from_db()
    assert "home" not in f"{mail.subject} {mail.text} {mail.reason}"
    assert (mail.raw, bytes(other.raw or b"")[:5]) == (None, b"From:")


def test_words_of_a_received_mail_alone_are_enough(boss: User) -> None:
    incident = make_incident()
    mail = receive(mail_in("base64"), at=NOON)
    InboundMail.objects.update(incident=incident)
    redact(incident, boss)

    mail.refresh_from_db()
    assert (mail.text, mail.raw) == ("It is […].", None)


def test_received_mail_of_no_incident_stays(told: Incident, boss: User) -> None:
    mail = receive(mail_in("base64"), at=NOON)
    redact(told, boss)

    mail.refresh_from_db()
    assert (mail.incident, mail.raw is None) == (None, False)
