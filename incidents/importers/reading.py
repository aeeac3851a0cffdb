"""Opening a log, whatever it is packed in, and reading it line by line in bounded memory."""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, Self, cast

XZ, GZIP, ZIP = b"\xfd7zXZ\x00", b"\x1f\x8b", b"PK\x03\x04"
#: A longer line is no record. Also what keeps a small file that unpacks to one endless line harmless.
LONGEST_LINE = 1 << 20
BROKEN = (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error, OSError)


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
    content: bytes
    #: False for a line longer than any record, of which only the beginning is here.
    is_whole: bool
    #: False for a last line without a line end: the file may have been cut.
    is_ended: bool


class LogFile:
    """A plain, .xz or .gz file, told apart by its first bytes. `position` of `size` bytes are read."""

    def __init__(self, path: Path) -> None:
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

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._unpacked.close()
        self._packed.close()

    @property
    def position(self) -> int:
        return self._packed.tell() if self._packed.seekable() else 0

    def lines(self) -> Iterator[Line]:
        number = 0
        while True:
            number += 1
            try:
                content = self._unpacked.readline(LONGEST_LINE)
                is_whole = len(content) < LONGEST_LINE or content.endswith(b"\n")
                is_ended = content.endswith(b"\n") if is_whole else self._skip_rest()
            except BROKEN as error:
                raise BrokenOff(number, f"the file is cut short or damaged ({error})") from error
            if not content:
                return
            yield Line(number, content.rstrip(b"\r\n"), is_whole, is_ended)

    def _skip_rest(self) -> bool:
        content = b"more"
        while content and not content.endswith(b"\n"):
            content = self._unpacked.readline(LONGEST_LINE)
        return bool(content)

    def _unpack(self, start: bytes) -> BufferedReader:
        if start.startswith(XZ):
            return BufferedReader(cast("BufferedReader", lzma.LZMAFile(self._packed)), 1 << 16)
        if start.startswith(GZIP):
            return BufferedReader(cast("BufferedReader", gzip.GzipFile(fileobj=self._packed)), 1 << 16)
        return self._packed
