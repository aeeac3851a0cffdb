"""Gunicorn's threaded worker, which gives its threads to requests that are there.

A stock worker lets a thread wait for each body: a few dozen half-sent ones hold all of them, and nobody
else is answered. Here a request waits in the one loop that holds all connections until it is whole. Only
bodies beyond an ordinary form, files that is, are read by a thread; some threads are always left to others.
"""

import errno
import time
from collections import deque
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import _DEFER, ThreadWorker

#: An ordinary form; what is larger is read by a thread while it comes.
HELD_BYTES = 256 * 1024
HEAD_BYTES = 64 * 1024
#: So long a request may take to come in that is held here.
SECONDS = 60.0
#: A larger one has so long to begin with, and then comes at this pace or is cut off.
FIRST_SECONDS = 30.0
BYTES_A_SECOND = 16 * 1024
CHUNK = 64 * 1024
END_OF_HEAD, END_OF_CHUNKS = b"\r\n\r\n", b"0\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LARGE = object()


class Arriving:
    """What has come of one request, and whether a thread has anything to wait for."""

    def __init__(self, begun: bytes = b"") -> None:
        self.data = bytearray(begun)
        self.since = time.monotonic()
        self.length: int | None = None
        self.is_chunked = self.wants_leave = False

    @property
    def is_late(self) -> bool:
        return time.monotonic() - self.since > SECONDS

    @property
    def is_large(self) -> bool:
        return self.length is not None and self.length > HELD_BYTES

    def is_whole(self) -> bool:
        """So much is here as is ever held. A head without an end is whole as well: it is refused."""
        if self.length is None:
            self._look_at_head()
        if self.length is None:
            return len(self.data) > HEAD_BYTES
        if self.is_chunked:
            self.length = len(self.data) + 1 if len(self.data) > HELD_BYTES else self.length
            return len(self.data) > HELD_BYTES or self.data.endswith(END_OF_CHUNKS)
        return len(self.data) >= min(self.length, HELD_BYTES) or (self.is_large and self.wants_leave)

    def _look_at_head(self) -> None:
        end = self.data.find(END_OF_HEAD)
        if end < 0:
            return
        named = [line.partition(b":") for line in bytes(self.data[:end]).split(b"\r\n")[1:]]
        headers = {name.strip().lower(): value.strip().lower() for name, _colon, value in named}
        said = headers.get(b"content-length", b"")
        self.is_chunked = b"chunked" in headers.get(b"transfer-encoding", b"")
        self.wants_leave = headers.get(b"expect") == b"100-continue"
        # Nonsense is whole at once: the parser refuses it.
        self.length = end + len(END_OF_HEAD) + (int(said) if said.isdigit() and len(said) < 16 else 0)


class Paced:
    """The socket of a large body: whoever is slower than its pace is cut off."""

    def __init__(self, sock: Any) -> None:
        self.sock, self.since, self.taken = sock, time.monotonic(), 0

    def __getattr__(self, name: str) -> object:
        return getattr(self.sock, name)

    def recv(self, size: int) -> bytes:
        left = FIRST_SECONDS + self.taken / BYTES_A_SECOND - (time.monotonic() - self.since)
        self.sock.settimeout(max(left, 0.001))
        try:
            data: bytes = self.sock.recv(size)
        except TimeoutError:
            raise ConnectionResetError(errno.ECONNRESET, "the body came too slowly") from None
        finally:
            self.sock.settimeout(None)
        self.taken += len(data)
        return data


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        #: Large requests that wait until one of those that are read is through.
        self.waiting: deque[Any] = deque()
        self.reading = 0
        self.most_reading = max(1, self.cfg.threads // 2)

    def accept(self, listener: Any) -> None:
        """When nearly all places are taken, whoever has sent nothing for longest goes."""
        if self.nr_conns >= self.worker_connections - 1 and self.pending_conns:
            idle = self.pending_conns.popleft()
            with suppress(OSError, KeyError, ValueError):
                self.poller.unregister(idle.sock)
            self.nr_conns -= 1
            idle.close()
        super().accept(listener)

    def handle(self, conn: Any) -> object:
        """In a thread, for as long as there is something to read and no longer."""
        if self.cfg.is_ssl or getattr(conn, "is_read", False):
            return super().handle(conn)
        try:
            conn.init()
            conn.sock.setblocking(False)  # noqa: FBT003 -- a socket's own
            if getattr(conn, "arriving", None) is None:
                conn.parser.unreader.sock = conn.sock
                conn.arriving = Arriving(conn.parser.unreader.take_buffered())
            return self.gather(conn, conn.arriving)
        except OSError:
            return False

    def gather(self, conn: Any, arriving: Arriving) -> object:
        while not arriving.is_whole():
            if arriving.wants_leave and not arriving.is_large:
                conn.sock.send(CONTINUE)
                arriving.wants_leave = False
            try:
                data = conn.sock.recv(CHUNK)
            except BlockingIOError:
                return False if arriving.is_late else _DEFER
            if not data:
                return False
            arriving.data += data
        conn.parser.unreader.unread(bytes(arriving.data))
        conn.arriving, conn.data_ready = None, True
        if not arriving.is_large:
            return super().handle(conn)
        conn.parser.unreader.sock = Paced(conn.sock)
        return LARGE

    def finish_request(self, conn: Any, fs: Any) -> None:
        """In the loop: here alone is counted who reads."""
        if not fs.cancelled() and fs.exception() is None and fs.result() is LARGE:
            self.waiting.append(conn)
        else:
            if getattr(conn, "is_read", False):
                conn.is_read = False
                self.reading -= 1
            super().finish_request(conn, fs)
        while self.waiting and self.reading < self.most_reading:
            following = self.waiting.popleft()
            following.is_read = True
            self.reading += 1
            self.enqueue_req(following)
