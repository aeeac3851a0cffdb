"""One mail to the person who asks for it, by the way that all mails go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from itsm import timekeeping
from notifications.delivery.queue import enqueue_mail
from notifications.enums import SETTLED, Channel, Lane, Status
from notifications.models import ChannelPause, Delivery
from notifications.nudge import nudge
from notifications.tasks import deliver

#: A worker takes it at once, or a sweep does within seconds; after that nobody works.
PATIENCE = timedelta(seconds=45)
#: A second press of the button within this time sends nothing new.
ONCE_A = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MailTest:
    """What became of the last one, and whether there is still something to wait for."""

    delivery: Delivery
    is_waiting: bool
    words: str

    @property
    def has_arrived(self) -> bool:
        """A file on this machine reaches nobody."""
        return self.delivery.status == Status.SENT and bool(settings.EMAIL_URL)


def send_test(user: User, *, at: datetime) -> None:
    """Needs an address. It is a delivery as any other: kept, tried again, shown in the admin."""
    before = _last(user)
    if before is not None and at - before.created_at < ONCE_A:
        return
    enqueue_mail(
        key=f"{_key(user)}{at:%Y%m%d%H%M%S}",
        recipients=[user],
        subject=_("Test of the service desk's mail"),
        text=render_to_string("desk/mail_test.txt", {"base_url": settings.BASE_URL}),
        html="",
        at=at,
        lane=Lane.URGENT,
    )
    nudge(deliver)


def last_test(user: User) -> MailTest | None:
    delivery = _last(user)
    if delivery is None:
        return None
    over = timekeeping.now() - delivery.created_at > PATIENCE
    return MailTest(delivery, delivery.status not in SETTLED and not over, _words(delivery, over=over))


def _key(user: User) -> str:
    return f"mail-test:{user.pk}:"


def _last(user: User) -> Delivery | None:
    return Delivery.objects.filter(key__startswith=_key(user)).order_by("-pk").first()


def _words(delivery: Delivery, *, over: bool) -> str:
    """The server's own words where it has said something; nothing of ours but the address."""
    facts = {"address": delivery.address, "answer": delivery.last_text}
    if delivery.status == Status.SENT and not settings.EMAIL_URL:
        return _("Written to a file: EMAIL_URL is not set, so mails reach nobody.")
    if delivery.status == Status.SENT:
        return _("Accepted for %(address)s: %(answer)s") % facts
    if delivery.last_text:
        return _("Not accepted: %(answer)s") % facts
    return delivery.status_reason or _untried(over=over)


def _untried(*, over: bool) -> str:
    if pause := ChannelPause.objects.in_force(timekeeping.now()).filter(channel=Channel.EMAIL).first():
        return _("Mail is paused: %(reason)s") % {"reason": pause.reason}
    if over:
        return _("No worker has taken it. Is “celery worker” running, and does it reach the broker?")
    return _("On its way …")
