"""Mail by SMTP: one recipient a message, every step bounded in time, and never unsure without saying so.

smtplib speaks the protocol; the steps are ours, because only the final dot divides "has not arrived"
from "may have arrived", and `SMTP.sendmail` does not tell on which side of it a connection broke.
One connection carries many mails, with RSET between them; after any doubt the next mail gets a new one.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

from django.conf import settings

from notifications.channels.base import Mail, TransportError
from notifications.channels.email.identity import mail_domain
from notifications.channels.email.mime import ascii_address, bounce_address, compose
from notifications.enums import Outcome, Phase

CONNECT_SECONDS = 10
COMMAND_SECONDS = 30
END_OF_DATA_SECONDS = 60
#: No attempt takes longer; the lease of a delivery is twice that.
ATTEMPT_SECONDS = 100
#: A connection is given up after so many mails or so long: servers do not like either to be more.
MAILS_A_CONNECTION = 100
SECONDS_A_CONNECTION = 60

GOOD = 250
SERVICE_CLOSING = 421
GO_AHEAD = 354
TOO_BIG = 552
#: Before a recipient is named these say "your settings are wrong"; after it they may be about that one.
CONFIG_CODES = frozenset({530, 534, 535, 538, 454})
#: RFC 3463, 5.7.x: security or policy, such as a relay that does not know us.
POLICY = "5.7."


class SmtpTransport:
    """Of one hand: not to be shared between threads. `close` it when there is no more to send."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None
        self._opened, self._mails = 0.0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def send(self, message: Mail, *, before_handover: Callable[[], None]) -> str:
        content = compose(message).as_bytes()
        deadline = time.monotonic() + ATTEMPT_SECONDS
        server = self._ready(message, deadline)
        with self._kept_if_sound():
            before_handover()
            receipt = _hand_over(server, content, deadline)
        self._mails += 1
        return receipt

    def close(self) -> None:
        """It has what it took: how it says goodbye is no matter."""
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                _bound(self._server, 2, time.monotonic() + 2)
                self._server.quit()
            self._drop()

    def _ready(self, message: Mail, deadline: float) -> smtplib.SMTP:
        """A server that took the envelope. One that has gone since the last mail is called again."""
        if self._server is not None and self._is_still_good(deadline):
            try:
                return self._addressed(self._server, message, deadline)
            except TransportError as error:
                if _goes_on_after(error):
                    raise
        self.close()
        self._server = _opened(deadline)
        self._opened, self._mails = time.monotonic(), 0
        return self._addressed(self._server, message, deadline)

    def _addressed(self, server: smtplib.SMTP, message: Mail, deadline: float) -> smtplib.SMTP:
        with self._kept_if_sound():
            _envelope(server, message, deadline)
        return server

    @contextmanager
    def _kept_if_sound(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            if not _goes_on_after(error):
                self._drop()
            raise

    def _is_still_good(self, deadline: float) -> bool:
        if self._server is None or self._mails >= MAILS_A_CONNECTION:
            return False
        if time.monotonic() - self._opened > SECONDS_A_CONNECTION:
            return False
        try:
            _bound(self._server, COMMAND_SECONDS, deadline)
            return self._server.rset()[0] == GOOD
        except (smtplib.SMTPException, OSError):
            self._drop()
            return False

    def _drop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _goes_on_after(error: BaseException) -> bool:
    """The server has answered and stays: the connection is fit for the next mail."""
    return isinstance(error, TransportError) and error.code not in {"", str(SERVICE_CLOSING)}


def _opened(deadline: float) -> smtplib.SMTP:
    """Greeted, encrypted and logged in."""
    server = _connect()
    try:
        _bound(server, COMMAND_SECONDS, deadline)
        _log_in(server)
    except BaseException:
        server.close()
        raise
    return server


def _connect() -> smtplib.SMTP:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT or 0
    name = mail_domain()
    try:
        if settings.EMAIL_USE_SSL:
            return smtplib.SMTP_SSL(
                host, port, name, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
            )
        return smtplib.SMTP(host, port, name, timeout=CONNECT_SECONDS)
    except ssl.SSLError as error:
        raise _wrong(f"TLS: {error.reason or error}") from error
    except smtplib.SMTPConnectError as error:
        # A greeting of 421 passes; any other refusal at the door is about us, not about a mail.
        text = _clean(error.smtp_error)
        if error.smtp_code == SERVICE_CLOSING or error.smtp_code < 500:
            raise TransportError(text, outcome=Outcome.UNREACHABLE, code=error.smtp_code) from error
        raise _wrong(text, error.smtp_code) from error
    except (OSError, smtplib.SMTPException) as error:
        raise TransportError(_clean(str(error)) or "no greeting", outcome=Outcome.UNREACHABLE) from error


def _log_in(server: smtplib.SMTP) -> None:
    try:
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.EMAIL_HOST_USER:
            server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except ssl.SSLError as error:
        raise _wrong(f"TLS: {error.reason or error}") from error
    except smtplib.SMTPResponseException as error:
        if error.smtp_code == SERVICE_CLOSING:
            raise TransportError(_clean(error.smtp_error), outcome=Outcome.UNREACHABLE, code=421) from error
        raise _wrong(_clean(error.smtp_error), error.smtp_code) from error
    except smtplib.SMTPServerDisconnected as error:
        raise TransportError(str(error), outcome=Outcome.UNREACHABLE) from error
    except smtplib.SMTPException as error:  # no STARTTLS, no AUTH, refused greeting
        raise _wrong(_clean(str(error))) from error
    except OSError as error:
        raise TransportError(_clean(str(error)), outcome=Outcome.UNREACHABLE) from error


def _envelope(server: smtplib.SMTP, message: Mail, deadline: float) -> None:
    with _dropped(Outcome.RETRY, Phase.OPENING):
        _bound(server, COMMAND_SECONDS, deadline)
        _check(*server.mail(bounce_address(message)), ours=True)
        _check(*server.rcpt(ascii_address(message.address)), named=True)


def _hand_over(server: smtplib.SMTP, content: bytes, deadline: float) -> str:
    with _dropped(Outcome.RETRY, Phase.DATA):
        code, reply = server.docmd("DATA")
        if code != GO_AHEAD:
            _check(code, reply, phase=Phase.DATA)
        # Without the dot at the end no server delivers, so whatever breaks in here has not arrived.
        server.send(re.sub(rb"(?m)^\.", b"..", content).rstrip(b"\r\n") + b"\r\n")
    with _dropped(Outcome.AMBIGUOUS, Phase.DATA):
        _bound(server, END_OF_DATA_SECONDS, deadline)
        server.send(b".\r\n")
        code, reply = server.getreply()
        _check(code, reply, phase=Phase.DATA)
        return _clean(reply)


def _check(
    code: int, reply: bytes, *, phase: Phase = Phase.OPENING, ours: bool = False, named: bool = False
) -> None:
    """`ours`: the answer is about our sender address, so it would be the same for every mail.

    `named`: it is about one recipient, and speaks of us only if others meet it too.
    """
    if code in {GOOD, 251}:
        return
    text = _clean(reply)
    if ours and (code in CONFIG_CODES or (code >= 500 and code != TOO_BIG)):
        raise _wrong(text, code)
    if code == -1:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
    outcome = Outcome.PERMANENT if code >= 500 and code not in CONFIG_CODES else Outcome.RETRY
    accuses = named and (code in CONFIG_CODES or text.startswith(POLICY))
    raise TransportError(text, outcome=outcome, phase=phase, code=code, accuses=accuses)


@contextmanager
def _dropped(outcome: Outcome, phase: Phase) -> Iterator[None]:
    """A broken or silent connection in here means that."""
    try:
        yield
    except smtplib.SMTPNotSupportedError as error:
        raise TransportError(str(error), outcome=Outcome.PERMANENT, phase=phase) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TransportError(_clean(str(error)) or "connection lost", outcome=outcome, phase=phase) from error


def _bound(server: smtplib.SMTP, seconds: int, deadline: float) -> None:
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
    server.sock.settimeout(max(0.1, min(seconds, deadline - time.monotonic())))


def _wrong(text: str, code: int | str = "") -> TransportError:
    return TransportError(text, outcome=Outcome.CONFIG, code=code)


def _clean(reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(text.split())[:500]
