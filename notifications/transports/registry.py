"""Channel to transport. A new channel is one file and one line here."""

from typing import Self

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


class Lines:
    """The transports of one hand, each made when it is first needed and closed with the rest."""

    def __init__(self) -> None:
        self._open: dict[str, Transport] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for transport in self._open.values():
            transport.close()

    def to(self, channel: str) -> Transport:
        if channel not in self._open:
            self._open[channel] = _made(channel)
        return self._open[channel]


def _made(channel: str) -> Transport:
    """Without a mail server, mails become files that the outbox preview shows."""
    if channel == Channel.EMAIL and not settings.EMAIL_URL:
        return FilesTransport()
    return TRANSPORTS[channel]()
