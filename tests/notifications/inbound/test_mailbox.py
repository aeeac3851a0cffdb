"""Mail is fetched, and deleted there only once it is kept here."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone

from incidents.models import Incident
from notifications import tasks
from notifications.health import mailbox_is_silent
from notifications.inbound.mailbox import MailboxError, fetch
from notifications.inbound.place import Mailbox, mailbox
from notifications.models import InboundMail
from tests.notifications.inbound.conftest import Letter
from tests.notifications.inbound.imap import Post
from tests.notifications.sink import Hand

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def post(letter: Letter) -> Iterator[Post]:
    """Two mails wait."""
    mails = {7: letter(), 9: letter("And 5.3 too.", Message_ID="<2@example.com>")}
    with Post(mails) as server:
        yield server


def box(post: Post) -> Mailbox:
    found = mailbox(f"imap://desk:se%20cret@127.0.0.1:{post.port}/Answers%20in")
    assert found
    return found


def test_what_waits_is_taken_and_then_deleted(post: Post, incident: Incident, clock: Hand) -> None:
    taken = fetch(box(post), clock)

    texts = list(InboundMail.objects.order_by("pk").values_list("entry__text", flat=True))
    assert (taken, texts, post.mails) == (2, ["It is 5.2.", "And 5.3 too."], {})
    assert 'SELECT "Answers in"' in post.said
    assert fetch(box(post), clock) == 0


def test_connection_that_breaks_after_a_mail_was_kept_doubles_nothing(post: Post, clock: Hand) -> None:
    post.fail_at = "STORE 7"
    with pytest.raises(MailboxError):
        fetch(box(post), clock)
    kept = InboundMail.objects.count()
    post.fail_at = ""

    taken = fetch(box(post), clock)

    assert (kept, taken, InboundMail.objects.count(), post.mails) == (1, 2, 2, {})


def test_mail_that_could_not_be_kept_stays_there(
    post: Post, clock: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(InboundMail.objects, "create", away)

    with pytest.raises(OperationalError):
        fetch(box(post), clock)

    assert (len(post.mails), post.deleted) == (2, set())


def test_fetching_stops_when_its_time_is_over(post: Post, clock: Hand) -> None:
    answers = iter([False, True])

    assert fetch(box(post), clock, stop=lambda: next(answers)) == 1
    assert list(post.mails) == [9]


def test_wrong_password_is_said(post: Post, clock: Hand) -> None:
    post.password = "another"

    with pytest.raises(MailboxError, match="wrong password"):
        fetch(box(post), clock)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", None),
        ("pipe://", None),
        ("imaps://me:p%40ss@mail.example.org", ("imaps", 993, "p@ss", "INBOX")),
        ("imap+tls://me:x@mail.example.org:1143/In/Desk", ("imap+tls", 1143, "x", "In/Desk")),
    ],
)
def test_address_of_the_mailbox_says_where(url: str, found: Any) -> None:
    place = mailbox(url)

    assert (place and (place.scheme, place.port, place.password, place.folder)) == found


@pytest.mark.parametrize("url", ["pop3://a:b@c", "imaps://host", "mail", "imaps://a:b@"])
def test_address_that_names_no_mailbox_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="imaps://"):
        mailbox(url)


def test_task_fetches_and_health_knows_when_it_could_not(
    post: Post, settings: LazySettings, clock: Hand
) -> None:
    tasks.fetch_mail()
    settings.INBOUND_MAIL_URL = f"imap://desk:se%20cret@127.0.0.1:{post.port}/"
    before = mailbox_is_silent(timezone.now())

    tasks.fetch_mail()

    assert (before, mailbox_is_silent(timezone.now()), post.mails) == (True, False, {})
    settings.INBOUND_MAIL_URL = "imap://desk:x@127.0.0.1:1/"
    tasks.fetch_mail()


def test_command_fetches_and_says_how_many(post: Post, settings: LazySettings) -> None:
    said = io.StringIO()
    settings.INBOUND_MAIL_URL = f"imap://desk:se%20cret@127.0.0.1:{post.port}/"

    call_command("fetch_mail", stdout=said)

    assert said.getvalue() == "2 mails taken.\n"


def test_command_without_a_mailbox_says_so(db: None) -> None:
    with pytest.raises(CommandError, match="names no mailbox"):
        call_command("fetch_mail")


def test_pipe_takes_a_mail_from_standard_input(
    letter: Letter, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(letter())))
    said = io.StringIO()

    call_command("receive_mail", stdout=said)

    assert said.getvalue() == f"commented {incident.number}\n"


def test_pipe_asks_the_mail_server_to_come_back_when_the_database_is_away(tmp_path: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    nowhere = {"DATABASE_URL": "postgres://desk:x@127.0.0.1:1/desk", "DATA_DIR": str(tmp_path)}

    result = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"],
        cwd=ROOT,
        env={**kept, **nowhere},
        input=b"Subject: hi\n\nhi",
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert result.returncode == 75
    assert b"Not kept, try again later: OperationalError" in result.stderr
