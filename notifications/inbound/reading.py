"""A mail as it came: who sent it, what it says, which files it brings. No database, and nothing raises."""

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from hashlib import sha256

from notifications.inbound.charsets import decode
from notifications.inbound.headers import addresses, decoded, header, lines
from notifications.inbound.markup import text_of

LONGEST = 1_000_000
DEEPEST = 50
PICTURE = re.compile(r"\[cid:([^\]\s]{1,200})\]")
NEW_LINE = re.compile(r"\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class File:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    message: Message
    #: what tells two mails of one Message-ID apart
    digest: str
    #: as it was written, quotations and all
    text: str = ""
    files: tuple[File, ...] = ()

    @property
    def message_id(self) -> str:
        return header(self.message, "Message-ID")[:255] or f"<{self.digest}>"

    @property
    def senders(self) -> list[str]:
        return addresses(self.message, "From")

    @property
    def sender(self) -> str:
        """The address, or what stands in its place."""
        found = self.senders
        return (found[0] if found else header(self.message, "From"))[:320]

    @property
    def subject(self) -> str:
        return header(self.message, "Subject")[:300]


@dataclass(slots=True)
class _Found:
    texts: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    pictures: set[str] = field(default_factory=set)


def read(raw: bytes) -> Letter:
    """What can be read; of the rest there is the raw mail."""
    try:
        message = message_from_bytes(raw)
        found = _Found()
        _collect(message, found, 0)
    except RecursionError:  # parts in parts in parts
        head, _, _ = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        return Letter(message_from_bytes(head[:LONGEST]), _digest(raw))
    text = "\n\n".join(text.strip("\n") for _kind, text in found.texts if text.strip())
    shown = PICTURE.sub(lambda match: "" if match[1] in found.pictures else match[0], text[:LONGEST])
    return Letter(message, _digest(raw), shown + text[LONGEST:], tuple(found.files))


def everything_in(raw: bytes) -> Iterator[str]:
    """As it came, and every header and text in it decoded, for whoever looks for words."""
    yield raw.decode(errors="replace")
    try:
        parts = list(message_from_bytes(raw).walk())
    except RecursionError:
        return
    for part in parts:
        yield from lines(part)
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True)
            yield _text(part, part.get_content_type(), content if isinstance(content, bytes) else b"")[1]


def _digest(raw: bytes) -> str:
    """Of what comes after the head: on its way a mail gets headers, and keeps its words."""
    return sha256(raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()).hexdigest()


def _collect(part: Message, found: _Found, depth: int) -> None:
    if depth > DEEPEST:
        raise RecursionError
    if part.get_content_maintype() == "message":
        found.files.append(File(_name(part, ".eml"), part.get_content_type(), _whole(part)))
    elif part.is_multipart():
        inside = _Found()
        for child in _children(part):
            _collect(child, inside, depth + 1)
        if part.get_content_subtype() == "alternative":
            inside.texts = _preferred(inside.texts)
        found.texts += inside.texts
        found.files += inside.files
        found.pictures |= inside.pictures
    else:
        _take(part, found)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    yield from (child for child in payload if isinstance(child, Message)) if isinstance(payload, list) else ()


def _preferred(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The plain one if it says something."""
    plain = [(kind, text) for kind, text in texts if kind == "plain" and text.strip()]
    return plain or [(kind, text) for kind, text in texts if kind == "html"]


def _take(part: Message, found: _Found) -> None:
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    kind = part.get_content_type()
    is_body = kind in {"text/plain", "text/html"} or part.get_content_maintype() == "multipart"
    if is_body and part.get_content_disposition() != "attachment" and not part.get_filename():
        found.texts.append(_text(part, kind, content))
        return
    found.files.append(File(_name(part, mimetypes.guess_extension(kind) or ""), kind, content))
    if name := header(part, "Content-ID").strip("<>"):
        found.pictures.add(name)


def _text(part: Message, kind: str, content: bytes) -> tuple[str, str]:
    text = decode(content, str(part.get_content_charset() or ""))
    text = "".join(
        char for char in NEW_LINE.sub("\n", text) if char != "\0" and not "\ud800" <= char <= "\udfff"
    )
    if kind == "text/html":
        return "html", text_of(text)
    if str(part.get_param("format") or "").lower() == "flowed":
        return "plain", unflowed(text, joins=str(part.get_param("delsp") or "").lower() == "yes")
    return "plain", text


def unflowed(text: str, *, joins: bool) -> str:
    """RFC 3676: a line that ends with a blank goes on in the next one of the same depth."""
    lines: list[str] = []
    goes_on = -1
    for line in text.split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        is_soft = words.endswith(" ") and words != "-- "
        kept = words[:-1] if is_soft and joins else words
        if goes_on == depth and words != "-- ":
            lines[-1] += kept
        else:
            lines.append(f"{'>' * depth} {kept}" if depth else kept)
        goes_on = depth if is_soft else -1
    return "\n".join(lines)


def _name(part: Message, ending: str) -> str:
    try:
        given = part.get_filename()
    except (LookupError, ValueError, TypeError):
        given = None
    return decoded(given[:1_000]) if given else f"file{ending}"


def _whole(part: Message) -> bytes:
    """A mail in the mail, or a machine's report, as it came."""
    try:
        return b"\n\n".join(child.as_bytes() for child in _children(part)) or str(part.get_payload()).encode()
    except (LookupError, ValueError, TypeError, AttributeError):
        return b""
