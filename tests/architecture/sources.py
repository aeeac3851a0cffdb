"""The program's own files, as text and as syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("itsm", "incidents", "notifications", "reports")


def python_files(*folders: str) -> Iterator[Path]:
    """Every module of the given folders or files, generated migrations left out."""
    for folder in folders:
        place = ROOT / folder
        found = [place] if place.suffix == ".py" else sorted(place.rglob("*.py"))
        yield from (path for path in found if "migrations" not in path.parts and path.exists())


@cache  # most tests read every file
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"
