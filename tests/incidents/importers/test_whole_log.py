"""The whole public log, by the command as an operator runs it: rate, memory, counts, ledger."""

import os
import re
import resource
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

ROOT = Path(__file__).parents[3]
LOG = os.environ.get("ITSM_EVENT_LOG", "")
MOST_MEGABYTES = 300

pytestmark = [
    pytest.mark.eventlog,
    pytest.mark.skipif(not LOG, reason="ITSM_EVENT_LOG does not name the ServiceNow log"),
]


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A desk of its own, on the kind of database the tests run on."""
    base = os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "itsm.settings"}
    base.pop("DATABASE_URL", None)
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield base
        return
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name = f"whole_log_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield base | {"DATABASE_URL": f"{server}/{name}"}
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def manage(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-4000:]
    return ended.stdout


def processor_seconds() -> float:
    """What the processes we started and waited for have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_the_whole_log_is_imported_once_and_in_bounded_memory(environment: dict[str, str]) -> None:
    manage(environment, "migrate", "-v0")

    before = processor_seconds()
    told = manage(environment, "import_eventlog", LOG)
    spent = processor_seconds() - before
    print(f"{told}processor time:  {spent:.1f} s")  # noqa: T201 -- the rate belongs into the log of the run
    again = manage(environment, "import_eventlog", LOG)
    manage(environment, "check_ledger")

    assert "incidents made:  24,918\n" in told
    assert "entries made:    141,712\n" in told
    assert "bad rows:        0\n" in told
    assert int(re.findall(r"peak memory: +(\d+) MB", told)[0]) < MOST_MEGABYTES
    assert "incidents made:  0\n" in again
    assert "already there:   24,918\n" in again
