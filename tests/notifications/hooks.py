"""A program that listens for webhooks on a real socket, and fails in the way it is asked to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

ENDLESS = 10_000_000_000


class Hooks:
    """`mode`: the status it answers with, or the name of a fault. `heard`: every whole call it read."""

    def __init__(self, mode: str = "200") -> None:
        self.mode = mode
        self.heard: list[str] = []
        self.refused: list[str] = []
        self.open, self.most_open = 0, 0
        self.hang_seconds = 2.0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        sink = self

        class Call(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                with suppress(OSError), sink.counted():
                    self.rfile.read(int(self.headers["Content-Length"]))
                    sink.heard.append(self.headers["webhook-id"])
                    sink.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Call)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @contextmanager
    def counted(self) -> Iterator[None]:
        """How many calls are open at a time."""
        with self._lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        try:
            yield
        finally:
            with self._lock:
                self.open -= 1

    def answer(self, call: BaseHTTPRequestHandler) -> None:
        call.close_connection = True
        if self.mode == "no answer":
            time.sleep(self.hang_seconds)
        elif self.mode == "hang up":
            call.connection.close()
        elif self.mode == "drip":
            for _ in range(int(self.hang_seconds * 20)):
                call.connection.sendall(b"H")
                time.sleep(0.05)
        else:
            if self.mode not in {"endless", "200"}:
                self.refused.append(call.headers["webhook-id"])
            call.send_response(200 if self.mode == "endless" else int(self.mode))
            call.send_header("Content-Length", str(ENDLESS if self.mode == "endless" else 0))
            call.end_headers()
            while self.mode == "endless":
                call.wfile.write(b"x" * 65_536)
