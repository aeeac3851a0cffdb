"""Mail by SMTP: one recipient a message, every step bounded in time, and never unsure without saying so.

smtplib speaks the protocol; the steps are ours, because only the final dot divides "has not arrived"
from "may have arrived", and `SMTP.sendmail` does not tell on which side of it a connection broke.
"""

import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from notifications.enums import Outcome, Phase
from notifications.transports.base import Mail, TransportError
from notifications.transports.identity import mail_domain
from notifications.transports.mime import ascii_address, bounce_address, compose

CONNECT_SECONDS = 10
COMMAND_SECONDS = 30
END_OF_DATA_SECONDS = 60
#: No attempt takes longer; the lease of a delivery is twice that.
ATTEMPT_SECONDS = 100

GOOD = 250
SERVICE_CLOSING = 421
GO_AHEAD = 354
TOO_BIG = 552
#: Answers that say "your settings are wrong" whatever the recipient is.
CONFIG_CODES = frozenset({530, 534, 535, 538, 454})


class SmtpTransport:
    def send(self, message: Mail, *, before_handover: Callable[[], None]) -> str:
        content = compose(message).as_bytes()
        deadline = time.monotonic() + ATTEMPT_SECONDS
        with connection(deadline) as server:
            _envelope(server, message, deadline)
            before_handover()
            return _hand_over(server, content, deadline)


@contextmanager
def connection(deadline: float) -> Iterator[smtplib.SMTP]:
    """An open, greeted, encrypted and logged-in server."""
    server = _connect()
    try:
        _bound(server, COMMAND_SECONDS, deadline)
        _log_in(server)
        yield server
        with suppress(smtplib.SMTPException, OSError):  # it has the message: how it says goodbye is no matter
            _bound(server, 2, deadline)
            server.quit()
    finally:
        server.close()


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
        _check(*server.rcpt(ascii_address(message.address)))


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


def _check(code: int, reply: bytes, *, phase: Phase = Phase.OPENING, ours: bool = False) -> None:
    """`ours`: the answer is about our sender address, so it would be the same for every mail."""
    if code in {GOOD, 251}:
        return
    text = _clean(reply)
    if code in CONFIG_CODES or (ours and code >= 500 and code != TOO_BIG):
        raise _wrong(text, code)
    if code == -1:
        raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
    outcome = Outcome.PERMANENT if code >= 500 else Outcome.RETRY
    raise TransportError(text, outcome=outcome, phase=phase, code=code)


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
