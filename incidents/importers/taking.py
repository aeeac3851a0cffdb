"""What becomes of the incidents of a log: they are written, or only rehearsed."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db import transaction

from incidents.importers.blocks import Block
from incidents.importers.catalogue import Missing, Names
from incidents.importers.histories import Telling
from incidents.sla.policy import load_policy_book
from incidents.workflow.history import continue_history, record_history


class Taker(Protocol):
    """What becomes of the incidents that are not there yet, or not yet whole."""

    created: Counter[str]

    def take(self, blocks: Sequence[Block]) -> int:
        """Returns how many entries they make."""

    def go_on(self, block: Block, there: int) -> int:
        """The same for one of which the first `there` rows are here, or all but a field. Raises Diverged."""


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
        return max(self.take([block]) - there, 1)  # a field that is filled in is an entry too
