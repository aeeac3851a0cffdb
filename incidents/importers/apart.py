"""Rows that do not stand with the others of their incident, kept on disk until all of them are met."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Self

from incidents.importers.records import Record

#: Rows of an incident follow each other in the order of the file.
TABLE = "CREATE TABLE record (number TEXT, line INTEGER, content TEXT, PRIMARY KEY (number, line))"


class Apart:
    """A table in a file of its own that is gone when closed: a log may be longer than memory."""

    def __init__(self) -> None:
        self._table = sqlite3.connect("")
        self._table.execute(TABLE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._table.close()

    def add(self, number: str, record: Record) -> None:
        """Once, however often it is given."""
        content = json.dumps(record)  # ASCII: what is no text comes back as it was
        self._table.execute("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", (number, record.line, content))

    def records(self) -> Iterator[tuple[str, Record]]:
        """All rows of an incident, then those of the next."""
        with closing(self._table.execute("SELECT number, content FROM record ORDER BY number, line")) as rows:
            for number, content in rows:
                yield number, Record(*json.loads(content))
