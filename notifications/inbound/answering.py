"""The sender of what could not be filed hears of it: once a mail, seldom, and never a machine.

The answer is a delivery like any other, to an address without an account. It repeats nothing of the
mail and tells nothing of any incident, so that it is worth nothing to who forged the sender.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from notifications.channels.email.identity import sender
from notifications.delivery.queue import content_hash, draft
from notifications.enums import Channel, Lane, Purpose, Reason
from notifications.inbound.judging import may_be_answered
from notifications.inbound.reading import Letter
from notifications.models import Delivery, InboundMail

AN_HOUR = timedelta(hours=1)
PER_SENDER = 5
#: To all senders together: forged ones are many.
IN_ALL = 200
LASTS = timedelta(days=1)
TRIES = 10


def answer_sender(row: InboundMail, letter: Letter, at: datetime) -> Delivery | None:
    """None: it must not be answered, or was answered often enough."""
    if not may_be_answered(letter) or _is_ours(letter.sender):
        return None
    for number in range(TRIES):
        made = Delivery.objects.filter(purpose=Purpose.ANSWER)
        recent = made.filter(created_at__gt=at - AN_HOUR)
        if recent.filter(address=letter.sender).count() >= PER_SENDER or recent.count() >= IN_ALL:
            return None
        try:
            with transaction.atomic():
                row.answer = _answer(letter, made, number, at)
                row.save(update_fields=["answer"])
        except IntegrityError:  # somebody took this number at the same moment
            continue
        return row.answer
    return None


def _is_ours(address: str) -> bool:
    """Our own mailbox, with or without a tag."""
    local, _, domain = sender()[1].lower().rpartition("@")
    name, _, where = address.rpartition("@")
    return where == domain and name.partition("+")[0] == local


def _answer(letter: Letter, made: QuerySet[Delivery], number: int, at: datetime) -> Delivery:
    """Numbered by sender, so that the database lets two workers not send one more than is allowed."""
    whose = f"answer:{sha256(letter.sender.encode()).hexdigest()[:32]}:"
    last = made.filter(key__startswith=whose).order_by("-pk").values_list("key", flat=True).first()
    next_number = int(last.rpartition(":")[2]) + 1 + number if last else number
    answer = draft(at=at, channel=Channel.EMAIL, target="sender", reason=Reason.SENDER)
    answer.purpose, answer.key, answer.address = Purpose.ANSWER, f"{whose}{next_number}", letter.sender
    answer.lane, answer.expires_at = Lane.BULK, at + LASTS
    answer.subject = _("Your mail is waiting to be read")
    answer.text = _(
        "This is an automatic answer.\n\n"
        "Your mail reached the service desk, but not the report it belongs to: it did not come from the "
        "address that we wrote to, or did not answer a mail of ours. Nothing of it is lost. "
        "Somebody at the desk reads it and files it by hand.\n\n"
        "It is quicker to log in and write there:\n%(url)s\n"
    ) % {"url": f"{settings.BASE_URL}/"}
    answer.body_hash = content_hash(answer)
    answer.save(force_insert=True)
    return answer
