"""Whose fault a failure is: this message's, or its channel's, so that nothing else would get through either.

Before a recipient is named it is the channel's. Afterwards it is that recipient's, until another one
meets the same and nobody has been served since.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet

from notifications.delivery.outcomes import Result
from notifications.enums import Outcome
from notifications.models import Attempt, Delivery

#: What others met so long ago still counts as the same trouble.
WINDOW = timedelta(minutes=15)


def judged(delivery: Delivery, result: Result, at: datetime) -> Result:
    """The result by its fair name. Call it before the try is on record."""
    if delivery.endpoint_id:
        return result
    if result.accuses:
        others = _lately(delivery, at).exclude(delivery__address=delivery.address)
        is_ours = _unserved_since(others.filter(code=result.code).exclude(outcome=Outcome.SENT), delivery, at)
        return replace(result, outcome=Outcome.CONFIG) if is_ours else result
    if result.outcome == Outcome.CONFIG and _others_got_through(delivery):
        return replace(result, outcome=Outcome.RETRY)
    return result


def is_of_channel(delivery: Delivery, result: Result, at: datetime) -> bool:
    if delivery.endpoint_id:
        return False
    if result.outcome == Outcome.AMBIGUOUS:
        others = _lately(delivery, at).exclude(delivery=delivery)
        return _unserved_since(others.filter(outcome=Outcome.AMBIGUOUS), delivery, at)
    return result.outcome in {Outcome.UNREACHABLE, Outcome.CONFIG}


def _unserved_since(others: QuerySet[Attempt], delivery: Delivery, at: datetime) -> bool:
    """Others met it, and no mail was accepted after that. By number: two workers' clocks may differ."""
    served = _lately(delivery, at).filter(outcome=Outcome.SENT).aggregate(last=Max("pk"))["last"]
    return others.filter(pk__gt=served or 0).exists()


def _others_got_through(delivery: Delivery) -> bool:
    """Since this one failed for our settings, which can hardly be wrong then."""
    last = delivery.tries.filter(outcome=Outcome.CONFIG).aggregate(last=Max("pk"))["last"]
    if last is None:
        return False
    sent = Attempt.objects.filter(delivery__channel=delivery.channel, delivery__endpoint=None, pk__gt=last)
    return sent.filter(outcome=Outcome.SENT).exists()


def _lately(delivery: Delivery, at: datetime) -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        delivery__channel=delivery.channel, delivery__endpoint=None, ended_at__gt=at - WINDOW
    )
