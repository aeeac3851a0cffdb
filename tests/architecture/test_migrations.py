"""A migration says the same in ten years: it reads no code of ours that may change until then."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGES, ROOT, place, tree


def live_imports(module: ast.Module) -> Iterator[int]:
    """Imports of our own packages, at the top or inside a function."""
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
            relative = node.level > 0
        elif isinstance(node, ast.Import):
            names, relative = [alias.name for alias in node.names], False
        else:
            continue
        if relative or any(name.partition(".")[0] in PACKAGES for name in names):
            yield node.lineno


def test_migrations_import_nothing_of_ours() -> None:
    files = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("migrations/*.py"))]

    offenders = [place(path, line) for path in files for line in live_imports(tree(path))]

    assert files != []
    assert offenders == []


@pytest.mark.parametrize(
    "planted",
    [
        "import incidents.models.sla",
        "from incidents.search import sqlite",
        "import reports",
        "from . import steps",
        "def move(apps, schema_editor):\n    from notifications.models import Delivery",
    ],
)
def test_planted_import_is_found(planted: str) -> None:
    assert len(list(live_imports(ast.parse(planted)))) == 1


def test_other_packages_may_be_imported() -> None:
    assert list(live_imports(ast.parse("import uuid\nfrom django.db import migrations, models"))) == []
