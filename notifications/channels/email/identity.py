"""Names that mails and answers to them are known by."""

import hashlib
import hmac
from email.utils import parseaddr
from uuid import UUID

from django.conf import settings

BOUNCE, REPLY = "b", "r"


def sender() -> tuple[str, str]:
    """Name and address that mail comes from."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)


def mail_domain() -> str:
    return sender()[1].rpartition("@")[2] or "localhost"


def thread_id(incident_uid: UUID) -> str:
    """The root that all mails of an incident refer to, so that they stand together in a mailbox."""
    return f"<i.{incident_uid}@{mail_domain()}>"


def signed_address(kind: str, delivery: UUID) -> str:
    """An address that only we can have made: what comes to it belongs to that delivery."""
    local, _, domain = sender()[1].rpartition("@")
    return f"{local}+{kind}.{delivery.hex}.{_mark(kind, delivery.hex)}@{domain}"


def delivery_of(address: str, kind: str) -> UUID | None:
    """The delivery an address of ours was made for. None: it was not made by us."""
    tag = address.rpartition("@")[0].rpartition("+")[2].split(".")
    if (
        len(tag) != 3
        or tag[0] != kind
        or not hmac.compare_digest(_mark(kind, tag[1]).encode(), tag[2].encode())
    ):
        return None
    try:
        return UUID(hex=tag[1])
    except ValueError:  # only one who holds our key can make such a tag
        return None


def delivery_of_message(message_id: str) -> UUID | None:
    """The delivery whose Message-ID it looks like. Nobody but its readers can know a whole one."""
    name = message_id.strip("<>").partition("@")[0]
    if not name.startswith("d."):
        return None
    try:
        return UUID(name.removeprefix("d."))
    except ValueError:
        return None


def _mark(kind: str, text: str) -> str:
    digest = hmac.digest(
        settings.SECRET_KEY.encode(), f"notifications.{kind}:{text}".encode(), hashlib.sha256
    )
    return digest.hex()[:12]
