"""`manage.py up`, whole: web, worker and beat, from an empty folder to an empty process list."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Desk:
    """A desk of its own: its own folder, its own port, no demo."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        names = ("PATH", "HOME", "LANG")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        self.environment = {**kept, "DATA_DIR": str(folder), "PORT": str(self.port), "DEMO": "0"}
        self.log = folder / "up.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + READY_WITHIN
        while "Ready in" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, self.log.read_text()
            time.sleep(0.2)

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers={"Host": "localhost"})
        status = connection.getresponse().status
        connection.close()
        return status

    def again(self, **changes: str) -> subprocess.CompletedProcess[str]:
        """A second start beside the first."""
        return subprocess.run(
            [sys.executable, "manage.py", "up"],
            cwd=ROOT,
            env={**self.environment, **changes},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def processes(self) -> list[int]:
        """Every process that was given this desk's folder."""
        mark = f"DATA_DIR={self.environment['DATA_DIR']}\0".encode()
        found = []
        for place in Path("/proc").glob("[0-9]*/environ"):
            try:
                given = place.read_bytes()
            except OSError:
                continue
            if mark in given:
                found.append(int(place.parent.name))
        return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=15)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.process.kill()
        desk.process.wait()
    for pid in desk.processes():
        os.kill(pid, signal.SIGKILL)


def wait_until_none(desk: Desk, within: float) -> list[int]:
    until = time.monotonic() + within
    while desk.processes() and time.monotonic() < until:
        time.sleep(0.1)
    return desk.processes()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to count processes")
def test_desk_starts_refuses_a_twin_and_leaves_nothing_behind(desk: Desk) -> None:
    desk.start()
    running = desk.processes()

    assert desk.get("/readyz") == 200
    twin_on_port = desk.again()
    assert (twin_on_port.returncode, twin_on_port.stderr.count("\n")) == (1, 1)
    assert f"Port {desk.port} on 127.0.0.1 is not free" in twin_on_port.stderr
    twin_on_data = desk.again(PORT=str(free_port()))
    assert (twin_on_data.returncode, twin_on_data.stderr.count("\n")) == (1, 1)
    assert "A desk already runs on DATA_DIR" in twin_on_data.stderr

    begun = time.monotonic()
    assert desk.end() == 0
    assert time.monotonic() - begun < 10
    assert desk.processes() == []
    assert len(running) >= 8, "supervisor, web with 2 workers, worker with a pool of 2, beat"

    desk.start()
    assert desk.get("/readyz") == 200
    assert desk.end(signal.SIGKILL) == -signal.SIGKILL
    assert wait_until_none(desk, within=10) == []


def test_unwritable_folder_is_said_in_one_line(desk: Desk) -> None:
    refused = desk.again(DATA_DIR="/proc/nowhere")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "DATA_DIR /proc/nowhere cannot be written" in refused.stderr


def test_demo_stays_on_loopback(desk: Desk) -> None:
    refused = desk.again(DEMO="1", HOST="0.0.0.0")  # noqa: S104 -- to be refused

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "The demo has known passwords." in refused.stderr
