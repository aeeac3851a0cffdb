"""Headers as they leave, folded by RFC 5322 and encoded by RFC 2047.

Python's own folding puts addresses of the web and Message-IDs into encoded words when they are long,
which no mail program and no robot reads; here only text of people is ever encoded.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from email.headerregistry import Address
from email.policy import EmailPolicy
from typing import Any

#: A line ends here if it can; an encoded word and a line that holds one have limits of their own.
LINE, WORD = 78, 75
TEXT = frozenset({"subject"})
ADDRESSES = frozenset({"from", "to", "reply-to"})
#: Those with parameters stay with Python, which knows how to continue a parameter.
PARAMETERS = frozenset({"content-type", "content-disposition"})


class Subject(str):
    """As it was typed, also where that looks encoded: the name keeps Python from parsing it."""

    __slots__ = ()
    name = "Subject"


class WirePolicy(EmailPolicy):
    def fold(self, name: str, value: Any) -> str:
        if name.lower() in PARAMETERS:
            return str(super().fold(name, value))
        if name.lower() in TEXT:
            words = phrase(str(value), len(name) + 2)
        elif name.lower() in ADDRESSES:
            words = [word for address in value.addresses for word in mailbox(address, len(name) + 2)]
        else:
            words = str(value).split()
        return folded(name, words)

    def fold_binary(self, name: str, value: object) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


WIRE = WirePolicy(linesep="\r\n")


def folded(name: str, words: Iterable[str]) -> str:
    """The first word stands behind the name, however long; no word is ever broken."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines) == 1 and lines[0] == f"{name}:":
            lines[0] += f" {word}"
        elif len(lines[-1]) + 1 + len(word) <= LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "\r\n".join(lines) + "\r\n"


def phrase(text: str, used: int) -> list[str]:
    """Plain ASCII as it is, else the whole text in encoded words. `used`: taken on the first line."""
    if text.isascii() and "=?" not in text:
        return text.split()
    return list(_encoded(text, used))


def mailbox(address: Address, used: int) -> list[str]:
    where = f"<{address.addr_spec}>"
    name = address.display_name
    if not name:
        return [address.addr_spec]
    if not name.isascii() or "=?" in name:
        return [*phrase(name, used), where]
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    is_plain = all(char.isalnum() or char in " !#$%&'*+-/=?^_`{|}~" for char in name)
    return [*(name if is_plain else f'"{quoted}"').split(" "), where]


def _encoded(text: str, used: int) -> Iterator[str]:
    """A character is never divided between two words."""
    room, chunk = WORD - used, ""
    for char in text:
        if chunk and len(_word(chunk + char)) > room:
            yield _word(chunk)
            room, chunk = WORD, char
        else:
            chunk += char
    yield _word(chunk)


def _word(text: str) -> str:
    return f"=?utf-8?B?{b64encode(text.encode()).decode()}?="
