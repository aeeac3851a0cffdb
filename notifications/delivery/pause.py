"""What stops more than one delivery: a channel whose server is away, a webhook that does not answer.

A pause that is over lets one delivery through, to try: the one that moves its end on. The others follow
when it got somewhere.
"""

from datetime import datetime, timedelta

from django.db.models import F

from notifications.channels.email.smtp import ATTEMPT_SECONDS
from notifications.delivery.fault import is_of_channel
from notifications.delivery.outcomes import Result
from notifications.delivery.retry import DOUBT, REST_AFTER, pause_after, rest_after
from notifications.enums import Outcome, Phase, Status
from notifications.models import ChannelPause, Delivery, Endpoint

#: A webhook that failed for so long is switched off.
DEAF_AFTER = timedelta(days=5)
#: Nobody else tries a paused channel meanwhile.
PROBE = timedelta(seconds=ATTEMPT_SECONDS)

MAYBE = "Several messages may or may not have arrived: {}"


def let_through(delivery: Delivery, at: datetime) -> bool:
    """Whether its channel is open, or this is the one that tries. Within the transaction that takes it."""
    pauses = ChannelPause.objects.filter(channel=delivery.channel)
    if pauses.filter(until__lte=at).update(until=at + PROBE, probe=delivery) == 1:
        return True
    return not pauses.exists()


def not_tried(delivery: Delivery, at: datetime) -> None:
    """It was to try a paused channel and never came to it: let the next one."""
    ChannelPause.objects.filter(probe=delivery.pk).exclude(until=None).update(until=at, probe=None)


def learn(delivery: Delivery, result: Result, at: datetime) -> datetime | None:
    """What a try says of its channel; call it before the try is on record. Until when the channel waits."""
    if is_of_channel(delivery, result, at):
        return _pause(delivery.channel, result, at)
    if not delivery.endpoint_id and _got_somewhere(result):
        _open_again(delivery.channel, result, at)
    not_tried(delivery, at)
    return None


def _pause(channel: str, result: Result, at: datetime) -> datetime:
    """Instead of failing a thousand mails for one reason. An administrator's own pause stays as it is."""
    known = ChannelPause.objects.filter(channel=channel).first()
    failures = known.failures + 1 if known and known.fault == result.outcome else 1
    until = at + pause_after(result.outcome, failures)
    if known and known.until is None:
        return until
    text = f"{result.code} {result.text}".strip() or str(result.outcome.label)
    if result.outcome == Outcome.AMBIGUOUS:
        text = MAYBE.format(text)
    facts = {
        "reason": text[:300],
        "until": until,
        "fault": result.outcome,
        "failures": failures,
        "probe": None,
        "needs_mending": result.outcome == Outcome.CONFIG,
    }
    ChannelPause.objects.update_or_create(
        channel=channel, defaults=facts, create_defaults={**facts, "since": at}
    )
    return until


def _got_somewhere(result: Result) -> bool:
    """The server answered: it can be reached, and knows us."""
    return result.outcome == Outcome.SENT or (
        result.outcome in {Outcome.PERMANENT, Outcome.RETRY} and bool(result.code)
    )


def _open_again(channel: str, result: Result, at: datetime) -> None:
    """Where it was unclear what had arrived, only an answer to a whole message makes it clear.

    What was in doubt goes out again then, but for its last try, which waits for another hour of the day.
    """
    over = ChannelPause.objects.filter(channel=channel).exclude(until=None)
    if result.outcome != Outcome.SENT and result.phase != Phase.DATA:
        over = over.exclude(fault=Outcome.AMBIGUOUS)
    if over.filter(fault=Outcome.AMBIGUOUS).exists():
        doubtful = Delivery.objects.filter(channel=channel, endpoint=None, last_class=Outcome.AMBIGUOUS)
        doubtful.filter(status=Status.PENDING, ambiguous__lt=len(DOUBT), due_at__gt=at).update(due_at=at)
    over.delete()


def note_answer(endpoint: Endpoint, result: Result, at: datetime) -> None:
    """A webhook that failed a few times in a row rests, longer each time; then one call tries it."""
    row = Endpoint.objects.filter(pk=endpoint.pk)
    if result.outcome == Outcome.SENT:
        row.exclude(failures=0, failures_since=None).update(failures=0, failures_since=None, rests_until=None)
        return
    if result.outcome in {Outcome.ERROR, Outcome.LOST}:
        return  # ours, not theirs
    since, failures = endpoint.failures_since or at, endpoint.failures + 1
    rest = rest_after(failures)
    row.update(failures=F("failures") + 1, failures_since=since, rests_until=at + rest if rest else None)
    if result.gone:
        row.filter(disabled_at=None).update(disabled_at=at, disabled_why="It answered that it is gone (410).")
    elif failures >= REST_AFTER and at - since > DEAF_AFTER:
        row.filter(disabled_at=None).update(disabled_at=at, disabled_why="It failed for five days.")
