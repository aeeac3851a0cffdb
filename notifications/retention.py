"""What mail leaves behind. Who was told what and when stays, with the hash of the words."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from incidents.models import RemovalKind
from incidents.retention import Rule
from notifications.enums import Status
from notifications.models import Delivery, Enclosure, InboundMail


def empty_mails(rows: QuerySet[Any], _at: datetime) -> int:
    return InboundMail.objects.filter(pk__in=rows.values("pk")).forget_words()


def sent_before(moment: datetime) -> QuerySet[Delivery]:
    """What was not sent may be sent by hand one day, so its words stay."""
    return Delivery.objects.filter(status=Status.SENT, created_at__lt=moment).exclude(text="", html="")


def empty_sent(rows: QuerySet[Delivery], _at: datetime) -> int:
    return rows.update(text="", html="")


def needless_enclosures(moment: datetime) -> QuerySet[Enclosure]:
    """Of keys for which nothing is kept any more that could be sent, or read, with them."""
    of_key = Delivery.objects.filter(key=OuterRef("key"))
    emptied = of_key.filter(status=Status.SENT, created_at__lt=moment, text="", html="")
    return Enclosure.objects.filter(~Exists(of_key.exclude(pk__in=emptied.values("pk"))))


def delete_enclosures(rows: QuerySet[Enclosure], _at: datetime) -> int:
    return rows.delete()[0]


RULES = (
    Rule(RemovalKind.MAIL, "keep_mail_days", InboundMail.objects.kept_as_they_came, empty_mails),
    Rule(RemovalKind.SENT, "keep_sent_days", sent_before, empty_sent),
    Rule(RemovalKind.ENCLOSURES, "keep_sent_days", needless_enclosures, delete_enclosures),
)
