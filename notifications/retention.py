"""What mail leaves behind. Who was told what and when stays, with the hash of the words."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from incidents.models import RemovalKind
from incidents.retention import Rule
from notifications.enums import Status
from notifications.models import Delivery, InboundMail


def empty_mails(rows: QuerySet[Any], _at: datetime) -> int:
    return InboundMail.objects.filter(pk__in=rows.values("pk")).forget_words()


def sent_before(moment: datetime) -> QuerySet[Delivery]:
    """What was not sent may be sent by hand one day, so its words stay."""
    return Delivery.objects.filter(status=Status.SENT, created_at__lt=moment).exclude(text="", html="")


def empty_sent(rows: QuerySet[Delivery], _at: datetime) -> int:
    return rows.update(text="", html="")


RULES = (
    Rule(RemovalKind.MAIL, "keep_mail_days", InboundMail.objects.kept_as_they_came, empty_mails),
    Rule(RemovalKind.SENT, "keep_sent_days", sent_before, empty_sent),
)
