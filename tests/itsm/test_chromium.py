"""Browser tests that cannot run say so by name, and fail where a browser was promised."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEST = "import pytest\n\n@pytest.mark.browser\ndef test_page_looks_right():\n    pass\n"


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_page.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = browser\n")
    names = ("HOME", "LANG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    options = ["-rs", "-p", "no:cacheprovider", "-p", "no:django", "-p", "tests.chromium"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env={**kept, "PATH": str(folder), "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_browser_test_without_chromium_is_skipped_by_name(tmp_path: Path) -> None:
    result = run(tmp_path)

    assert result.returncode == 0, result.stdout
    assert "no Chromium found for test_page.py::test_page_looks_right" in result.stdout


def test_skip_fails_where_a_browser_is_required(tmp_path: Path) -> None:
    result = run(tmp_path, ITSM_BROWSER="required")

    assert result.returncode == 1
    assert "1 failed" in result.stdout or "1 error" in result.stdout


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_browser_test_runs_where_chromium_is_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)

    result = run(tmp_path, ITSM_BROWSER="required")

    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
