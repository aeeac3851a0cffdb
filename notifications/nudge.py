"""Publishing a wake-up call without ever making anybody wait for, or fail with, the broker."""

import time
from typing import Any

import structlog
from celery import Task
from kombu.exceptions import KombuError

log = structlog.get_logger(__name__)

#: After a failed call none is tried for so long: a page must not pay for a broker that is down.
QUIET_SECONDS = 5.0

_failed_at = float("-inf")
_failures = 0


def nudge(task: Task[Any, Any]) -> bool:
    """False when the broker did not take it; the sweep will find the work."""
    global _failed_at, _failures
    if time.monotonic() - _failed_at < QUIET_SECONDS:
        return False
    try:
        task.apply_async(retry=False, expires=60)
    except (KombuError, OSError) as error:
        _failed_at, _failures = time.monotonic(), _failures + 1
        log.warning("nudge_failed", task=task.name, error=type(error).__name__, failures=_failures)
        return False
    return True
