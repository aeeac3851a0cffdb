"""From what happened to what is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notifications.delivery.retry import AMBIGUOUS_LIMIT, ERROR_LIMIT, PAUSES, next_try
from notifications.enums import Outcome, Phase, Status
from notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    phase: Phase = Phase.OPENING
    code: str = ""
    text: str = ""
    retry_after: timedelta | None = None
    gone: bool = False


def settle(delivery: Delivery, result: Result, at: datetime) -> dict[str, Any]:
    """The columns to write. Counts the tries on record, so call it before the new one is added."""
    changes: dict[str, Any] = {
        "phase": result.phase,
        "last_class": result.outcome,
        "last_text": f"{result.code} {result.text}".strip()[:500],
        "lease_until": None,
        "lease_token": None,
    }
    return changes | _next(delivery, result, at)


def _next(delivery: Delivery, result: Result, at: datetime) -> dict[str, Any]:
    match result.outcome:
        case Outcome.SENT:
            return {
                "status": Status.SENT,
                "sent_at": at,
                "provider_reply": result.text[:500],
                "status_reason": "",
            }
        case Outcome.PERMANENT:
            return {"status": Status.FAILED, "status_reason": "The other side refused it for good."}
        case Outcome.UNREACHABLE | Outcome.CONFIG:
            return _again(at + PAUSES[result.outcome])
        case Outcome.AMBIGUOUS:
            return _after_doubt(delivery, result, at)
        case Outcome.ERROR if _failures(delivery) >= ERROR_LIMIT:
            return {
                "status": Status.DEAD,
                "status_reason": "It could not be made or handed over; the log says why.",
            }
    return _after_failure(delivery, result, at)


def _after_doubt(delivery: Delivery, result: Result, at: datetime) -> dict[str, Any]:
    doubt = {"ambiguous": delivery.ambiguous + 1}
    if doubt["ambiguous"] >= AMBIGUOUS_LIMIT:
        return doubt | {"status": Status.DEAD, "status_reason": "It may have arrived several times."}
    return doubt | _after_failure(delivery, result, at)


def _after_failure(delivery: Delivery, result: Result, at: datetime) -> dict[str, Any]:
    due = next_try(delivery.channel, _failures(delivery), at, result.retry_after)
    if due is None:
        return {"status": Status.DEAD, "status_reason": "Every try failed."}
    return _again(due)


def _again(due: datetime) -> dict[str, Any]:
    return {"status": Status.PENDING, "due_at": due, "status_reason": ""}


def _failures(delivery: Delivery) -> int:
    """Tries that were this delivery's own, the present one included; a server out of reach is not."""
    return delivery.tries.exclude(outcome__in=PAUSES).count() + 1
