"""A real process, stopped at any point and started again."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.processes


@pytest.fixture
def desk(tmp_path: Path, migrated: Path) -> dict[str, str]:
    """The environment of an empty desk with a database of its own."""
    database = f"sqlite:///{shutil.copy(migrated / 'desk.sqlite3', tmp_path)}"
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DATABASE_URL": database, "DEBUG": "1"}
    environment["DJANGO_SETTINGS_MODULE"] = "itsm.settings"
    return environment


def start(sample: Path, desk: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, "manage.py", "import_eventlog", str(sample), "--batch", "2"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=desk, stdout=pipe, stderr=pipe, text=True)


def count(desk: dict[str, str], table: str) -> int:
    with sqlite3.connect(Path(desk["DATA_DIR"]) / "desk.sqlite3", timeout=20) as database:
        (found,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()  # noqa: S608 -- our own names
    database.close()
    return int(found)


@pytest.fixture
def long_log(sample: Path, tmp_path: Path) -> Path:
    """The sample three times under other numbers: long enough to be stopped in the middle on any machine."""
    head, *rows = sample.read_text().splitlines(keepends=True)
    longer = tmp_path / "long.csv"
    copies = (row.replace("INC0", f"INC{copy}", 1) for copy in range(3) for row in rows)
    longer.write_text(head + "".join(copies))
    return longer


@pytest.mark.parametrize(
    ("sign", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)], ids=["kill -9", "Ctrl-C"]
)
def test_a_run_that_is_stopped_goes_on_where_it_was(
    long_log: Path, desk: dict[str, str], sign: signal.Signals, status: int
) -> None:
    first = start(long_log, desk)
    deadline = time.monotonic() + 60
    while count(desk, "incidents_incident") < 20:
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    first.send_signal(sign)
    first.communicate(timeout=30)
    kept = count(desk, "incidents_incident")

    second = start(long_log, desk)
    told, _ = second.communicate(timeout=120)

    assert first.returncode == status
    assert 20 <= kept < 600
    assert second.returncode == 0
    assert f"already there:   {kept}\n" in told
    assert count(desk, "incidents_incident") == 600
    assert count(desk, "incidents_timelineentry") == 2811
    check = subprocess.run(
        [sys.executable, "manage.py", "check_ledger"],
        cwd=ROOT,
        env=desk,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
