"""Mail, by SMTP."""

from datetime import timedelta

from django.conf import settings

from notifications.channels.base import Definition, Transport
from notifications.channels.email.files import FilesTransport
from notifications.channels.email.smtp import SmtpTransport


def transport() -> Transport:
    """Without a mail server, mails become files that the outbox preview shows."""
    return SmtpTransport() if settings.EMAIL_URL else FilesTransport()


EMAIL = Definition(
    transport,
    schedule=tuple(
        timedelta(seconds=seconds)
        for seconds in (30, 120, 300, 900, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 16 * 3600)
    ),
)
