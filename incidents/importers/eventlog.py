"""One run over a log: rows gathered by incident, written in batches, everything counted.

A batch is one transaction and an incident is whole or not there, so a run that dies anywhere can be
started again: what is there is left alone, the rest is written.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db import transaction

from incidents.importers.catalogue import Missing, Names
from incidents.importers.histories import Telling
from incidents.importers.reading import BrokenOff, Line, LogFile, NotALog
from incidents.importers.servicenow import SOURCE_NAME, BadRow, Format, Row
from incidents.sla.policy import load_policy_book
from incidents.workflow.history import record_history, recorded

#: Rows of one incident, in the order of the log.
Block = Sequence[Row]
#: More rows than any incident has: they are something else, and memory is not endless.
LONGEST_BLOCK = 10_000


@dataclass
class Tally:
    """What a run did, or a dry run would do."""

    rows: int = 0
    bad: int = 0
    incidents: int = 0
    entries: int = 0
    already_there: int = 0
    #: Of those, incidents for which the log has another number of rows than the first import had.
    differing: int = 0
    created: Counter[str] = field(default_factory=Counter)
    broken_off: str = ""

    @property
    def is_complete(self) -> bool:
        return not (self.bad or self.differing or self.broken_off)


class Taker(Protocol):
    """What becomes of the incidents that are not there yet."""

    created: Counter[str]

    def take(self, blocks: Sequence[Block]) -> int:
        """Returns how many entries they make."""


class Recording:
    """Writes each batch in one transaction, with the people and things it names."""

    def __init__(self, *, zone: ZoneInfo, at: datetime) -> None:
        self.names = Names()
        self.telling = Telling(self.names, zone)
        self.book = load_policy_book()
        self.at = at
        self.created = Counter[str]()

    @transaction.atomic(durable=True)
    def take(self, blocks: Sequence[Block]) -> int:
        missing = self.names.missing(row for block in blocks for row in block)
        self.names.create(missing, at=self.at)
        entries = record_history(
            (self.telling.history(block) for block in blocks), at=self.at, book=self.book
        )
        self.created.update({noun: len(names) for noun, names in missing.items()})
        return entries


class Rehearsal:
    """Writes nothing, and knows what would be written."""

    def __init__(self) -> None:
        self.names = Names()
        self.planned: Missing = {}
        self.created = Counter[str]()

    def take(self, blocks: Sequence[Block]) -> int:
        missing = self.names.missing(row for block in blocks for row in block)
        for noun, names in missing.items():
            self.planned.setdefault(noun, set()).update(names)
        self.created = Counter({noun: len(names) for noun, names in self.planned.items()})
        return sum(map(len, blocks))


@dataclass
class Run:
    """Goes through `log` once. `on_bad(line, reason)` hears of rows left out, `on_progress` of lines read."""

    log: LogFile
    taker: Taker
    batch: int
    on_bad: Callable[[int, str], None]
    on_progress: Callable[[int], None]
    tally: Tally = field(default_factory=Tally)

    def go(self) -> None:
        """Raises NotALog when there is nothing to read; a file that breaks off is told by the tally."""
        lines = self.log.lines()
        try:
            header = next(lines, None)
        except BrokenOff as error:
            raise NotALog(f"Not one line can be read: {error.reason}.") from error
        if header is None:
            raise NotALog("The file is empty.")
        waiting: list[Block] = []
        held = 0
        try:
            for block in self._blocks(lines, Format(header)):
                waiting.append(block)
                held += len(block)
                if len(waiting) >= self.batch or held >= LONGEST_BLOCK:
                    self._take(waiting)
                    waiting, held = [], 0
        except BrokenOff as error:
            self.tally.broken_off = str(error)
        self._take(waiting)

    def _take(self, blocks: Sequence[Block]) -> None:
        there = recorded(SOURCE_NAME, (block[0].number for block in blocks))
        new = [block for block in blocks if block[0].number not in there]
        known = [block for block in blocks if block[0].number in there]
        if new:
            self.tally.entries += self.taker.take(new)
            self.tally.created = self.taker.created
        self.tally.incidents += len(new)
        self.tally.already_there += len(known)
        self.tally.differing += sum(len(block) != there[block[0].number] for block in known)
        self.on_progress(self.tally.rows)

    def _blocks(self, lines: Iterable[Line], log_format: Format) -> Iterator[Block]:
        """Rows that stand together by incident. The last block is lost when the file breaks off in it."""
        finished = set[str]()
        block: list[Row] = []
        for row in self._rows(lines, log_format):
            if row.number in finished:
                self._leave_out(
                    row.line, f"{row.number} again, apart from its other rows; sort the log by incident"
                )
            elif block and row.number != block[0].number:
                yield block
                finished.add(block[0].number)
                block = [row]
            elif len(block) >= LONGEST_BLOCK:
                self._leave_out(row.line, f"{row.number} has more than {LONGEST_BLOCK} rows")
            else:
                block.append(row)
        if block:
            yield block

    def _rows(self, lines: Iterable[Line], log_format: Format) -> Iterator[Row]:
        for line in lines:
            if not line.content:
                continue
            self.tally.rows += 1
            try:
                yield log_format.row(line)
            except BadRow as error:
                if not line.is_ended:
                    raise BrokenOff(line.number, f"the last line is not whole ({error})") from error
                self._leave_out(line.number, str(error))

    def _leave_out(self, line: int, reason: str) -> None:
        self.tally.bad += 1
        self.on_bad(line, reason)
