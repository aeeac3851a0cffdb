"""Channel to transport. A new channel is one file and one line here."""

from django.conf import settings

from notifications.enums import Channel
from notifications.transports.base import Transport
from notifications.transports.files import FilesTransport
from notifications.transports.smtp import SmtpTransport
from notifications.transports.webhook import WebhookTransport

TRANSPORTS: dict[str, type[Transport]] = {
    Channel.EMAIL: SmtpTransport,
    Channel.WEBHOOK: WebhookTransport,
}


def transport_for(channel: str) -> Transport:
    """Without a mail server, mails become files that the outbox preview shows."""
    if channel == Channel.EMAIL and not settings.EMAIL_URL:
        return FilesTransport()
    return TRANSPORTS[channel]()
