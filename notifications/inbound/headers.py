"""Headers of mails that nobody has checked before us: cut first, then read, and never raising."""

from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from incidents.lines import one_line
from notifications.inbound.charsets import decode

LONGEST = 5_000
LONGEST_ADDRESSES = 20_000


def header(message: Message, name: str) -> str:
    """The first one of that name, decoded, in one line without control characters."""
    raw = _raw(message, name)
    return decoded(raw[0][:LONGEST]) if raw else ""


def lines(message: Message) -> Iterator[str]:
    """All of them, decoded, whatever they are called."""
    for name in {key.lower() for key in message}:
        yield from (decoded(value[:LONGEST]) for value in _raw(message, name))


def decoded(value: str) -> str:
    """A value with its encoded words (`=?utf-8?q?...?=`) read."""
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        return one_line(value)
    return one_line("".join(_piece(piece, label) for piece, label in pieces))


def _piece(piece: bytes | str, label: str | None) -> str:
    if isinstance(piece, str):
        return piece
    return decode(piece, label) if label else piece.decode("raw-unicode-escape", "ignore")


def addresses(message: Message, *names: str) -> list[str]:
    """The bare addresses in these headers, in lower case."""
    lines = [value[:LONGEST_ADDRESSES] for name in names for value in _raw(message, name)]
    try:
        found = getaddresses(lines)
    except (RecursionError, ValueError, IndexError):
        return []
    return [one_line(address).lower() for _name, address in found if "@" in address]


def count(message: Message, name: str) -> int:
    return len(_raw(message, name))


def _raw(message: Message, name: str) -> list[str]:
    wanted = name.lower()
    return [
        decode(str(value).encode("utf-8", "surrogateescape"))
        for key, value in message.raw_items()
        if key.lower() == wanted
    ]
