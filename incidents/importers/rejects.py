"""What an import could not take over, as a file that can be mended and imported."""

from pathlib import Path
from typing import BinaryIO

from incidents.importers.reading import Line, NotALog

#: Columns behind those of the log; an import passes over them.
COLUMNS = ("rejected_line", "rejected_because")
LONGEST = 10_000


class Rejects:
    """Made with the first line that is set aside: the log's own header and lines, each with its reason."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._header = b""
        self._file: BinaryIO | None = None

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

    def begin(self, header: Line) -> None:
        self._header = header.content

    def add(self, line: Line, reason: str) -> None:
        """Raises NotALog when the file cannot be written."""
        try:
            if self._file is None:
                self._file = self.path.open("xb")
                self._put(self._header, *COLUMNS)
            self._put(line.content[:LONGEST], str(line.number), reason)
        except OSError as error:
            raise NotALog(
                f"{self.path} cannot be written: {error.strerror}. Name another with --rejects."
            ) from error

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _put(self, content: bytes, *more: str) -> None:
        if self._file is None:
            return
        cells = b"".join(b',"' + cell.replace('"', '""').encode() + b'"' for cell in more)
        if COLUMNS[0].encode() in self._header:  # rejects of rejects say already where they come from
            cells = b""
        self._file.write(content + cells + b"\n")
