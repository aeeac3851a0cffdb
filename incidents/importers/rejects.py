"""What an import could not take over, as a file that can be mended and imported."""

import csv
import io
from pathlib import Path
from typing import TextIO

from incidents.importers.reading import Line, NotALog
from incidents.importers.records import Record

#: Columns behind those of the log; an import passes over them.
COLUMNS = ("rejected_line", "rejected_because")


class Rejects:
    """Made with the first row that is set aside: the log's own header and rows, each with its reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header = ""
        self._delimiter = ","
        self._encoding = ""
        self._file: TextIO | None = None

    @classmethod
    def beside(cls, log: Path) -> "Rejects":
        """A new file next to the log: an older one may be in somebody's hands."""
        path, count = log.with_name(f"{log.name}.rejects.csv"), 1
        while path.exists():
            count += 1
            path = log.with_name(f"{log.name}.rejects-{count}.csv")
        return cls(path)

    @property
    def is_begun(self) -> bool:
        return self._file is not None

    def begin(self, header: Line, delimiter: str, encoding: str) -> None:
        """Of the log, whose form the rejects keep."""
        self._header, self._delimiter, self._encoding = header.content, delimiter, encoding

    def add(self, record: Record, reason: str) -> None:
        """Raises NotALog when the file cannot be written."""
        try:
            if self._file is None:
                self._file = self.path.open(
                    "x", encoding=self._encoding, errors="surrogateescape", newline=""
                )
                self._put(self._file, self._header, *COLUMNS)
            self._put(self._file, record.text, str(record.line), reason)
        except OSError as error:
            raise NotALog(
                f"{self.path} cannot be written: {error.strerror}. Name another with --rejects."
            ) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _put(self, file: TextIO, content: str, *more: str) -> None:
        if COLUMNS[0] in self._header:  # rejects of rejects say already where they come from
            file.write(f"{content}\n")
            return
        cells = io.StringIO()
        csv.writer(cells, delimiter=self._delimiter, quoting=csv.QUOTE_ALL, lineterminator="").writerow(more)
        reasons = cells.getvalue().encode("ascii", "backslashreplace").decode()
        file.write(f"{content}{self._delimiter}{reasons}\n")
