"""Logs to import, written as the test needs them."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "servicenow_sample.csv"
HEADER = SAMPLE.read_text().splitlines()[0]
USUAL = dict(zip(HEADER.split(","), SAMPLE.read_text().splitlines()[1].split(","), strict=True)) | {
    "number": "INC0000001",
    "incident_state": "New",
    "opened_at": "7/3/2016 09:00",
    "sys_updated_at": "7/3/2016 09:05",
    "resolved_at": "?",
    "closed_at": "?",
    "assignment_group": "Group 1",
    "assigned_to": "?",
}

WriteLog = Callable[..., Path]


def line(**cells: str) -> str:
    """One row of a log, the usual one but for `cells`."""
    return ",".join((USUAL | cells).values())


def case(name: str, tmp_path: Path) -> Path:
    """A copy, so that its rejects do not lie among the test's data."""
    return Path(shutil.copy(DATA / "import" / f"{name}.csv", tmp_path))


@pytest.fixture
def sample() -> Path:
    return SAMPLE


@pytest.fixture
def write_log(tmp_path: Path) -> WriteLog:
    """Writes a log of the given lines below the header; returns its path."""

    def write(lines: Iterable[str | bytes], *, header: Any = HEADER) -> Path:
        path = tmp_path / "log.csv"
        raw = [text if isinstance(text, bytes) else text.encode() for text in (header, *lines)]
        path.write_bytes(b"".join(text + b"\n" for text in raw))
        return path

    return write
