"""What `INBOUND_MAIL_URL` says: where answers to mails of the desk are fetched from."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

PORTS = {"imaps": 993, "imap+tls": 143, "imap": 143}
#: Not fetched: the mail server hands each mail to `manage.py receive_mail`.
PIPE = "pipe"


@dataclass(frozen=True, slots=True)
class Mailbox:
    scheme: str
    host: str
    port: int
    user: str
    password: str
    folder: str


def mailbox(url: str) -> Mailbox | None:
    """What `INBOUND_MAIL_URL` names; None where nothing is to be fetched. Raises ValueError."""
    parts = urlsplit(url)
    if not url or parts.scheme == PIPE:
        return None
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise ValueError("Use imaps://user:password@host/INBOX, imap+tls://... or pipe://")
    return Mailbox(
        scheme=parts.scheme,
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )
