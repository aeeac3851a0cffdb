"""One run over a log: rows gathered by incident, written in batches, everything counted.

A batch is one transaction and an incident is whole or not there, so a run that dies anywhere can be
started again: what is there is left alone or brought up to date, the rest is written. An incident of
which one row cannot be taken over is set aside whole, into a file that can be mended and imported.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction

from incidents.errors import StaleIncident
from incidents.importers.catalogue import Missing, Names
from incidents.importers.histories import Telling
from incidents.importers.reading import BrokenOff, Line, LogFile, NotALog
from incidents.importers.rejects import Rejects
from incidents.importers.servicenow import SOURCE_NAME, BadRow, Format, Row
from incidents.sla.policy import load_policy_book
from incidents.workflow.history import Diverged, continue_history, record_history, recorded

#: More rows than any incident has: they are something else, and memory is not endless.
LONGEST_BLOCK = 10_000


@dataclass
class Block:
    """The rows of one incident that stand together, with the lines they came from."""

    number: str
    lines: list[Line] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    #: why it cannot be taken over: line and reason
    faults: list[tuple[int, str]] = field(default_factory=list)

    def oldest_first(self) -> list[Row]:
        """As it happened, also when the log tells the newest row first."""
        return self.rows[::-1] if self.is_newest_first() else self.rows

    def is_newest_first(self) -> bool:
        """By the record's own count of changes, else by the time, else by what cannot come last.

        Time that goes back by an hour or less proves nothing: clocks are put back.
        """
        first, last = self.rows[0], self.rows[-1]
        if first.changes != last.changes:
            return last.changes < first.changes and last.at <= first.at
        if first.at - last.at > timedelta(hours=1):
            return True
        return first.at == last.at and last.is_new and not first.is_new


@dataclass
class Tally:
    """What a run did, or a dry run would do."""

    rows: int = 0
    bad: int = 0
    incidents: int = 0
    entries: int = 0
    already_there: int = 0
    #: Of those, incidents that got the rows they had not yet.
    brought_up: int = 0
    #: Of those, incidents of which the log has fewer rows than are here.
    differing: int = 0
    set_aside: int = 0
    created: Counter[str] = field(default_factory=Counter)
    broken_off: str = ""

    @property
    def is_complete(self) -> bool:
        return not (self.bad or self.set_aside or self.differing or self.broken_off)


class Taker(Protocol):
    """What becomes of the incidents that are not there yet, or not yet whole."""

    created: Counter[str]

    def take(self, blocks: Sequence[Block]) -> int:
        """Returns how many entries they make."""

    def go_on(self, block: Block, there: int) -> int:
        """The same for one of which the first `there` rows are here. Raises Diverged."""


class Recording:
    """Writes each batch in one transaction, with the people and things it names."""

    def __init__(self, *, zone: ZoneInfo, at: datetime) -> None:
        self.telling = Telling(Names(), zone)
        self.book = load_policy_book()
        self.at = at
        self.created = Counter[str]()

    def take(self, blocks: Sequence[Block]) -> int:
        return self._write(blocks, self._record)

    def go_on(self, block: Block, there: int) -> int:  # noqa: ARG002 -- what is here is counted again, under its lock
        return self._write([block], self._continue)

    def _write(self, blocks: Sequence[Block], work: Callable[[Sequence[Block]], int]) -> int:
        missing = self.telling.names.missing(row for block in blocks for row in block.rows)
        try:
            with transaction.atomic(durable=True):
                self.telling.names.create(missing, at=self.at)
                entries = work(blocks)
        except Exception:
            self.telling.names = Names()  # those it had just made are gone again
            raise
        self.created.update({noun: len(names) for noun, names in missing.items()})
        return entries

    def _record(self, blocks: Sequence[Block]) -> int:
        histories = (self.telling.history(block.oldest_first()) for block in blocks)
        return record_history(histories, at=self.at, book=self.book)

    def _continue(self, blocks: Sequence[Block]) -> int:
        history = self.telling.history(blocks[0].oldest_first())
        return continue_history(history, at=self.at, book=self.book)


class Rehearsal:
    """Writes nothing, and knows what would be written."""

    def __init__(self) -> None:
        self.names = Names()
        self.planned: Missing = {}
        self.created = Counter[str]()

    def take(self, blocks: Sequence[Block]) -> int:
        missing = self.names.missing(row for block in blocks for row in block.rows)
        for noun, names in missing.items():
            self.planned.setdefault(noun, set()).update(names)
        self.created = Counter({noun: len(names) for noun, names in self.planned.items()})
        return sum(len(block.rows) for block in blocks)

    def go_on(self, block: Block, there: int) -> int:
        return self.take([block]) - there


@dataclass
class Run:
    """Goes through `log` once. `on_bad(line, reason)` hears of rows left out, `on_progress` of lines read.

    `scattered` are the incidents whose rows do not stand together (see `scattered_in`).
    """

    log: LogFile
    taker: Taker
    batch: int
    on_bad: Callable[[int, str], None]
    on_progress: Callable[[int], None]
    tally: Tally = field(default_factory=Tally)
    rejects: Rejects | None = None
    scattered: frozenset[str] = frozenset()
    _named: set[int] = field(default_factory=set)

    def go(self) -> None:
        """Raises NotALog when there is nothing to read; a file that breaks off is told by the tally."""
        lines = self.log.lines()
        header = header_of(lines)
        if self.rejects:
            self.rejects.begin(header)
        waiting: list[Block] = []
        held = 0
        try:
            for block in self._blocks(lines, Format(header)):
                waiting.append(block)
                held += len(block.lines)
                if len(waiting) >= self.batch or held >= LONGEST_BLOCK:
                    self._take(waiting)
                    waiting, held = [], 0
        except BrokenOff as error:
            self.tally.broken_off = str(error)
        self._take(waiting)

    def _take(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            if block.faults:
                self._set_aside(block)
        whole = [block for block in blocks if not block.faults]
        there = recorded(SOURCE_NAME, (block.number for block in whole))
        self._take_new([block for block in whole if block.number not in there])
        for block in whole:
            if block.number in there:
                self._compare(block, there[block.number])
        self.tally.created = self.taker.created
        self.on_progress(self.tally.rows)

    def _take_new(self, blocks: Sequence[Block]) -> None:
        """All at once; where that fails one by one, so that one of them stops no other."""
        if not blocks:
            return
        try:
            self.tally.entries += self.taker.take(blocks)
            self.tally.incidents += len(blocks)
        except (OperationalError, InterfaceError):
            raise  # the database is not well: no incident is to blame
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is said and the others go on
            if len(blocks) > 1:
                for block in blocks:
                    self._take_new([block])
            elif there := recorded(SOURCE_NAME, [blocks[0].number]):
                self._compare(blocks[0], there[blocks[0].number])  # another import was quicker
            else:
                self._refuse(blocks[0], f"it cannot be written ({type(error).__name__}: {error})")

    def _compare(self, block: Block, there: int) -> None:
        """Of an incident that is here already, take what is not."""
        if len(block.rows) > there:
            try:
                self.tally.entries += self.taker.go_on(block, there)
            except (Diverged, StaleIncident) as error:
                self._refuse(block, str(error))
                return
            self.tally.brought_up += 1
        self.tally.already_there += 1
        self.tally.differing += len(block.rows) < there

    def _refuse(self, block: Block, reason: str) -> None:
        block.faults.append((block.lines[0].number, f"{block.number}: {' '.join(reason.split())}"))
        self._set_aside(block)

    def _set_aside(self, block: Block) -> None:
        self.tally.set_aside += 1
        for number, reason in block.faults:
            if number not in self._named:
                self._named.add(number)
                self.on_bad(number, reason)
        if self.rejects is None:
            return
        reasons = dict(block.faults)
        first, cause = block.faults[0]
        for line in block.lines:
            self.rejects.add(line, reasons.get(line.number, f"see line {first}: {cause}"))

    def _blocks(self, lines: Iterable[Line], log_format: Format) -> Iterator[Block]:
        """Rows that stand together by incident. The last block is lost when the file breaks off in it."""
        block: Block | None = None
        nobodys: list[tuple[Line, str]] = []
        for line in lines:
            if not line.content:
                continue
            self.tally.rows += 1
            row, reason = self._read(line, log_format)
            self.tally.bad += row is None
            number = row.number if row else log_format.number_of(line)
            if number is None:
                nobodys.append((line, reason))
                continue
            if block is None or number != block.number:
                if block is not None:
                    self._blame(block, nobodys)
                    yield block
                block = self._begin(number, line)
            self._blame(block, nobodys)
            nobodys = []
            self._add(block, line, row, reason)
        if block is not None:
            self._blame(block, nobodys)
            yield block
        elif nobodys:
            for line, reason in nobodys:
                self.on_bad(line.number, reason)

    def _begin(self, number: str, line: Line) -> Block:
        block = Block(number)
        if number in self.scattered:
            reason = f"{number} has rows apart from its other rows; sort the log by incident"
            block.faults.append((line.number, reason))
        return block

    def _add(self, block: Block, line: Line, row: Row | None, reason: str) -> None:
        if len(block.lines) == LONGEST_BLOCK:
            block.faults.append((line.number, f"{block.number} has more than {LONGEST_BLOCK} rows"))
        if len(block.lines) >= LONGEST_BLOCK:
            return
        block.lines.append(line)
        if row is None:
            block.faults.append((line.number, reason))
        else:
            block.rows.append(row)

    def _blame(self, block: Block, nobodys: Sequence[tuple[Line, str]]) -> None:
        """A row that does not say whose it is may belong to the incident before it or after it."""
        for line, reason in nobodys:
            if line not in block.lines:
                block.lines.append(line)
                block.faults.append((line.number, reason))

    def _read(self, line: Line, log_format: Format) -> tuple[Row | None, str]:
        try:
            return log_format.row(line), ""
        except BadRow as error:
            if not line.is_ended:
                raise BrokenOff(line.number, f"the last line is not whole ({error})") from error
            return None, str(error)


def header_of(lines: Iterator[Line]) -> Line:
    """Raises NotALog."""
    try:
        header = next(lines, None)
    except BrokenOff as error:
        raise NotALog(f"Not one line can be read: {error.reason}.") from error
    if header is None:
        raise NotALog("The file is empty.")
    return header


def scattered_in(log: LogFile) -> frozenset[str]:
    """The incidents whose rows do not all stand together: taken over block by block they would be half."""
    lines = log.lines()
    log_format = Format(header_of(lines))
    finished, scattered = set[str](), set[str]()
    current = ""
    try:
        for line in lines:
            number = log_format.number_of(line)
            if number is None or number == current:
                continue
            finished.add(current)
            if number in finished:
                scattered.add(number)
            current = number
    except BrokenOff:
        pass  # said by the run
    return frozenset(scattered)
