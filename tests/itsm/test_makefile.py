"""What a stranger meets whose machine lacks something: one line, and no success."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BARE = "/usr/bin:/bin"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A fresh clone, as far as make looks."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(folder: Path, *words: str, path: str = BARE) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("make") or "make", *words],
        cwd=folder,
        env={"PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def old_python(folder: Path, *names: str) -> Path:
    """Pythons that fail the question for their version, as an old one would."""
    tools = folder / "tools"
    tools.mkdir()
    for name in ("sh", "test", "rm", "touch", "sed"):
        (tools / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    for name in names:
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    return tools


def said(result: subprocess.CompletedProcess[str]) -> list[str]:
    """Without make's own last word."""
    return [line for line in result.stderr.splitlines() if not line.startswith("make: ***")]


@pytest.mark.parametrize("goal", ["run", "test"])
def test_old_python_is_said_in_one_line(folder: Path, goal: str) -> None:
    tools = old_python(folder, "python3", "python3.11")

    result = make(folder, goal, path=str(tools))

    assert result.returncode != 0
    assert said(result) == [
        "No Python 3.11, 3.12 or 3.13 found. Install one, or name it: make run PYTHON=/path/to/python"
    ]
    assert not (folder / ".venv").exists()


def test_named_python_that_is_too_old_is_refused(folder: Path) -> None:
    tools = old_python(folder, "python3.8")

    result = make(folder, "run", f"PYTHON={tools}/python3.8")

    assert result.returncode != 0
    assert said(result) == [
        f"{tools}/python3.8 is not a Python 3.11, 3.12 or 3.13. Leave PYTHON unset, or name one that is."
    ]


def test_folder_that_cannot_hold_the_environment_is_said(folder: Path) -> None:
    (folder / ".venv").write_text("a file in the way")

    result = make(folder, "run", "VENV=/proc/nowhere")

    assert result.returncode != 0
    assert [line.split(" cannot make ")[1] for line in said(result)] == [
        "/proc/nowhere: the folder is not writable, or python3-venv is not installed."
    ]


def test_help_names_every_goal() -> None:
    goals = (ROOT / "Makefile").read_text().split(".PHONY: ")[1].splitlines()[0].split()

    result = make(ROOT, "help")

    assert [line.split()[1] for line in result.stdout.splitlines()] == goals
    assert all(len(line.split()) > 3 for line in result.stdout.splitlines())


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_locked_requirements_name_no_host(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()

    assert [
        line for line in lines if "://" in line or line.startswith(("-f", "-i", "--find", "--index"))
    ] == []
    pins = [line for line in lines if "==" in line and not line.lstrip().startswith(("#", "--"))]
    assert pins != []
    assert all(line.endswith("\\") for line in pins), "every pin is followed by its hashes"
