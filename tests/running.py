"""A whole desk as real processes, in a folder and on a port of its own."""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# One process instead of three.
FIRST_STEPS = """
from django.core.management import call_command
from itsm import statics
call_command("migrate", verbosity=0)
call_command("createcachetable")
statics.collect_if_changed()
"""
READY_WITHIN = 300  # on a machine that does much else


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def migrated_folder(shared: Path, database: Path) -> Path:
    """A data folder with every table and the collected files, made once for all workers of a run."""
    folder = shared / "migrated"
    with (shared / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / "migrated.part"
            shutil.rmtree(making, ignore_errors=True)  # of a worker that did not get to its end
            making.mkdir()
            shutil.copyfile(database, making / "desk.sqlite3")
            Desk(making).manage("shell", "-v0", "--no-imports", stdin=FIRST_STEPS)
            making.rename(folder)
    return folder


class Desk:
    """A desk of its own: its own folder, its own port, no demo. `migrated` spares it the migrations."""

    def __init__(self, folder: Path, migrated: Path | None = None, **settings: str) -> None:
        if migrated:
            shutil.copytree(migrated, folder, dirs_exist_ok=True)
        self.port = free_port()
        names = ("PATH", "HOME", "LANG")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        own = {"DATA_DIR": str(folder), "PORT": str(self.port), "DEMO": "0"}
        self.environment = {**kept, **own, **settings}
        self.folder = folder
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
        return self.process.wait(timeout=30)

    def manage(self, *words: str, stdin: str | None = None) -> str:
        """What `manage.py WORDS` prints on this desk's data; fails the test unless it exits with 0."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def desk_in(folder: Path, migrated: Path | None = None, **settings: str) -> Iterator[Desk]:
    """Not started; whatever of it still runs at the end is killed."""
    desk = Desk(folder, migrated, **settings)
    try:
        yield desk
    finally:
        if desk.process is not None and desk.process.poll() is None:
            desk.process.kill()
            desk.process.wait()
        for pid in desk.processes():
            os.kill(pid, signal.SIGKILL)
