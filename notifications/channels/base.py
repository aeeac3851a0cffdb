"""What a channel is: a class with one method."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from notifications.enums import Outcome, Phase


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    content_type: str
    content: bytes
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    uuid: UUID
    message_id: str
    at: datetime
    name: str
    address: str
    subject: str
    text: str
    html: str
    thread: str = ""
    stop_url: str = ""
    accepts_replies: bool = False
    parts: tuple[Part, ...] = ()
    #: an automatic answer to a mail (RFC 3834): nothing may come back to it
    is_answer: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook: a thin body, signed."""

    uuid: UUID
    at: datetime
    url: str
    secrets: tuple[bytes, ...]
    body: dict[str, Any] = field(default_factory=dict)


class TransportError(Exception):
    def __init__(
        self,
        text: str,
        *,
        outcome: Outcome,
        phase: Phase = Phase.OPENING,
        code: int | str = "",
        retry_after: timedelta | None = None,
        gone: bool = False,
        accuses: bool = False,
    ) -> None:
        """`accuses`: the answer speaks of us, although it was given for one recipient."""
        super().__init__(text)
        self.text, self.outcome, self.phase, self.code = text, outcome, phase, str(code)
        self.retry_after, self.gone, self.accuses = retry_after, gone, accuses


class HandoverStopped(Exception):
    """Raised by `before_handover`: nothing may be handed over."""


class LeaseLost(HandoverStopped):
    """It is another worker's by now."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What a folder of `notifications.channels` offers."""

    transport: "Callable[[], Transport]"
    #: How long a delivery waits after the first failure, the second, ...; after the last it is given up.
    schedule: tuple[timedelta, ...]


class Transport(Protocol):
    """Of one thread, for many messages: it may keep a connection open between them."""

    def close(self) -> None: ...

    def send(self, message: Any, *, before_handover: Callable[[], None]) -> str:
        """Hand over one message; the receipt. Call `before_handover` when the next byte could make it arrive.

        Raises TransportError, which says how sure it is that nothing arrived.
        """
