"""From what happened to what is next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min
from django.utils.translation import gettext_noop

from notifications.delivery.retry import CONFIG_LASTS, ERROR_LIMIT, OF_CHANNEL, doubt_over, next_try
from notifications.enums import Outcome, Phase, Status
from notifications.models import Delivery

FAILED = gettext_noop("Every try failed.")
FAULT = gettext_noop("It could not be made or handed over; the log says why.")
IN_DOUBT = gettext_noop("It may have arrived several times.")
REFUSED = gettext_noop("The other side refused it for good.")
SETTINGS = gettext_noop("The settings of its channel were wrong for a day.")


@dataclass(frozen=True, slots=True)
class Result:
    outcome: Outcome
    phase: Phase = Phase.OPENING
    code: str = ""
    text: str = ""
    retry_after: timedelta | None = None
    gone: bool = False
    #: an answer for one recipient that speaks of us
    accuses: bool = False


def settle(
    delivery: Delivery, result: Result, at: datetime, *, waits_until: datetime | None = None
) -> dict[str, Any]:
    """The columns to write. Counts the tries on record, so call it before the new one is added.

    `waits_until`: its whole channel is paused until then.
    """
    changes: dict[str, object] = {
        "phase": result.phase,
        "last_class": result.outcome,
        "last_text": f"{result.code} {result.text}".strip()[:500],
        "lease_until": None,
        "lease_token": None,
    }
    return changes | _next(delivery, result, at, waits_until or at)


def _next(delivery: Delivery, result: Result, at: datetime, waits_until: datetime) -> dict[str, object]:
    match result.outcome:
        case Outcome.SENT:
            return {
                "status": Status.SENT,
                "sent_at": at,
                "provider_reply": result.text[:500],
                "status_reason": "",
            }
        case Outcome.PERMANENT:
            return {"status": Status.FAILED, "status_reason": REFUSED}
        case Outcome.UNREACHABLE | Outcome.CONFIG:
            is_over = result.outcome == Outcome.CONFIG and _began(delivery, at) <= at - CONFIG_LASTS
            return _given_up(SETTINGS) if is_over else _again(waits_until)
        case Outcome.AMBIGUOUS:
            return _after_doubt(delivery, result, at)
        case Outcome.ERROR if _failures(delivery) >= ERROR_LIMIT:
            return _given_up(FAULT)
    return _after_failure(delivery, result, at)


def _given_up(reason: str) -> dict[str, object]:
    return {"status": Status.DEAD, "status_reason": reason}


def _after_doubt(delivery: Delivery, result: Result, at: datetime) -> dict[str, object]:
    """A program knows a message again by its id, so for it a second copy costs nothing."""
    doubt = {"ambiguous": delivery.ambiguous + 1}
    if delivery.endpoint_id:
        return doubt | _after_failure(delivery, result, at)
    due = doubt_over(doubt["ambiguous"], at)
    if due is None:
        return doubt | _given_up(IN_DOUBT)
    return doubt | _again(due)


def _after_failure(delivery: Delivery, result: Result, at: datetime) -> dict[str, object]:
    due = next_try(delivery.channel, _failures(delivery), at, result.retry_after)
    if due is None:
        return _given_up(FAILED)
    return _again(due)


def _again(due: datetime) -> dict[str, object]:
    return {"status": Status.PENDING, "due_at": due, "status_reason": ""}


def _failures(delivery: Delivery) -> int:
    """Tries that were this delivery's own, the present one included; a server out of reach is not."""
    return delivery.tries.exclude(outcome__in=OF_CHANNEL).count() + 1


def _began(delivery: Delivery, at: datetime) -> datetime:
    """When its first try failed for our settings."""
    first = delivery.tries.filter(outcome=Outcome.CONFIG).aggregate(first=Min("ended_at"))["first"]
    return first or at
