"""One run over a log: rows gathered by incident, written in batches, everything counted.

A batch is one transaction and an incident is whole or not there, so a run that dies anywhere can be
started again: what is there is left alone or brought up to date, the rest is written. An incident of
which one row cannot be taken over is set aside whole, into a file that can be mended and imported.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import InterfaceError, OperationalError

from incidents.errors import StaleIncident
from incidents.importers.blocks import Block
from incidents.importers.gathering import LONGEST_BLOCK, Gathering
from incidents.importers.reading import BrokenOff, LogFile
from incidents.importers.records import header_of
from incidents.importers.rejects import Rejects
from incidents.importers.servicenow import SOURCE_NAME, Format
from incidents.importers.taking import Taker
from incidents.workflow.history import Diverged, TakenOver, recorded


@dataclass
class Tally:
    """What a run did, or a dry run would do."""

    rows: int = 0
    bad: int = 0
    incidents: int = 0
    entries: int = 0
    already_there: int = 0
    #: Of those, incidents that got what they had not yet.
    brought_up: int = 0
    #: Of those, incidents of which the log has fewer rows than are here.
    differing: int = 0
    set_aside: int = 0
    created: Counter[str] = field(default_factory=Counter)
    broken_off: str = ""

    @property
    def is_complete(self) -> bool:
        return not (self.bad or self.set_aside or self.differing or self.broken_off)


@dataclass
class Run:
    """Goes through `log` once. `on_bad(line, reason)` hears of rows left out, `on_progress` of lines read.

    `scattered` are the incidents whose rows do not stand together (see `gathering.survey`); `now` is
    what the log's wall clock shows.
    """

    log: LogFile
    taker: Taker
    batch: int
    on_bad: Callable[[int, str], None]
    on_progress: Callable[[int], None]
    tally: Tally = field(default_factory=Tally)
    rejects: Rejects | None = None
    scattered: frozenset[str] = frozenset()
    now: datetime | None = None
    _named: set[int] = field(default_factory=set)
    _set_aside: set[str] = field(default_factory=set)

    def go(self) -> None:
        """Raises NotALog when there is nothing to read; a file that breaks off is told by the tally."""
        lines = self.log.lines()
        header = header_of(lines)
        log_format = Format(header, now=self.now)
        if self.rejects:
            self.rejects.begin(header, log_format.delimiter, self.log.encoding)
        gathering = Gathering(log_format, self.scattered)
        waiting: list[Block] = []
        held = 0
        try:
            for block in gathering.blocks(lines):
                waiting.append(block)
                held += len(block.records)
                if len(waiting) >= self.batch or held >= LONGEST_BLOCK:
                    self._take(waiting, gathering)
                    waiting, held = [], 0
        except BrokenOff as error:
            self.tally.broken_off = str(error)
        self._take(waiting, gathering)

    def _take(self, blocks: Sequence[Block], gathering: Gathering) -> None:
        for block in blocks:
            if block.faults:
                self._leave(block)
        whole = [block for block in blocks if not block.faults]
        there = recorded(SOURCE_NAME, (block.number for block in whole))
        self._take_new([block for block in whole if block.number not in there])
        for block in whole:
            if block.number in there:
                self._compare(block, there[block.number])
        self.tally.created = self.taker.created
        self.tally.rows, self.tally.bad = gathering.rows, len(gathering.bad)
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

    def _compare(self, block: Block, there: TakenOver) -> None:
        """Of an incident that is here already, take what is not."""
        more = len(block.rows) - there.moments
        if more > 0 or (more == 0 and there.met_sla is None and block.tells_sla):
            try:
                self.tally.entries += self.taker.go_on(block, there.moments)
            except (Diverged, StaleIncident) as error:
                self._refuse(block, str(error))
                return
            self.tally.brought_up += 1
        self.tally.already_there += 1
        self.tally.differing += more < 0

    def _refuse(self, block: Block, reason: str) -> None:
        block.faults.append((block.records[0].line, f"{block.number}: {' '.join(reason.split())}"))
        self._leave(block)

    def _leave(self, block: Block) -> None:
        """Set it aside whole, each of its faults named once."""
        if block.number:
            self._set_aside.add(block.number)
        self.tally.set_aside = len(self._set_aside)
        for line, reason in block.faults:
            if line not in self._named:
                self._named.add(line)
                self.on_bad(line, reason)
        if self.rejects is None:
            return
        reasons = dict(block.faults)
        first, cause = block.faults[0]
        for record in block.records:
            self.rejects.add(record, reasons.get(record.line, f"see line {first}: {cause}"))
