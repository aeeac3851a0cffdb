"""The contracts of pyproject.toml hold, and each catches what it is there for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", folder / "pyproject.toml"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_are_kept() -> None:
    result = lint(ROOT)

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("incidents/timeline.py", "import notifications.models", "Satellites above core"),
        ("itsm/ui/names.py", "import incidents.enums", "above the design system"),
        ("incidents/enums.py", "import itsm.broker", "Of the project the rooms know"),
        ("itsm/health.py", "import itsm.demo.words", "Rooms of the project"),
        ("itsm/junk.py", "import itsm.ui", "Rooms of the project"),
        ("notifications/enums.py", "import reports.periods", "satellites do not know each other"),
        ("incidents/sla/clocks.py", "import incidents.workflow", "Rooms of incidents"),
        ("incidents/portal/urls.py", "import incidents.api.urls", "Rooms of incidents"),
        ("incidents/workflow/closing.py", "import celery", "Rules know no web framework"),
        ("incidents/models/incident.py", "import rest_framework", "Rules know no web framework"),
        ("reports/periods.py", "import incidents.workflow", "Reports read, never act"),
        ("notifications/enums.py", "import incidents.portal.urls", "Satellites enter the core"),
        ("incidents/sla/calendar.py", "import django", "Business-time arithmetic is plain Python"),
        ("incidents/junk.py", "import incidents.enums", "Rooms of incidents"),
    ],
)
def test_planted_import_breaks_its_contract(copy: Path, file: str, line: str, broken: str) -> None:
    planted = copy / file
    planted.touch()
    planted.write_text(f"{planted.read_text()}\n{line}\n")

    result = lint(copy)

    verdicts = [text for text in result.stdout.splitlines() if broken in text and "BROKEN" in text]
    assert result.returncode == 1, result.stdout
    assert verdicts != [], result.stdout
