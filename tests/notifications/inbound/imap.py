"""A mailbox on a real socket, as far as the desk speaks IMAP."""

import re
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self


@dataclass
class Post:
    """`mails` by identifier. `fail_at` names the command that breaks the connection."""

    mails: dict[int, bytes] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    said: list[str] = field(default_factory=list)
    fail_at: str = ""
    password: str = "se cret"

    def __enter__(self) -> Self:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                wire, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_safely, args=(wire,), daemon=True).start()

    def _serve_safely(self, wire: socket.socket) -> None:
        with suppress(OSError, ValueError), wire, wire.makefile("rb") as lines:
            wire.sendall(b"* OK [CAPABILITY IMAP4rev1] post\r\n")
            for line in lines:
                tag, _, command = line.decode().strip().partition(" ")
                self.said.append(command)
                if self.fail_at and self.fail_at in command:
                    return
                wire.sendall(self._answer(command) + f"{tag} {self._verdict(command)}\r\n".encode())
                if command == "LOGOUT":
                    return

    def _verdict(self, command: str) -> str:
        if command.startswith("LOGIN") and f'"{self.password}"' not in command:
            return "NO [AUTHENTICATIONFAILED] wrong password"
        return "OK done"

    def _answer(self, command: str) -> bytes:
        if command == "CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith("SELECT"):
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY 1]\r\n" % len(self.mails)
        if "SEARCH" in command:
            waiting = [] if "NOT" not in command else sorted(set(self.mails) - self.deleted)
            return b"* SEARCH %s\r\n" % b" ".join(b"%d" % uid for uid in waiting)
        if found := re.match(r"UID FETCH (\d+) ", command):
            mail = self.mails[int(found[1])]
            return b"* 1 FETCH (UID %s BODY[] {%d}\r\n%s)\r\n" % (found[1].encode(), len(mail), mail)
        if found := re.match(r"UID STORE (\d+) ", command):
            self.deleted.add(int(found[1]))
        if command == "EXPUNGE":
            for uid in self.deleted & set(self.mails):
                del self.mails[uid]
        return b""
