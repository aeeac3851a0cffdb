"""The mailbox that answers come to, by IMAP. A mailbox of the desk's own: what is kept here is deleted there.

Each mail is deleted only after it was committed here, so that a crash leads to a second copy, which is
known, and never to a lost one.
"""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import structlog

from notifications.inbound.place import Mailbox
from notifications.inbound.receiving import receive
from notifications.models import Heartbeat

log = structlog.get_logger(__name__)

ROLE = "mailbox"
SECONDS = 30
#: Larger ones stay on the server, and the log says so.
LARGEST = 64 * 1024 * 1024


class MailboxError(Exception):
    """It could not be fetched from; the text says why."""


def fetch(box: Mailbox, clock: Callable[[], datetime], *, stop: Callable[[], bool] = lambda: False) -> int:
    """Take what waits there, oldest first, until told to stop. How many were taken. Raises MailboxError."""
    taken = 0
    try:
        with _opened(box) as server:
            for uid in _waiting(server):
                if stop():
                    break
                receive(_content(server, uid), at=clock())
                _said(server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Deleted)"))
                taken += 1
            _said(server.expunge())
    except (imaplib.IMAP4.error, OSError) as error:
        raise MailboxError(f"{type(error).__name__}: {error}"[:300]) from error
    Heartbeat.objects.update_or_create(role=ROLE, defaults={"at": clock()})
    return taken


@contextmanager
def _opened(box: Mailbox) -> Iterator[imaplib.IMAP4]:
    if box.scheme == "imaps":
        context = ssl.create_default_context()
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=SECONDS)
    else:
        server = imaplib.IMAP4(box.host, box.port, timeout=SECONDS)
    try:
        if box.scheme == "imap+tls":
            server.starttls(ssl.create_default_context())
        server.login(box.user, box.password)
        _said(server.select(_quoted(box.folder)))
        yield server
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
        with suppress(OSError):  # a log-out that failed leaves the socket open
            server.shutdown()


def _waiting(server: imaplib.IMAP4) -> list[str]:
    """The identifiers of what is not deleted. What is too large is counted and left."""
    large = _said(server.uid("SEARCH", "UNDELETED", "LARGER", str(LARGEST)))[0]
    if large:
        log.warning("mail_too_large_to_fetch", count=len(large.split()))
    found = _said(server.uid("SEARCH", "UNDELETED", "NOT", "LARGER", str(LARGEST)))[0]
    return [uid.decode() for uid in (found or b"").split()]


def _content(server: imaplib.IMAP4, uid: str) -> bytes:
    """Without marking it as read: until it is kept here it stays as it was."""
    for part in _said(server.uid("FETCH", uid, "(BODY.PEEK[])")):
        if isinstance(part, tuple):
            content: bytes = part[1]
            return content
    raise imaplib.IMAP4.error(f"message {uid} came without content")


def _said(answer: tuple[str, list[Any]]) -> list[Any]:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(str(data[0] if data else status))
    return data


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
