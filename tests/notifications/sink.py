"""An SMTP server on a real socket that keeps what it took and fails in the way it is asked to.

What it *took* is what arrived: the message whose final dot it read, whatever it answered then.
"""

import email
import socket
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Self

from tests.factories import NOON


@dataclass
class Hand:
    """A clock that a test turns."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass
class Taken:
    sender: str
    to: str
    message: EmailMessage
    raw: bytes

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


@dataclass
class Sink:
    """`mode` names the fault of the next mails; `times` how many have it (None: all).

    `modes`: those of the very next ones. `refusals`: the answers to a MAIL or RCPT that names this text.
    """

    mode: str = ""
    times: int | None = None
    modes: list[str] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    connections: int = 0
    begun: int = 0
    hang_seconds: float = 30

    def __enter__(self) -> Self:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.closing = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.listener.close()
        for wire in self.open:
            with suppress(OSError):
                wire.close()

    def fail(self, mode: str, times: int | None = None) -> None:
        self.mode, self.times = mode, times

    def ids(self) -> Counter[str]:
        return Counter(taken.message_id for taken in self.taken)

    def subjects(self) -> list[str]:
        return [str(taken.message["Subject"]) for taken in self.taken]

    def _next_mode(self) -> str:
        if self.modes:
            return self.modes.pop(0)
        if self.times is None:
            return self.mode
        if self.times == 0:
            return ""
        self.times -= 1
        return self.mode

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                wire, _ = self.listener.accept()
            except OSError:
                return
            self.open.append(wire)
            self.connections += 1
            threading.Thread(target=self._serve_safely, args=(wire, self._next_mode()), daemon=True).start()

    def _serve_safely(self, wire: socket.socket, mode: str) -> None:
        with suppress(OSError, ValueError), wire, wire.makefile("rb") as lines:
            self._serve(wire, lines, mode)

    def _hang(self) -> None:
        self.closing.wait(self.hang_seconds)

    def _serve(self, wire: socket.socket, lines, mode: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, C901, PLR0911, PLR0912, PLR0915
        def say(text: str) -> None:
            wire.sendall(text.encode() + b"\r\n")

        if mode == "hang at banner":
            return self._hang()
        if mode == "421 at banner":
            return say("421 too busy")
        if mode == "554 at banner":
            return say("554 go away")
        say("220 sink")
        sender = to = ""
        while line := lines.readline():
            word = line.strip().upper()
            refusal = next((said for named, said in self.refusals.items() if named in line.decode()), "")
            if word.startswith(b"EHLO"):
                say("250-sink\r\n250 AUTH PLAIN" if mode == "auth 535" else "250 sink")
            elif word.startswith(b"HELO"):
                say("250 sink")
            elif word.startswith(b"AUTH"):
                say("535 5.7.8 wrong password")
            elif word.startswith(b"MAIL"):
                if sender:
                    mode = self._next_mode()
                sender = line.decode().partition("<")[2].partition(">")[0]
                if mode == "drop before mail":
                    return None
                answers = {"421 at mail": "421 closing", "550 at mail": "550 sender refused"}
                say(answers.get(mode, refusal or "250 ok"))
                if mode == "421 at mail":
                    return None
            elif word.startswith(b"RCPT"):
                to = line.decode().partition("<")[2].partition(">")[0]
                answers = {"450 at rcpt": "450 greylisted", "550 at rcpt": "550 5.1.1 nobody"}
                say(answers.get(mode, refusal or "250 ok"))
            elif word == b"DATA":
                self.begun += 1
                if mode == "452 at data":
                    say("452 no room")
                    continue
                if mode == "554 at data":
                    say("554 refused")
                    continue
                say("354 go on")
                body = bytearray()
                while (part := lines.readline()) not in {b".\r\n", b""}:
                    body += part[1:] if part.startswith(b"..") else part
                    if mode == "drop in data":
                        wire.shutdown(socket.SHUT_RDWR)
                        return None
                    if mode == "slow data":
                        time.sleep(0.01)
                if part == b"":
                    return None
                if mode == "451 at dot":
                    say("451 try again")
                    continue
                if mode == "554 at dot":
                    say("554 spam")
                    continue
                message = email.message_from_bytes(bytes(body), _class=EmailMessage, policy=default)
                self.taken.append(Taken(sender, to, message, bytes(body)))
                if mode == "drop after dot":
                    wire.shutdown(socket.SHUT_RDWR)
                    return None
                if mode == "hang after dot":
                    return self._hang()
                say("250 2.0.0 taken as 1")
            elif word == b"QUIT":
                if mode == "drop at quit":
                    return None
                say("221 bye")
                return None
            elif word == b"RSET":
                if mode == "drop at rset":
                    return None
                say("250 ok")
            else:
                say("502 what")
        return None
