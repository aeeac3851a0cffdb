"""Mails as the bytes that leave, read by somebody who decodes nothing that RFC 5322 does not say."""

import email
import quopri
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.contrib.auth.models import User

from incidents import workflow
from incidents.models import Incident
from notifications.channels.base import Mail, Part
from notifications.channels.email.identity import REPLY, thread_id
from notifications.channels.email.mime import compose
from notifications.channels.email.smtp import SmtpTransport
from notifications.delivery.worker import sweep
from tests.factories import NOON, agent_actor, make_incident
from tests.notifications.conftest import point_mail_to
from tests.notifications.sink import Hand

ID = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
STOP = (
    "https://desk.a-company-with-a-rather-long-name.example.com/mail/stop/" + "WzEyLDM0LCJyZXF1ZXN0ZXIiXQ" * 8
)
NAMES = [
    "Ann Lee",
    "Jürgen Müßig-Österreicher von und zu Hintertupfing",
    'Lee, Ann "the Boss"',
    "=?utf-8?B?QQ==?=",
    "李小龍" * 20,
    "A" * 90,
    "O'Neil",
]
SUBJECTS = [
    "Short",
    "[INC0000001] The virtual private network of the Hamburg office drops every few minutes " + "again " * 9,
    "[INC0000001] Drucker im Büro über dem Café spuckt nur noch leere Blätter aus, " + "immer wieder " * 5,
    "https://" + "x" * 190,
    "=?utf-8?Q?not_encoded?=",
    "😀" * 60,
    "नमस्ते दुनिया " * 12,
]


class Mailbox:
    """What arrived, byte by byte."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.raw.append(envelope.original_content)
        return "250 taken"


@pytest.fixture
def mailbox(settings: LazySettings) -> Iterator[Mailbox]:
    found = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(found, hostname="127.0.0.1", port=port)
    controller.start()
    point_mail_to(settings, port)
    yield found
    controller.stop()


def headers_of(raw: bytes) -> dict[str, str]:
    """Split at CRLF, unfold, and no more."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    lines = re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    pairs = [line.partition(": ")[::2] for line in lines]
    assert len({name for name, _value in pairs}) == len(pairs)
    return dict(pairs)


def mail(**facts: object) -> Mail:
    known = {
        "uuid": ID,
        "message_id": f"<d.{ID}@localhost>",
        "at": NOON,
        "name": "Ann Lee",
        "address": "ann@example.com",
        "subject": "Short",
        "text": "Words.\n-- \nBecause.\n",
        "html": "<p>Words.</p>",
        "thread": thread_id(ID),
        "stop_url": STOP,
        "accepts_replies": True,
    }
    return Mail(**(known | facts))  # type: ignore[arg-type]


def sent(mailbox: Mailbox, letter: Mail) -> bytes:
    with SmtpTransport() as transport:
        transport.send(letter, before_handover=lambda: None)
    return mailbox.raw[-1]


def test_identities_and_addresses_leave_as_they_are(mailbox: Mailbox, settings: LazySettings) -> None:
    settings.DEFAULT_FROM_EMAIL = (
        "Service desk <desk@mail.of-a-company-with-a-rather-long-name.international.example.com>"
    )

    headers = headers_of(sent(mailbox, mail()))

    assert headers["List-Unsubscribe"] == f"<{STOP}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Message-ID"] == f"<d.{ID}@localhost>"
    assert headers["References"] == headers["In-Reply-To"] == thread_id(ID)
    assert headers["Reply-To"].startswith(f"Service desk <desk+{REPLY}.{ID.hex}.")
    assert (headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert headers["List-Id"].startswith("<incidents.")
    assert "=?" not in "".join(headers.values())


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_name_of_the_recipient_reads_as_it_was_typed(name: str, mailbox: Mailbox) -> None:
    raw = sent(mailbox, mail(name=name))

    header = headers_of(raw)["To"]
    words, _, where = header.rpartition(" ")
    assert where == "<ann@example.com>"
    if words.startswith("=?"):
        assert str(make_header(decode_header(words))) == name
    else:
        assert words.removeprefix('"').removesuffix('"').replace('\\"', '"') == name


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
def test_subject_begins_on_its_first_line_and_reads_as_it_was_typed(subject: str, mailbox: Mailbox) -> None:
    raw = sent(mailbox, mail(subject=subject))

    first_line = re.search(rb"^Subject: ([^\r]+)\r\n", raw, re.MULTILINE)
    assert first_line
    assert str(make_header(decode_header(headers_of(raw)["Subject"]))) == " ".join(subject.split())


@pytest.mark.parametrize("subject", SUBJECTS, ids=range(len(SUBJECTS)))
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_lines_are_as_long_as_the_standards_allow(name: str, subject: str) -> None:
    files = (Part("Übersicht " + "x" * 120 + ".csv", "text/csv", b"a;b\r\n" * 500),)
    letter = mail(name=name, subject=subject, text="ü" * 3000 + "\n" + "x" * 3000 + "\n", parts=files)

    raw = compose(letter).as_bytes()

    assert raw.isascii()
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    head, _, body = raw.partition(b"\r\n\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert max(map(len, body.split(b"\r\n"))) <= 78
    for line in head.split(b"\r\n"):
        assert not line.startswith(b" ") or line.strip()
        if b"=?utf-8?" in line:
            assert len(line) <= 78
            assert max(map(len, re.findall(rb"=\?utf-8\?\S*\?=", line))) <= 75
        elif len(line) > 78:
            assert line.strip().count(b" ") <= 1  # one word that cannot be broken


def part_of(raw: bytes, kind: str) -> Message:
    message = email.message_from_bytes(raw, policy=compat32)
    return next(part for part in message.walk() if part.get_content_type() == kind)


@pytest.mark.django_db
def test_signature_of_a_mail_keeps_its_blank_and_there_is_one(
    alice: User, carol: User, mailbox: Mailbox, clock: Hand
) -> None:
    incident = make_incident(requester=carol, title="No sound")
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="See below.\n-- \nAlice\n--\nand more")

    sweep(clock)

    raw = mailbox.raw[-1]
    encoded = part_of(raw, "text/plain").get_payload()
    assert encoded.count("\r\n--=20\r\n") == 1
    text = quopri.decodestring(encoded.encode()).decode().replace("\r\n", "\n")
    body, _, foot = text.partition("\n-- \n")
    assert "and more" in body
    assert foot.startswith("You get this because")


@pytest.mark.django_db
def test_every_mail_of_an_incident_is_sound(
    alice: User, carol: User, incident: Incident, mailbox: Mailbox, clock: Hand
) -> None:
    User.objects.filter(pk=carol.pk).update(first_name="Zoë", last_name="Ōkubo")
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="ü" * 400)
    clock.now += timedelta(minutes=1)

    sweep(clock)

    assert mailbox.raw
    for raw in mailbox.raw:
        headers = headers_of(raw)
        assert headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/mail/stop/")
        assert headers["List-Unsubscribe"].endswith("/>")
        assert headers["Subject"].startswith("[INC")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
