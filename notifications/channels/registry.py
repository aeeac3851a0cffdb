"""The channels. A new one is a folder, its name in `notifications.enums`, and one line here."""

from collections.abc import Mapping
from typing import Self

from notifications.channels.base import Definition, Transport
from notifications.channels.email.channel import EMAIL
from notifications.channels.webhook.channel import WEBHOOK
from notifications.enums import Channel

CHANNELS: Mapping[str, Definition] = {
    Channel.EMAIL: EMAIL,
    Channel.WEBHOOK: WEBHOOK,
}


class Lines:
    """The transports of one thread, each made when it is first needed and closed with the rest."""

    def __init__(self) -> None:
        self._open: dict[str, Transport] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for transport in self._open.values():
            transport.close()

    def to(self, channel: str) -> Transport:
        if channel not in self._open:
            self._open[channel] = CHANNELS[channel].transport()
        return self._open[channel]
