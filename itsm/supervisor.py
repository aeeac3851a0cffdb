"""Keeps a few processes running as one foreground group: restarts what dies, stops all of it together.

What a child writes to stderr is said, to whoever watches; what it writes to stdout is only kept.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from itsm import parent_death

STOP_WITHIN = 8.0  # seconds from the first signal to the last kill
STEADY = 30.0  # a process that ran this long has earned a quick restart
LONGEST_PAUSE = 30.0
LAST_WORDS = 1.0  # for what a process that ended has written and nobody has read yet
Say = Callable[[str], object]


@dataclass
class Child:
    """One process, its restarts and its lines of output."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    not_before: float = 0.0
    deaths: int = 0
    relays: list[threading.Thread] = field(default_factory=list)

    def start(self, say: Say, keep: Say) -> None:
        """Starts in a session of its own: Ctrl-C reaches the supervisor only, which stops things in order."""
        tied = [sys.executable, "-I", parent_death.__file__, str(os.getpid()), *self.command]
        environment = {**os.environ, "SUPERVISED": "1", **self.environment}
        self.process = subprocess.Popen(  # noqa: S603 -- our own commands
            tied,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self.started = time.monotonic()
        outputs = ((self.process.stdout, keep), (self.process.stderr, say))
        self.relays = [threading.Thread(target=self.relay, args=each, daemon=True) for each in outputs]
        for thread in self.relays:
            thread.start()

    def relay(self, stream: IO[bytes], tell: Say) -> None:
        for line in stream:
            tell(f"{self.name:<6} | {line.decode(errors='replace').rstrip()}")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> float:
        """Clears away what the dead process left running; returns the pause before its next start."""
        self.send_group(signal.SIGKILL)
        now = time.monotonic()
        self.deaths = 1 if now - self.started > STEADY else self.deaths + 1
        pause = min(2.0 ** (self.deaths - 1), LONGEST_PAUSE) if self.deaths > 1 else 0.5
        self.not_before = now + pause
        self.process = None
        return pause

    def send(self, number: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def send_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)


class Supervisor:
    """Runs until a signal. Children are started from the main thread, to whose life the kernel ties them."""

    def __init__(
        self, children: Sequence[Child], say: Say, keep: Say, *, stop_within: float = STOP_WITHIN
    ) -> None:
        self.children = children
        self.say = say
        self.keep = keep
        self.stop_within = stop_within
        self.stopping = threading.Event()
        self.hurry = threading.Event()

    def run(self, *, once_started: Callable[[], None] = lambda: None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        try:
            for child in self.children:
                child.start(self.say, self.keep)
            threading.Thread(target=once_started, daemon=True).start()
            while not self.stopping.wait(0.2):
                self.look_after_all()
        finally:
            self.stop()

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping.is_set():
            self.hurry.set()
        self.stopping.set()

    def look_after_all(self) -> None:
        for child in self.children:
            if child.process is None:
                if time.monotonic() >= child.not_before:
                    child.start(self.say, self.keep)
            elif not child.is_running():
                code = child.process.returncode
                pause = child.note_death()
                self.say(f"{child.name:<6} | ended with {code}; starting it again in {pause:g} s")

    def stop(self) -> None:
        """Asks all to end, then sees to it: nothing of any group survives."""
        self.say("Stopping ...")
        deadline = time.monotonic() + self.stop_within
        for child in self.children:
            child.send(signal.SIGTERM)
        while any(child.is_running() for child in self.children):
            if time.monotonic() > deadline or self.hurry.is_set():
                break
            time.sleep(0.05)
        for child in self.children:
            child.send_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
            for thread in child.relays:
                thread.join(LAST_WORDS)
        self.say("Stopped.")
