"""Opening a log, whatever it is packed and encoded in, and reading it line by line in bounded memory."""

import codecs
import gzip
import lzma
import zlib
from collections.abc import Iterator
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, Self, cast

XZ, GZIP, ZIP = b"\xfd7zXZ\x00", b"\x1f\x8b", b"PK\x03\x04"
#: A longer line is no record. Also what keeps a small file that unpacks to one endless line harmless.
LONGEST_LINE = 1 << 20
#: Bytes unpacked at a time.
AHEAD = 1 << 16
BROKEN = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, UnicodeError, OSError)
UTF_8, ANSI = "utf-8", "windows-1252"
#: The longer marks first: that of UTF-32 begins like that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)


class NotALog(Exception):
    """The file cannot be read at all; nothing was."""


class BrokenOff(Exception):
    """The file ends before its end, or is damaged from here on. What came before is good."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class Line(NamedTuple):
    number: int
    #: Bytes that are no text of the encoding stand as lone surrogates.
    content: str
    #: False for a line longer than any record, of which only the beginning is here.
    is_whole: bool
    #: False for a last line without a line end: the file may have been cut.
    is_ended: bool


class LogFile:
    """A plain, .xz or .gz file, told apart by its first bytes. `position` of `size` bytes are read.

    `encoding` is that of its byte order mark, else the one given, else UTF-8.
    """

    def __init__(self, path: Path, encoding: str = UTF_8) -> None:
        self.encoding = encoding
        try:
            self.size = path.stat().st_size
            self._packed = path.open("rb")
            start = self._packed.peek(len(XZ))
        except OSError as error:
            raise NotALog(f"{path} cannot be read: {error.strerror}.") from error
        if start.startswith(ZIP):
            self._packed.close()
            raise NotALog(f"{path} is a ZIP archive. Unpack it and give the CSV file inside.")
        self._unpacked = self._unpack(start)
        self._text: TextIOWrapper | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for opened in (self._text, self._unpacked, self._packed):
            if opened is not None:
                opened.close()

    @property
    def position(self) -> int:
        return self._packed.tell() if self._packed.seekable() else 0

    def lines(self) -> Iterator[Line]:
        number = 0
        while True:
            number += 1
            try:
                text = self._text = self._text or self._decoded()
                content = text.readline(LONGEST_LINE)
                is_whole = len(content) < LONGEST_LINE or content.endswith("\n")
                is_ended = content.endswith("\n") if is_whole else _skip_rest(text)
            except BROKEN as error:
                raise BrokenOff(number, f"the file is cut short or damaged ({error})") from error
            if not content:
                return
            yield Line(number, content.rstrip("\r\n"), is_whole, is_ended)

    def _decoded(self) -> TextIOWrapper:
        start = self._unpacked.peek(4)[:4]
        self.encoding = _marked(start) or self.encoding
        return TextIOWrapper(self._unpacked, self.encoding, errors="surrogateescape", newline="\n")

    def _unpack(self, start: bytes) -> BufferedReader:
        if start.startswith(XZ):
            return BufferedReader(cast("BufferedReader", lzma.LZMAFile(self._packed)), AHEAD)
        if start.startswith(GZIP):
            return BufferedReader(cast("BufferedReader", gzip.GzipFile(fileobj=self._packed)), AHEAD)
        return self._packed


def _marked(start: bytes) -> str | None:
    """By its mark; two-byte units without one show by the empty half of the first letter."""
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    first, second = (start + b"??")[:2]
    if first and not second:
        return "utf-16-le"
    return "utf-16-be" if second and not first else None


def _skip_rest(text: TextIOWrapper) -> bool:
    content = "more"
    while content and not content.endswith("\n"):
        content = text.readline(LONGEST_LINE)
    return bool(content)
