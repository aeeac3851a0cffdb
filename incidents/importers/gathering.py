"""The records of a log gathered by incident, in whatever order they stand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from incidents.importers.apart import Apart
from incidents.importers.blocks import Block
from incidents.importers.cell import BadRow
from incidents.importers.reading import ANSI, UTF_8, BrokenOff, Line, LogFile
from incidents.importers.records import Record, header_of
from incidents.importers.servicenow import Format

#: More rows than any incident has: they are something else, and memory is not endless.
LONGEST_BLOCK = 10_000
#: A record with its incident; None where it does not say.
Numbered = tuple[str | None, Record]


@dataclass(frozen=True)
class Survey:
    """What has to be known of a log before it is read."""

    #: Incidents whose rows do not all stand together.
    scattered: frozenset[str] = frozenset()
    encoding: str = UTF_8


def survey(log: LogFile) -> Survey:
    """Reads `log` to its end. Raises NotALog.

    A log without a mark in which not one letter beyond ASCII is UTF-8 is windows-1252: what older
    desks and spreadsheets write. With some of both it is UTF-8 with bad rows.
    """
    lines = log.lines()
    log_format = Format(header_of(lines))
    finished, scattered = set[str](), set[str]()
    current = ""
    utf_8 = other = False
    try:
        for record in log_format.records(lines):
            is_text = not record.is_foreign
            utf_8 = utf_8 or (is_text and not record.text.isascii())
            other = other or not is_text
            number = log_format.number_of(record)
            if number is None or number == current:
                continue
            finished.add(current)
            if number in finished:
                scattered.add(number)
            current = number
    except BrokenOff:
        pass  # said by the run
    encoding = ANSI if log.encoding == UTF_8 and other and not utf_8 else log.encoding
    return Survey(frozenset(scattered), encoding)


class Gathering:
    """Blocks out of lines. Rows of scattered incidents wait on disk for the end of the log."""

    def __init__(self, log_format: Format, scattered: frozenset[str]) -> None:
        self.format = log_format
        self.scattered = scattered
        self.rows = 0
        #: The lines of rows that cannot be taken over.
        self.bad = set[int]()

    def blocks(self, lines: Iterator[Line]) -> Iterator[Block]:
        """Raises BrokenOff; the block in which the file breaks off is lost, and the scattered ones."""
        with Apart() as apart:
            yield from self._blocks(self._together(lines, apart))
            yield from self._blocks(apart.records())

    def _together(self, lines: Iterator[Line], apart: Apart) -> Iterator[Numbered]:
        """What does not wait. A row that does not say whose it is goes with its neighbours."""
        before: str | None = None
        nobodys: list[Record] = []
        for record in self.format.records(lines):
            self.rows += 1
            if not record.is_ended and (reason := self._fault(record)):
                raise BrokenOff(record.line, f"the last line is not whole ({reason})")
            number = self.format.number_of(record)
            if number is None:
                nobodys.append(record)
                continue
            yield from self._between(before, nobodys, number, apart)
            before, nobodys = number, []
            if number in self.scattered:
                apart.add(number, record)
            else:
                yield number, record
        yield from self._between(before, nobodys, None, apart)

    def _between(
        self, before: str | None, nobodys: Sequence[Record], after: str | None, apart: Apart
    ) -> Iterator[Numbered]:
        neighbours = {before, after} - {None}
        for record in nobodys:
            for number in neighbours & self.scattered:
                apart.add(str(number), record)
            if not neighbours <= self.scattered or not neighbours:
                yield None, record

    def _blocks(self, numbered: Iterable[Numbered]) -> Iterator[Block]:
        block = Block("")
        nobodys: list[Record] = []
        for number, record in numbered:
            if number is None:
                nobodys.append(record)
                continue
            if number != block.number:
                self._blame(block, nobodys)
                if block.records and block.number:
                    yield block
                block = Block(number)
            self._blame(block, nobodys)
            nobodys = []
            if len(block.records) == LONGEST_BLOCK:
                block.faults.append((record.line, f"{number} has more than {LONGEST_BLOCK} rows"))
                yield block
                block = Block(number, faults=block.faults[-1:])
            self._add(block, record)
        self._blame(block, nobodys)
        if block.records:
            yield block

    def _add(self, block: Block, record: Record) -> None:
        try:
            block.add(record, self.format.row(record))
        except BadRow as error:
            self.bad.add(record.line)
            block.blame(record, str(error))

    def _blame(self, block: Block, nobodys: Sequence[Record]) -> None:
        """A row that does not say whose it is may belong to the incident before it or after it."""
        for record in nobodys:
            self.bad.add(record.line)
            block.blame(record, self._fault(record) or "it does not say whose row it is")

    def _fault(self, record: Record) -> str:
        try:
            self.format.row(record)
        except BadRow as error:
            return str(error)
        return ""
