"""A web worker killed in the middle of a request: under its Idempotency-Key it is done once all the same."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.migrated_database import migrated_template
from tests.running import ROOT, Desk

pytestmark = pytest.mark.processes

LIST = "/api/v1/incidents/"
ENTRIES = "incidents_timelineentry"
#: An entry takes some seconds to be written: long enough to be killed in the middle of it.
COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000000)"
SLEEPING = "LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(4); RETURN NEW; END $$"
BEFORE = f"CREATE TRIGGER slow BEFORE INSERT ON {ENTRIES}"
SLOW = {
    "sqlite": [f"{BEFORE} BEGIN SELECT ({COUNTING} SELECT max(i) FROM n); END"],  # noqa: S608 -- constants only
    "postgresql": [
        f"CREATE FUNCTION slow() RETURNS trigger {SLEEPING}",
        f"{BEFORE} FOR EACH ROW EXECUTE FUNCTION slow()",
    ],
}
FAST = {"sqlite": "DROP TRIGGER slow", "postgresql": f"DROP TRIGGER slow ON {ENTRIES}"}
LOCKED = """
SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE locktype = 'advisory' AND datname = current_database()
"""
PEOPLE = """
from django.contrib.auth.models import User
User.objects.create_superuser("ada", "ada@example.com", "x")
"""


class Web:
    """One worker of gunicorn that is brought back when it dies, and its database."""

    def __init__(self, desk: Desk, database: Callable[[], Any]) -> None:
        self.desk, self.database = desk, database
        desk.manage("shell", "-v0", "--no-imports", stdin=PEOPLE)
        self.token = desk.manage("create_token", "ada", "--scope", "read", "--scope", "write").split()[-1]

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        words = ("gunicorn", "itsm.wsgi", "--bind", f"127.0.0.1:{self.desk.port}", "--workers", "1")
        with (self.desk.folder / "web.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *words], cwd=ROOT, env=self.desk.environment, stdout=log, stderr=log
            )
        try:
            wait_until(self.answers)
            yield process
        finally:
            process.terminate()
            process.wait(timeout=30)

    def answers(self) -> bool:
        with suppress(OSError):
            return self.desk.get("/healthz") == 200
        return False

    def post(self) -> tuple[int, Any, dict[str, str]]:
        caller = HTTPConnection("127.0.0.1", self.desk.port, timeout=60)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": "k1",
        }
        with closing(caller):
            caller.request("POST", LIST, json.dumps({"title": "Once"}), headers)
            answer = caller.getresponse()
            return answer.status, json.loads(answer.read()), dict(answer.getheaders())

    def ask(self, *statements: str) -> list[Any]:
        with closing(self.database()) as database:
            found = [database.execute(statement) for statement in statements]
            rows: list[Any] = found[-1].fetchall() if found[-1].description else []
            database.commit()
            return rows

    def is_in_the_middle(self) -> bool:
        """Its transaction holds what nobody else gets, and for longer than any other takes."""
        return all(time.sleep(0.1) or self._is_held() for _ in range(5))

    def _is_held(self) -> bool:
        if connection.vendor == "postgresql":
            return bool(self.ask(LOCKED))
        try:
            self.ask("BEGIN IMMEDIATE", "SELECT 1")
        except connection.Database.OperationalError:
            return True
        return False

    def count(self, table: str) -> int:
        return int(self.ask(f"SELECT COUNT(*) FROM {table}")[0][0])  # noqa: S608 -- our own names


def wait_until(true: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture
def web(tmp_path: Path, migrated: Path) -> Iterator[Web]:
    if connection.vendor == "sqlite":
        file = tmp_path / "desk.sqlite3"
        yield Web(Desk(tmp_path, migrated), lambda: connection.Database.connect(file, timeout=0))
        return
    name, template = f"killed_{os.getpid()}", migrated_template()
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as own:
        own.execute(f"CREATE DATABASE {name} TEMPLATE {template}")  # type: ignore[call-overload]
        try:
            url = f"{server}/{name}"
            yield Web(Desk(tmp_path, migrated, DATABASE_URL=url), lambda: psycopg.connect(url))
        finally:
            own.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


def worker_of(process: subprocess.Popen[bytes]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return int(children[0])


def test_request_whose_worker_was_killed_is_done_once(web: Web) -> None:
    cut_off: list[type[BaseException]] = []

    def first() -> None:
        try:
            web.post()
        except (RemoteDisconnected, ConnectionError) as error:
            cut_off.append(type(error))

    with web.running() as process:
        web.ask(*SLOW[connection.vendor])
        asking = Thread(target=first)
        asking.start()
        wait_until(web.is_in_the_middle)
        os.kill(worker_of(process), signal.SIGKILL)
        asking.join(60)
        web.ask(FAST[connection.vendor])
        wait_until(web.answers)
        left = web.count("incidents_incident")
        begun = time.monotonic()
        answers = [web.post()]
        while answers[-1][0] == 409:
            time.sleep(int(answers[-1][2]["Retry-After"]))
            answers.append(web.post())
        took = time.monotonic() - begun
        again = web.post()

    assert len(cut_off) == 1
    assert left == 0
    assert [status for status, _, _ in answers if status != 409] == [201]
    assert took < 20
    assert (again[0], again[1], again[2]["Idempotent-Replayed"]) == (201, answers[-1][1], "true")
    assert (web.count("incidents_incident"), web.count(ENTRIES)) == (1, 1)
