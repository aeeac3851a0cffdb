"""What stops more than one delivery: a channel whose server is away, a webhook that has stopped listening."""

from datetime import datetime, timedelta

from notifications.delivery.retry import PAUSES
from notifications.enums import Outcome
from notifications.models import ChannelPause, Endpoint

#: A webhook that failed for so long is switched off.
DEAF_AFTER = timedelta(days=5)


def pause(channel: str, outcome: Outcome, text: str, at: datetime) -> None:
    """Instead of failing a thousand mails for one reason. An administrator's own pause stays as it is."""
    if ChannelPause.objects.filter(channel=channel, until=None).exists():
        return
    facts = {
        "reason": text[:300] or str(outcome.label),
        "until": at + PAUSES[outcome],
        "needs_mending": outcome == Outcome.CONFIG,
    }
    ChannelPause.objects.update_or_create(
        channel=channel, defaults=facts, create_defaults={**facts, "since": at}
    )


def clear_over(at: datetime) -> None:
    """Forget pauses that ended and were not renewed by the next try."""
    ChannelPause.objects.filter(until__lt=at - timedelta(minutes=5)).delete()


def note_health(endpoint: Endpoint, *, ok: bool, gone: bool, at: datetime) -> None:
    row = Endpoint.objects.filter(pk=endpoint.pk)
    if ok:
        row.exclude(failures_since=None).update(failures_since=None)
    elif gone:
        row.filter(disabled_at=None).update(disabled_at=at, disabled_why="It answered that it is gone (410).")
    elif endpoint.failures_since is None:
        row.filter(failures_since=None).update(failures_since=at)
    elif at - endpoint.failures_since > DEAF_AFTER:
        row.filter(disabled_at=None).update(disabled_at=at, disabled_why="It failed for five days.")
