"""Real workers, killed for real: nothing is lost, and a mail arrives twice only where that is on record."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests.notifications.sink import Sink

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
WORKER = ("-m", "celery", "-A", "itsm", "worker", "-B", "-c", "2", "-l", "WARNING")


@dataclass
class Stage:
    """A data folder and a database that only this test's processes use."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def play(self, *step: str) -> str:
        return self.run("-m", "tests.notifications.scene", *step)

    @contextmanager
    def database(self) -> Iterator[Any]:
        """Spoken to without a process of its own, as often as one likes."""
        url = self.environment["DATABASE_URL"]
        with closing(
            psycopg.connect(url) if url.startswith("postgres") else sqlite3.connect(url[10:], timeout=20)
        ) as database:
            yield database

    def sent(self) -> int:
        """How many deliveries say so."""
        with self.database() as database:
            rows = database.execute("SELECT COUNT(*) FROM notifications_delivery WHERE status = 'sent'")
            (count,) = rows.fetchone() or (0,)
        return int(count)

    def outlast(self) -> None:
        """Every silence and every wait is over, as if the time had passed."""
        with self.database() as database:
            database.execute("UPDATE notifications_worker SET seen_at = '2001-01-01 00:00:00'")
            database.execute(
                "UPDATE notifications_delivery SET due_at = '2001-01-01 00:00:00' WHERE status = 'pending'"
            )
            database.commit()

    def books(self) -> dict[str, Any]:
        return json.loads(self.play("books").splitlines()[-1])

    @contextmanager
    def worker(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Whatever happens, its whole group is gone afterwards."""
        log = (self.folder / "worker.log").open("ab")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            kill_group(process)
            log.close()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Server:
    """The PostgreSQL under test, with a migrated database that each test gets a copy of."""

    def __init__(self, config: dict[str, Any]) -> None:
        login = {"host": config["HOST"], "port": config["PORT"] or 5432, "user": config["USER"]}
        login |= {"password": config["PASSWORD"]} if config["PASSWORD"] else {}
        self.login = login
        self.template = f"itsm_scene_{os.getpid()}"

    def url(self, name: str) -> str:
        secret = f":{self.login['password']}" if "password" in self.login else ""
        return f"postgres://{self.login['user']}{secret}@{self.login['host']}:{self.login['port']}/{name}"

    def do(self, statement: str) -> None:
        with psycopg.connect(dbname="postgres", autocommit=True, **self.login) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    @contextmanager
    def copy(self) -> Iterator[str]:
        self.do(f"CREATE DATABASE {self.template}_copy TEMPLATE {self.template}")
        try:
            yield self.url(f"{self.template}_copy")
        finally:
            self.do(f"DROP DATABASE {self.template}_copy WITH (FORCE)")


@contextmanager
def a_file(folder: Path, migrated: Path) -> Iterator[str]:
    yield f"sqlite:///{shutil.copy(migrated / 'desk.sqlite3', folder)}"


@pytest.fixture
def stage(tmp_path: Path, free_sink: Sink, server: Server | None, migrated: Path) -> Iterator[Stage]:
    """On a file in the data folder, or on a database beside the one under test."""
    with server.copy() if server else a_file(tmp_path, migrated) as url:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "itsm.settings",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": url,
            "EMAIL_URL": f"smtp://127.0.0.1:{free_sink.port}",
            "LOG_LEVEL": "WARNING",
        }
        environment["BROKER_URL"] = os.environ.get("TEST_BROKER_URL", "filesystem://localhost")
        yield Stage(tmp_path, environment)


@pytest.fixture
def free_sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server | None]:
    config = settings.DATABASES["default"]
    if not config["ENGINE"].endswith("postgresql"):
        yield None
        return
    server = Server(config)
    server.do(f"CREATE DATABASE {server.template}")
    try:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "itsm.settings"}
        environment |= {"DATABASE_URL": server.url(server.template)}
        Stage(tmp_path_factory.mktemp("migrating"), environment).run("manage.py", "migrate", "-v", "0")
        yield server
    finally:
        server.do(f"DROP DATABASE {server.template} WITH (FORCE)")


def wait_until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def assert_books_hold(books: dict[str, Any], sink: Sink, expected: int) -> None:
    """The equation of the reliability promises, seen from the other side of the wire."""
    assert books["breaches"] == []
    assert (books["unannounced"], books["statuses"]) == (0, {"sent": expected})
    assert set(sink.ids()) == set(books["sent_ids"])
    assert sum(sink.ids().values()) - expected <= books["ambiguous"]


@pytest.mark.parametrize(
    "worker", [WORKER, ("-m", "tests.notifications.scene", "loop")], ids=["celery", "loop"]
)
def test_worker_killed_in_mid_send_loses_nothing(
    worker: tuple[str, ...], stage: Stage, free_sink: Sink
) -> None:
    free_sink.fail("slow data")
    stage.play("report", "12")

    for round_ in (1, 2, 3):
        with stage.worker(*worker) as process:
            wait_until(lambda: len(free_sink.taken) >= 2 * round_)  # noqa: B023 -- called in this round
            wait_until(lambda: free_sink.begun > len(free_sink.taken))
            kill_group(process)
        stage.outlast()
    free_sink.fail("")
    with stage.worker(*worker):
        wait_until(lambda: len(free_sink.ids()) == 12)
        wait_until(lambda: stage.sent() == 12)

    assert_books_hold(stage.books(), free_sink, 12)


def test_emptied_broker_folder_loses_nothing(stage: Stage, free_sink: Sink) -> None:
    stage.environment["BROKER_URL"] = "filesystem://localhost"
    stage.play("report", "3")
    messages = stage.folder / "broker"
    assert list((messages / "messages").iterdir())

    shutil.rmtree(messages)
    with stage.worker(*WORKER):
        wait_until(lambda: len(free_sink.taken) == 3)
        wait_until(lambda: stage.sent() == 3)

    assert_books_hold(stage.books(), free_sink, 3)


def test_mail_server_that_refuses_for_a_while_loses_nothing(stage: Stage, free_sink: Sink) -> None:
    free_sink.fail("421 at banner")
    stage.play("report", "5")

    with stage.worker(*WORKER):
        wait_until(lambda: free_sink.connections >= 1)
        free_sink.fail("")
        wait_until(lambda: len(free_sink.taken) == 5, seconds=90)
        wait_until(lambda: stage.sent() == 5)

    books = stage.books()
    assert_books_hold(books, free_sink, 5)
    assert books["ambiguous"] == 0


def test_wake_up_call_is_enough_without_beat(stage: Stage, free_sink: Sink) -> None:
    with stage.worker(*(word for word in WORKER if word != "-B")):
        stage.play("report", "1")

        wait_until(lambda: len(free_sink.taken) == 1, seconds=20)


CHOSEN = (
    "454 for one recipient",
    "content filter restarts (drop after dot)",
    "worker killed after the dot",
    "webhook does not answer",
)


def test_faults_lose_nothing_and_delay_no_neighbour(stage: Stage) -> None:
    """The table of `python -m tests.benchmarks.faults`, in small."""
    sizes = ("--mails", "6", "--calls", "1", "--call-seconds", "1")

    told = stage.run(
        "-m", "tests.benchmarks.faults", "--as-is", "--json", *sizes, "--faults", ";".join(CHOSEN)
    )

    lines = [json.loads(line) for line in told.splitlines()]
    assert [line["fault"] for line in lines] == list(CHOSEN)
    for line in lines:
        assert (line["sent"], line["lost"], line["given_up"], line["breaches"]) == (9, 0, 0, [])
        assert line["duplicates"] <= line["in_doubt"]
        assert line["neighbours"] < 60  # real seconds, on a machine that does much else
    assert lines[1]["longest"] < timedelta(minutes=12).total_seconds()
    assert lines[2]["longest"] < 60


def at_once(stage: Stage, step: str, workers: int = 3) -> list[list[str]]:
    """The same step in several processes; the lines each of them printed."""
    command = [sys.executable, "-m", "tests.notifications.scene", step]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=stage.environment, stdout=subprocess.PIPE, text=True)
        for _ in range(workers)
    ]
    lines = [process.communicate()[0].split() for process in running]
    assert [process.returncode for process in running] == [0] * workers
    return lines


def test_workers_share_entries_and_deliveries_without_taking_one_twice(stage: Stage) -> None:
    stage.play("report", "40")

    made = [int(line) for lines in at_once(stage, "announce") for line in lines]
    claimed = [line for lines in at_once(stage, "claim") for line in lines]

    assert sum(made) == 40
    assert (len(claimed), len(set(claimed))) == (40, 40)
    assert stage.books()["statuses"] == {"sending": 40}
