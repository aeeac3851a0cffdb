"""Lines into records: cells between commas, semicolons or tabs, of which quoted ones may hold line ends."""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from incidents.importers.reading import LONGEST_LINE, BrokenOff, Line, NotALog

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
#: A quoted cell of more lines is a quotation mark that was never meant as one.
LONGEST_RECORD = 500
#: How a spreadsheet is told the delimiter, before the names of the columns.
HINT = "sep="


class Record(NamedTuple):
    #: The first of its lines.
    line: int
    #: As it stands in the file.
    text: str
    cells: list[str]
    #: Why there are no cells; empty when there are.
    fault: str
    is_ended: bool

    @property
    def is_foreign(self) -> bool:
        """It holds bytes that are no text of the encoding it was read in."""
        return not self.text.isascii() and any("\ud800" <= char <= "\udfff" for char in self.text)


def header_of(lines: Iterator[Line]) -> Line:
    """Raises NotALog."""
    try:
        header = next(lines, None)
        if header is not None and header.content.lower().startswith(HINT):
            header = next(lines, None)
    except BrokenOff as error:
        raise NotALog(f"Not one line can be read: {error.reason}.") from error
    if header is None:
        raise NotALog("The file is empty.")
    return header


def columns(header: Line) -> tuple[str, list[str]]:
    """What parts the cells, as often as the header has it, and the names of the columns. Raises NotALog."""
    delimiter = max(DELIMITERS, key=header.content.count)
    record, _ = _record(header, iter(()), delimiter)
    if record.fault:
        raise NotALog(f"The first line is no list of column names: {record.fault}.")
    names = [name.strip() for name in record.cells]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice:
        raise NotALog(f"The first line names the column {twice[:40]} twice. Take one of them out.")
    return delimiter, names


def records(lines: Iterator[Line], delimiter: str, width: int) -> Iterator[Record]:
    """One for each row; a blank line is none.

    Where a quotation mark opens a cell and none closes it as it should, only that line is bad: those
    below are read as if it was not there.
    """
    source = Lines(lines)
    for line in source:
        if not line.content:
            continue
        record, taken = _record(line, source, delimiter)
        if len(record.cells) != width and taken:
            source.give_back(taken)
            fault = f"not {DELIMITERS[delimiter]}-separated values (a quotation mark is not closed)"
            record = Record(line.number, line.content, [], fault, line.is_ended)
        elif not record.fault and len(record.cells) != width:
            fault = f"{len(record.cells)} columns where the header has {width}"
            record = record._replace(cells=[], fault=fault)
        yield record


class Lines:
    """Lines that can be given back."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._returned = deque[Line]()

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        return self._returned.popleft() if self._returned else next(self._lines)

    def give_back(self, lines: Sequence[Line]) -> None:
        self._returned.extendleft(reversed(lines))


def _record(first: Line, more: Iterator[Line], delimiter: str) -> tuple[Record, list[Line]]:
    """The record that begins with `first`, and the lines of `more` that it took."""
    taken: list[Line] = []

    def text() -> Iterator[str]:
        yield f"{first.content}\n"
        length = len(first.content)
        for line in more:
            taken.append(line)
            length += len(line.content)
            if len(taken) == LONGEST_RECORD or length > LONGEST_LINE:
                return
            yield f"{line.content}\n"

    fault = _fault(first)
    cells: list[str] = []
    if not fault:
        try:
            cells = next(csv.reader(text(), delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            fault = f"not {DELIMITERS[delimiter]}-separated values ({error})"
    last = taken[-1] if taken else first
    whole = "\n".join([first.content, *(line.content for line in taken)])
    fault = fault or next((found for line in taken if (found := _fault(line))), "")
    return Record(first.number, whole, [] if fault else cells, fault, last.is_ended), taken


def _fault(line: Line) -> str:
    """What no cell may hold."""
    if not line.is_whole:
        return "the line is too long to be a record"
    if "\0" in line.content:
        return "it holds a NUL byte"
    try:
        line.content.encode()
    except UnicodeEncodeError as error:
        return f"character {error.start + 1} is no text in this encoding; another is named with --encoding"
    return ""
