"""When a request is whole, and who is cut off."""

import socket
import time

import pytest

from itsm import web_worker
from itsm.web_worker import HELD_BYTES, Arriving, Paced

POST = b"POST / HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("data", "is_whole"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", True),
        (POST + b"Content-Length: 3\r\n\r\nab", False),
        (POST + b"content-length:3\r\n\r\nabc", True),
        (POST + b"Content-Length: 3\r\n\r\nabcGET", True),
        (POST + b"Content-Length: x\r\n\r\n", True),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", False),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", True),
        (POST + b"Content-Length: 9000000\r\n\r\n" + b"x" * 1000, False),
        (POST + b"Content-Length: 9000000\r\n\r\n" + b"x" * HELD_BYTES, True),
        (POST + b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n", True),
        (b"x" * 100_000, True),
    ],
)
def test_thread_is_given_to_a_request_that_is_whole(data: bytes, is_whole: bool) -> None:
    assert Arriving(data).is_whole() is is_whole


def test_request_that_never_ends_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    arriving = Arriving(POST)
    before = arriving.is_late

    monkeypatch.setattr(time, "monotonic", lambda begun=arriving.since: begun + 61)

    assert (before, arriving.is_late) == (False, True)


def test_large_body_comes_at_its_pace_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_worker, "FIRST_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        body = Paced(ours)
        theirs.sendall(b"x" * 100)

        taken = body.recv(1000)
        with pytest.raises(ConnectionResetError):
            body.recv(1000)

    assert taken == b"x" * 100
