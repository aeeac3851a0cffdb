"""The rows of one incident, in the order in which things happened."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

from incidents.importers.records import Record
from incidents.importers.servicenow import Row

#: Clocks are put back: time that goes back by no more proves nothing.
PUT_BACK = timedelta(hours=1)


@dataclass
class Block:
    """One incident of the log, with the records it came from. A row that stands there twice is one."""

    number: str
    records: list[Record] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    #: why it cannot be taken over: line and reason
    faults: list[tuple[int, str]] = field(default_factory=list)
    _texts: set[str] = field(default_factory=set)

    def add(self, record: Record, row: Row) -> None:
        if record.text not in self._texts:
            self._texts.add(record.text)
            self.records.append(record)
            self.rows.append(row)

    def blame(self, record: Record, reason: str) -> None:
        """This record is, or may be, of this incident, and cannot be taken over."""
        self.records.append(record)
        self.faults.append((record.line, reason))

    @property
    def tells_sla(self) -> bool:
        """It says whether its desk kept its own target."""
        return any(row.met_sla is not None for row in self.rows)

    def oldest_first(self) -> Sequence[Row]:
        """As it happened, in whatever order the log tells it: by the record's own count of changes.

        Where that is missing or stands twice, the order of the file counts, or its reverse, as far as
        time goes on in it.
        """
        counts = {row.changes for row in self.rows}
        if len(counts) == len(self.rows) and min(counts) >= 0:
            return sorted(self.rows, key=lambda row: row.changes)
        for rows in (self.rows, self.rows[::-1]):
            if is_in_order(rows):
                return rows
        return sorted(self.rows, key=lambda row: (row.at, row.changes))


def is_in_order(rows: Sequence[Row]) -> bool:
    first, last = rows[0], rows[-1]
    if first.changes != last.changes and all(0 <= old.changes <= new.changes for old, new in pairwise(rows)):
        return True
    if any(old.at - new.at > PUT_BACK for old, new in pairwise(rows)):
        return False
    return not (first.at == last.at and last.is_new and not first.is_new)
