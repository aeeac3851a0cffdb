"""With real processes: what dies comes back, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from itsm.supervisor import STOP_WITHIN, Child

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
# A child that writes its process id and that of a child of its own, then waits; deaf to TERM if told so.
CHILD = """
import os, signal, subprocess, sys, time
if "deaf" in sys.argv: signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("a broken pipe", file=sys.stderr, flush=True)
print("started", os.getpid(), grandchild.pid, flush=True)
time.sleep(600)
"""
PARENT = """
import sys
from itsm.supervisor import Child, Supervisor
# One write a line: two threads speak at once.
say = lambda line: print(f"{{line}}\\n", end="", flush=True)
keep = lambda line: print(f"kept: {{line}}\\n", end="", flush=True)
child = Child("one", [sys.executable, "-c", {child!r}, *sys.argv[2:]])
Supervisor([child], say, keep, stop_within=float(sys.argv[1])).run()
"""


class Running:
    def __init__(self, *words: str, stop_within: float) -> None:
        program = [sys.executable, "-c", PARENT.format(child=CHILD), str(stop_within), *words]
        self.process = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.seen: list[int] = []
        self.lines: list[str] = []

    def next_started(self) -> list[int]:
        """The ids that the next started child reports: its own, its child's."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if "started" in line:
                pids = [int(word) for word in line.split()[-2:]]
                self.seen += pids
                return pids
        raise AssertionError("The supervisor ended before a child started.")

    def rest(self) -> list[str]:
        """Lines up to its end. `communicate` would miss what has been read along with an earlier line."""
        assert self.process.stdout is not None
        return self.process.stdout.read().splitlines()


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def begin(*words: str, stop_within: float = STOP_WITHIN) -> Running:
        running.append(Running(*words, stop_within=stop_within))
        return running[-1]

    yield begin
    for one in running:
        one.process.kill()
        one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()
        for pid in one.seen:
            kill_quietly(pid)


def kill_quietly(pid: int) -> None:
    if is_alive(pid):
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """A zombie is dead: it only waits for its parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def all_gone(pids: list[int], within: float) -> bool:
    until = time.monotonic() + within
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_killed_child_is_started_again(start: Callable[..., Running]) -> None:
    running = start()
    first = running.next_started()

    os.kill(first[0], signal.SIGKILL)
    second = running.next_started()

    assert second[0] != first[0]
    assert all_gone(first, within=2), "what the dead child had started is cleared away"
    assert is_alive(second[0])


def test_only_what_a_child_writes_to_stderr_is_said(start: Callable[..., Running]) -> None:
    running = start()
    pids = running.next_started()

    running.process.send_signal(signal.SIGTERM)

    assert sorted(running.lines + running.rest()) == [
        "Stopped.",
        "Stopping ...",
        f"kept: one    | started {pids[0]} {pids[1]}",
        "one    | a broken pipe",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_everything(start: Callable[..., Running], number: signal.Signals) -> None:
    running = start()
    pids = running.next_started()

    running.process.send_signal(number)

    assert running.process.wait(timeout=10) == 0
    assert all_gone(pids, within=0.5)


def test_child_deaf_to_term_is_killed_when_its_time_is_over(start: Callable[..., Running]) -> None:
    running = start("deaf", stop_within=0.5)
    pids = running.next_started()
    assert STOP_WITHIN < 10

    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(timeout=7) == 0
    assert all_gone(pids, within=0.5)


def test_second_signal_does_not_wait(start: Callable[..., Running]) -> None:
    running = start("deaf")
    pids = running.next_started()

    running.process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(timeout=3) == 0
    assert all_gone(pids, within=0.5)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ties a process to its parent")
def test_child_ends_with_a_supervisor_that_was_killed(start: Callable[..., Running]) -> None:
    running = start()
    child, _grandchild = running.next_started()

    running.process.kill()

    assert all_gone([child], within=5)


def test_pause_grows_with_each_quick_death() -> None:
    child = Child("one", ["true"])

    pauses = []
    for _ in range(7):
        child.started = time.monotonic()
        pauses.append(child.note_death())

    assert pauses == [0.5, 2, 4, 8, 16, 30, 30]


def test_pause_is_short_again_after_a_steady_run() -> None:
    child = Child("one", ["true"], deaths=5, started=time.monotonic() - 60)

    assert child.note_death() == 0.5
