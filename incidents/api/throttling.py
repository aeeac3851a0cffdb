"""How much one caller may ask for, shared between all web processes.

Each process draws requests from a row of the database in blocks and spends a block in memory. So a
limit holds over all processes, and most requests cost no round trip. A process that ends loses what
is left of its block: a caller may get a little less than the limit, never more.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from incidents.brakes import count
from incidents.models import BrakeKind
from itsm import timekeeping

if TYPE_CHECKING:
    from rest_framework.views import APIView

logger = logging.getLogger(__name__)
#: A limit is drawn in so many blocks at most.
BLOCKS = 20
PERIODS = {"s": 1, "m": 60, "h": 3600}


@dataclass(slots=True)
class Block:
    """What this process may still spend of one caller's window."""

    window: int
    left: int = 0
    #: what all processes together had drawn when this one last drew
    drawn: int = 0


@dataclass(frozen=True, slots=True)
class Allowance:
    limit: int
    remaining: int
    resets_in: int
    is_exceeded: bool


_blocks: dict[str, Block] = {}
_lock = threading.Lock()


def spend(caller: str, limit: int, period: int, now: float) -> Allowance:
    """Take one request of `caller` out of the current window of `period` seconds."""
    window = int(now // period)
    with _lock:
        block = _blocks.get(caller)
        if block is None or block.window != window:
            _forget_before(now)
            block = _blocks[caller] = Block(window)
        is_empty = block.left == 0 and block.drawn < limit
    # Nobody else waits while the database answers.
    size, drawn = _draw(window, caller, limit, period) if is_empty else (0, 0)
    with _lock:
        block.left += size
        block.drawn = max(block.drawn, drawn)
        granted = block.left > 0
        block.left -= granted
        remaining = max(0, limit - block.drawn) + block.left
    return Allowance(limit, remaining, int((window + 1) * period - now) + 1, not granted)


def _draw(window: int, caller: str, limit: int, period: int) -> tuple[int, int]:
    """The next free block, and what all have drawn with it. A database in trouble does not close the door."""
    size = max(1, limit // BLOCKS)
    begins = datetime.fromtimestamp(window * period, UTC)
    lasts = timedelta(seconds=period)
    try:
        row = count(BrakeKind.REQUESTS, caller, allowed=limit, lasts=lasts, at=begins, amount=size)
    except DatabaseError:
        logger.exception("requests are not counted")
        return size, size
    return max(0, min(size, limit - (row.count - size))), min(row.count, limit)


def _forget_before(now: float) -> None:
    """Drop what earlier windows left, now and then."""
    if len(_blocks) > 10_000:
        longest = max(PERIODS.values())
        for caller in [name for name, block in _blocks.items() if block.window < now // longest]:
            del _blocks[caller]


def reset() -> None:
    with _lock:
        _blocks.clear()


class SharedThrottle(BaseThrottle):
    """`DEFAULT_THROTTLE_RATES[scope]`, such as "600/min", for each token, person or address."""

    scope = ""
    allowance: Allowance

    def caller(self, request: Request) -> str | None:
        raise NotImplementedError

    def allow_request(self, request: Request, view: "APIView") -> bool:  # noqa: ARG002 -- DRF's signature
        caller = self.caller(request)
        if caller is None:
            return True
        limit, _, period = str(api_settings.DEFAULT_THROTTLE_RATES[self.scope]).partition("/")
        now = timekeeping.now().timestamp()
        self.allowance = spend(f"{self.scope}:{caller}", int(limit), PERIODS[period[0]], now)
        request._request.allowance = self.allowance  # type: ignore[attr-defined] # noqa: SLF001 -- for api.headers
        return not self.allowance.is_exceeded

    def wait(self) -> float:
        return float(self.allowance.resets_in)


class PersonThrottle(SharedThrottle):
    """All tokens of one person together."""

    scope = "person"

    def caller(self, request: Request) -> str | None:
        return str(request.user.pk) if request.user.is_authenticated else None


class AddressThrottle(SharedThrottle):
    """Callers without an account, by network address."""

    scope = "address"

    def caller(self, request: Request) -> str | None:
        return None if request.user.is_authenticated else str(request.META.get("REMOTE_ADDR"))


class SourceThrottle(SharedThrottle):
    """Alert sources, by network address: their key may be in the body."""

    scope = "source"

    def caller(self, request: Request) -> str | None:
        return str(request.META.get("REMOTE_ADDR"))
