"""Size, names and places of files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT, place, python_files, tree

LONGEST = 400
NOWHERE = {"common", "handlers", "helpers", "managers", "misc", "processors", "services", "utils"}
TOP_LEVEL = {*PACKAGES, "templates", "tests"}
REASON = re.compile(r"# noqa: (?:\w+, )*PLC0415 -- (app ready|circular import|slow import)$")


def inline_imports(source: str) -> Iterator[int]:
    """Imports inside functions that do not give one of the two accepted reasons."""
    lines = source.splitlines()
    functions = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    found = {
        node.lineno
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    yield from sorted(line for line in found if not REASON.search(lines[line - 1]))


def is_nowhere(path: Path) -> bool:
    return bool(NOWHERE & {*path.with_suffix("").parts})


def test_no_file_is_too_long() -> None:
    lengths = {
        place(path, 1): len(path.read_text().splitlines()) for path in python_files(*PACKAGES, "tests")
    }

    too_long = {name: length for name, length in lengths.items() if length > LONGEST}

    assert too_long == {}


def test_no_file_is_a_junk_drawer() -> None:
    offenders = [
        place(path, 1) for path in python_files(*PACKAGES, "tests") if is_nowhere(path.relative_to(ROOT))
    ]

    assert offenders == []


def test_inline_imports_give_their_reason() -> None:
    offenders = [
        place(path, line) for path in python_files(*PACKAGES) for line in inline_imports(path.read_text())
    ]

    assert offenders == []


def test_source_lives_in_the_known_folders() -> None:
    modules = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("*/**/*.py") if is_ours(path)}

    assert modules == TOP_LEVEL - {"templates"}


def is_ours(path: Path) -> bool:
    """Not a hidden folder (.venv, caches) and not data that a run left behind."""
    top = path.relative_to(ROOT).parts[0]
    return not top.startswith(".") and top != "data"


def test_package_files_are_empty_but_for_public_names() -> None:
    offenders = [
        place(path, node.lineno)
        for path in python_files(*PACKAGES)
        if path.name == "__init__.py"
        for node in tree(path).body
        if not isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.Expr)
    ]

    assert offenders == []


@pytest.mark.parametrize("planted", ["incidents/utils.py", "reports/common/x.py", "itsm/services.py"])
def test_planted_junk_drawer_is_found(planted: str) -> None:
    assert is_nowhere(Path(planted))


def test_planted_inline_import_is_found() -> None:
    planted = (
        "def f():\n    import a\n    import b  # noqa: PLC0415 -- app ready\n    import c  # noqa: PLC0415"
    )

    assert list(inline_imports(planted)) == [2, 4]
