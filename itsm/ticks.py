"""Regular work: each tick leaves a trace, and a machine whose clock is wrong does none of it."""

import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm import timekeeping
from itsm.broker import REPORT_LIMIT, beat_schedule
from notifications.delivery.hold import HELD
from notifications.models import ChannelPause, Heartbeat, WrongClock

log = structlog.get_logger(__name__)

#: How often each regular task should come by.
REGULAR = {entry["task"]: timedelta(seconds=entry["schedule"]) for entry in beat_schedule.values()}
LATE = timedelta(minutes=2)
#: What takes longer than its interval misses ticks while it works.
LONG = {"reports.tick": timedelta(seconds=REPORT_LIMIT) + LATE}


def may_begin(task: str) -> bool:
    """Whether this machine may do that now. Regular work is on record from here on."""
    if task not in REGULAR:
        return True
    if not clock_is_right():
        return False
    Heartbeat.objects.update_or_create(role=task, defaults={"at": timekeeping.now()})
    return True


def clock_is_right() -> bool:
    """A wrong one is said: in the log, and by the row that health page and home read."""
    ahead = timekeeping.off_by()
    if abs(ahead) <= timekeeping.TOLERATED:
        return True
    host, seconds = socket.gethostname()[:120], round(ahead.total_seconds())
    log.error("clock_is_wrong", host=host, seconds_ahead_of_database=seconds)
    facts = {"ahead": seconds, "at": timekeeping.now()}
    WrongClock.objects.update_or_create(host=host, defaults=facts)
    return False


def faults(at: datetime) -> Iterator[str]:
    """What is wrong with regular work, in words. Three small queries."""
    clock_is_right()
    for row in WrongClock.objects.filter(at__gt=at - LATE).order_by("host"):
        yield _wrong(row)
    seen = dict(Heartbeat.objects.filter(role__in=REGULAR).values_list("role", "at"))
    if seen and max(seen.values()) > at + timekeeping.TOLERATED:
        yield _(
            "The clock of the database was set back: regular work was last done at %(when)s, "
            "which is still to come. What was put off until a time waits for that time."
        ) % {"when": _in_words(max(seen.values()))}
    for task, when in sorted(seen.items()):
        if when <= at - LONG.get(task, max(LATE, 2 * REGULAR[task])):
            yield _(
                "%(task)s has not come by since %(when)s: is a worker for its queue running, and beat, "
                "with the right time?"
            ) % {"task": task, "when": _in_words(when)}
    if ChannelPause.objects.filter(reason=HELD).exists():
        yield _("Deliveries are held since a restore: manage.py hold_deliveries --release lets them go.")


def _wrong(row: WrongClock) -> str:
    words = (
        _("The clock of %(host)s is %(seconds)d s ahead of the database's.")
        if row.ahead > 0
        else _("The clock of %(host)s is %(seconds)d s behind the database's.")
    )
    asked = _("It does no regular work until its clock is right.")
    return f"{words % {'host': row.host, 'seconds': abs(row.ahead)}} {asked}"


def _in_words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
