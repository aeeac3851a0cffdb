"""After a restore: nothing goes out until a person says so, and what may have gone out is theirs to decide.

A backup knows nothing of what was sent after it was made. So all that waited in it is in doubt.
"""

from datetime import datetime

from django.utils.translation import gettext_noop

from notifications.delivery.recheck import IN_DOUBT
from notifications.delivery.recover import cancel_expired, take_back_lost
from notifications.enums import Channel, Status
from notifications.models import ChannelPause, Delivery

HELD = gettext_noop("Held after a restore, until it is released.")


def hold_channels(at: datetime) -> None:
    """A pause that an administrator made stays theirs."""
    theirs = set(ChannelPause.objects.filter(until=None).values_list("channel", flat=True))
    for channel in set(Channel) - theirs:
        facts = {
            "reason": HELD,
            "until": None,
            "needs_mending": False,
            "fault": "",
            "failures": 0,
            "probe": None,
        }
        ChannelPause.objects.update_or_create(
            channel=channel, defaults=facts, create_defaults={**facts, "since": at}
        )


def are_channels_held() -> bool:
    return ChannelPause.objects.filter(reason=HELD).exists()


def release_channels() -> int:
    """What is in doubt stays where it is. How many channels were held."""
    return ChannelPause.objects.filter(reason=HELD).delete()[0]


def doubt_what_waits(at: datetime) -> int:
    """All that is not settled: how many are now in doubt. What is worthless by now is cancelled instead.

    A delivery that was under way has lost its worker: that worker sent it elsewhere, or died.
    """
    Delivery.objects.filter(status=Status.SENDING).update(lease_until=at)
    take_back_lost(at)
    cancel_expired(at)
    waiting = Delivery.objects.filter(status=Status.PENDING)
    return waiting.update(status=IN_DOUBT.status, status_reason=IN_DOUBT.reason)
