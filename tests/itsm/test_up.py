"""`manage.py up`, whole: web, worker and beat, from an empty folder to an empty process list."""

import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle, islice
from pathlib import Path

import pytest

from itsm.demo import logins
from tests.running import Desk, desk_in, free_port

pytestmark = pytest.mark.processes


PEOPLE_OF_THE_DEMO = """
from django.contrib.auth.models import User
from itsm.demo import logins
User.objects.bulk_create(User(username=login.name) for login in logins.DEMO_LOGINS)
"""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with desk_in(tmp_path) as desk:
        yield desk


HEAD = b"POST /login/ HTTP/1.1\r\nHost: localhost\r\n"
#: Nothing, half a head, half a form, half a chunk, and the beginning of a large file.
HALVES = (
    b"",
    HEAD,
    HEAD + b"Content-Length: 1000\r\n\r\nusername=",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    HEAD + b"Content-Length: 90000000\r\n\r\n" + b"x" * 300_000,
)


@contextmanager
def half_sent_requests(port: int, count: int) -> Iterator[None]:
    with ExitStack() as opened:
        for half in islice(cycle(HALVES), count):
            caller = opened.enter_context(socket.create_connection(("127.0.0.1", port)))
            caller.sendall(half)
        yield


def wait_until_none(desk: Desk, within: float) -> list[int]:
    until = time.monotonic() + within
    while desk.processes() and time.monotonic() < until:
        time.sleep(0.1)
    return desk.processes()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to count processes")
def test_desk_starts_refuses_a_twin_and_leaves_nothing_behind(desk: Desk) -> None:
    desk.start()
    running = desk.processes()
    assert desk.log.read_text().splitlines()[:2] == [
        "Migrating the database ...",
        "Starting web, worker and beat ...",
    ]

    assert desk.get("/readyz") == 200
    with half_sent_requests(desk.port, 40):
        assert desk.get("/readyz") == 200, "nobody waits for those who do not come to an end"
    twin_on_port = desk.again()
    assert (twin_on_port.returncode, twin_on_port.stderr.count("\n")) == (1, 1)
    assert f"Port {desk.port} on 127.0.0.1 is not free" in twin_on_port.stderr
    twin_on_data = desk.again(PORT=str(free_port()))
    assert (twin_on_data.returncode, twin_on_data.stderr.count("\n")) == (1, 1)
    assert "A desk already runs on DATA_DIR" in twin_on_data.stderr

    assert desk.end() == 0
    assert desk.log.read_text().endswith("\nStopping ...\nStopped.\n")
    assert desk.processes() == []
    assert len(running) >= 8, "supervisor, web with 2 workers, worker with a pool of 2, beat"

    desk.manage("shell", "--no-imports", stdin=PEOPLE_OF_THE_DEMO)
    desk.start()
    assert (desk.get("/readyz"), desk.get("/nowhere")) == (200, 404)
    assert desk.log.read_text().endswith(f"\n\n{logins.table()}\n\n"), "log-ins come last, and stay"
    assert is_told(desk.folder / "logs" / "desk.log", "'GET /nowhere'", within=5)
    assert desk.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until_none(desk, within=10) == []


def is_told(log: Path, words: str, *, within: float) -> bool:
    """The supervisor writes down what its children say when it comes to read it."""
    late = time.monotonic() + within
    while words not in log.read_text() and time.monotonic() < late:
        time.sleep(0.05)
    return words in log.read_text()


def test_unwritable_folder_is_said_in_one_line(tmp_path: Path, migrated: Path) -> None:
    desk = Desk(tmp_path, migrated)

    refused = desk.again(DATA_DIR="/proc/nowhere")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "DATA_DIR /proc/nowhere cannot be written" in refused.stderr


def test_demo_stays_on_loopback(tmp_path: Path, migrated: Path) -> None:
    desk = Desk(tmp_path, migrated)

    refused = desk.again(DEMO="1", HOST="0.0.0.0")  # noqa: S104 -- to be refused

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "The demo has known passwords." in refused.stderr
