"""Webhooks as Standard Webhooks wants them signed, to addresses on the open internet only.

The name is looked up once, every answer has to be public, and the connection goes to the address
that was checked: a name that changes its mind in between gains nothing.
"""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from email.utils import parsedate_to_datetime

from itsm import timekeeping
from notifications.channels.base import Call, TransportError
from notifications.channels.webhook.addresses import HTTPS, plain_https, public_address, target_of
from notifications.enums import Outcome, Phase

TOTAL_SECONDS = 15
READ_BYTES = 64 * 1024
KEPT_BYTES = 1024
TOO_MANY, GONE = 429, 410


class WebhookTransport:
    def close(self) -> None:
        """Each call has a connection of its own."""

    def send(self, message: Call, *, before_handover: Callable[[], None]) -> str:
        body = json.dumps(message.body, separators=(",", ":")).encode()
        parts = plain_https(message.url)
        address = public_address(message.url)
        connection = CheckedConnection(parts.hostname or "", address, parts.port or HTTPS)
        try:
            _open(connection)
            before_handover()
            return _call(connection, target_of(parts), body, headers(message, body))
        finally:
            connection.stop_clock()
            connection.close()


def _open(connection: "CheckedConnection") -> None:
    """Nothing is said to the program yet, so nothing can have arrived."""
    try:
        connection.connect()
    except ssl.SSLError as error:
        raise TransportError(f"TLS: {error.reason or error}", outcome=Outcome.RETRY) from error
    except (OSError, ValueError) as error:
        raise TransportError(_named(error), outcome=Outcome.RETRY) from error


def _call(connection: "CheckedConnection", target: str, body: bytes, marks: dict[str, str]) -> str:
    """From the first byte on it may have arrived, and without an answer nobody knows."""
    try:
        connection.request("POST", target, body, marks)
        response = connection.getresponse()
    except (OSError, http.client.HTTPException) as error:
        raise TransportError(_named(error), outcome=Outcome.AMBIGUOUS, phase=Phase.DATA) from error
    return _judged(response)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]


class CheckedConnection(http.client.HTTPSConnection):
    """TLS for the name, TCP to the address that was checked."""

    def __init__(self, name: str, address: str, port: int) -> None:
        self.context = ssl.create_default_context()
        super().__init__(name, port, timeout=TOTAL_SECONDS, context=self.context)
        self.address = address
        self.clock: threading.Timer | None = None
        self.handle: socket.socket | None = None

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), timeout=TOTAL_SECONDS)
        self.start_clock(plain)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)

    def start_clock(self, wire: socket.socket) -> None:
        """Time-outs of a socket are per byte: an answer that drips would last for ever."""
        self.handle = wire.dup()  # TLS takes the socket over, the connection stays the same
        self.clock = threading.Timer(TOTAL_SECONDS, _hang_up, [self.handle])
        self.clock.daemon = True
        self.clock.start()

    def stop_clock(self) -> None:
        if self.clock and self.handle:
            self.clock.cancel()
            self.handle.close()


def _hang_up(wire: socket.socket) -> None:
    with suppress(OSError):  # it is closed already
        wire.shutdown(socket.SHUT_RDWR)


def headers(message: Call, body: bytes) -> dict[str, str]:
    """Signed by every secret in force, so that a rotation loses nothing."""
    stamp = str(int(message.at.timestamp()))
    signed = f"{message.uuid}.{stamp}.".encode() + body
    marks = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in message.secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "service-desk",
        "webhook-id": str(message.uuid),
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(f"v1,{mark}" for mark in marks),
    }


def _judged(response: http.client.HTTPResponse) -> str:
    """By the status; what follows it is only kept to be shown."""
    text = b""
    with suppress(OSError, http.client.HTTPException):
        while len(text) < READ_BYTES and (chunk := response.read1(4096)):
            text += chunk
    answer = text[:KEPT_BYTES].decode(errors="replace").replace("\0", "")
    if 200 <= response.status < 300:
        return f"{response.status}"
    if response.status == GONE:
        raise TransportError(answer, outcome=Outcome.PERMANENT, phase=Phase.DATA, code=GONE, gone=True)
    asked = (
        _retry_after(response.headers.get("Retry-After", "")) if response.status in {TOO_MANY, 503} else None
    )
    raise TransportError(
        answer[:500], outcome=Outcome.RETRY, phase=Phase.DATA, code=response.status, retry_after=asked
    )


def _retry_after(text: str) -> timedelta | None:
    """Seconds or a date."""
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    try:
        return parsedate_to_datetime(text) - timekeeping.now()
    except (ValueError, TypeError):
        return None
