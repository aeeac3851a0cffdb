"""Wake-up calls. What there is to do stands in the database; a lost call costs seconds."""

from typing import Any

import structlog
from celery import shared_task
from django.conf import settings

from incidents.sweeping import spent_after
from itsm import timekeeping
from notifications.channels.email.smtp import ATTEMPT_SECONDS
from notifications.delivery.announce import announce_pending
from notifications.delivery.pool import Shift
from notifications.delivery.worker import tidy_up
from notifications.inbound.mailbox import MailboxError, fetch
from notifications.inbound.place import mailbox
from notifications.nudge import nudge

log = structlog.get_logger(__name__)

#: A task stops taking new work then: the rest is for the next one, well before the hard limit.
BUDGET_SECONDS = 40
#: The budget and the longest attempt fit in, so that a slow mail server gets no worker killed.
LIMITS: dict[str, Any] = {
    "soft_time_limit": BUDGET_SECONDS + ATTEMPT_SECONDS + 10,
    "time_limit": BUDGET_SECONDS + ATTEMPT_SECONDS + 30,
}


@shared_task(name="notifications.announce")
def announce(**_kwargs: object) -> None:
    announce_pending(timekeeping.now, stop=spent_after(BUDGET_SECONDS))
    nudge(deliver)


@shared_task(name="notifications.deliver", **LIMITS)
def deliver(**_kwargs: object) -> None:
    tried = Shift(timekeeping.now, stop=spent_after(BUDGET_SECONDS)).run()
    if tried:
        log.info("delivered", tried=tried)


@shared_task(name="notifications.fetch_mail", **LIMITS)
def fetch_mail(**_kwargs: object) -> None:
    box = mailbox(settings.INBOUND_MAIL_URL)
    if box is None:
        return
    try:
        taken = fetch(box, timekeeping.now, stop=spent_after(BUDGET_SECONDS))
    except MailboxError as error:
        log.warning("mailbox_out_of_reach", because=str(error))
        return
    if taken:
        log.info("mail_fetched", taken=taken)


@shared_task(name="notifications.sweep", **LIMITS)
def sweep(**_kwargs: object) -> None:
    stop = spent_after(BUDGET_SECONDS)
    tidy_up(timekeeping.now, stop=stop)
    Shift(timekeeping.now, stop=stop).run()
