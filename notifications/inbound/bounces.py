"""Reports of mail servers that a mail of ours did not arrive (RFC 3464).

Believed when they come to the envelope address of a delivery, which only that mail carried and only we
can have signed. Which address it is about is known from the delivery, whatever the report says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from notifications.channels.email.identity import BOUNCE, delivery_of
from notifications.inbound.headers import addresses, header
from notifications.inbound.reading import Letter
from notifications.models import Delivery

TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
#: RFC 3463: x.1.y is about the address, x.2.1 a mailbox that takes nothing any more. Full or refused for
#: what it says (x.2.2, x.7.y) may be otherwise tomorrow.
ADDRESS, MAILBOX_OFF = "1", ("2", "1")
MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Bounce:
    delivery: Delivery
    text: str
    #: given up; else the server goes on trying
    is_final: bool
    #: nobody is at that address
    is_hard: bool


def bounce_of(letter: Letter) -> Bounce | None:
    delivery = _returned(letter.message)
    if delivery is None or not _is_report(letter.message):
        return None
    groups = list(_recipients(letter.message))
    failed = [group for group in groups if header(group, "Action").lower() == "failed"]
    group = next(iter(failed or groups), None)
    if group is None:
        return None
    said = header(group, "Diagnostic-Code").partition(";")[2].strip()
    status = _status(header(group, "Status"), said)
    return Bounce(delivery, f"{status} {said}".strip()[:300], bool(failed), bool(failed) and _nobody(status))


def _returned(message: Message) -> Delivery | None:
    for address in addresses(message, *TO):
        if identity := delivery_of(address, BOUNCE):
            return Delivery.objects.filter(uuid=identity).first()
    return None


def _is_report(message: Message) -> bool:
    kind = str(message.get_param("report-type") or "").lower()
    return message.get_content_type() == "multipart/report" and kind == "delivery-status"


def _recipients(message: Message) -> Iterator[Message]:
    """The groups about recipients; the first group is about the whole mail."""
    parts = message.get_payload()
    for part in parts if isinstance(parts, list) else ():
        groups = part.get_payload() if isinstance(part, Message) else None
        if isinstance(part, Message) and part.get_content_type() == "message/delivery-status":
            yield from (group for group in groups or () if isinstance(group, Message) and group["Action"])


def _status(given: str, said: str) -> str:
    """What the report says, or the server behind it where the report only says that it failed."""
    first = next(iter(given.split()), "")
    if _is_status(first) and not first.endswith(".0.0"):
        return first
    words = said.replace("-", " ").split()[:MOST_WORDS]
    return next((word for word in words if _is_status(word)), first)


def _is_status(word: str) -> bool:
    numbers = word.split(".")
    return (
        len(numbers) == 3
        and numbers[0] in {"2", "4", "5"}
        and all(n.isascii() and n.isdigit() for n in numbers)
    )


def _nobody(status: str) -> bool:
    if not _is_status(status):
        return False
    kind, subject, detail = status.split(".")
    return kind == "5" and (subject == ADDRESS or (subject, detail) == MAILBOX_OFF)
