"""What was told and what was answered, without words that have to go. Who was told what and when stays."""

from django.contrib.admin.models import LogEntry
from django.db.models import Q, QuerySet

from incidents.models import Incident
from incidents.wiping import Words
from incidents.workflow.redacting import Removed, clear, digests, log_of
from notifications.append_only import KINDS
from notifications.delivery.queue import content_hash
from notifications.inbound.reading import everything_in
from notifications.models import Attempt, Delivery, InboundMail

#: What the other side answered may quote what it was sent.
ANSWERED = ("last_text", "provider_reply", "came_back")


def redact(incident: Incident, gone: Words) -> Removed:
    """In the transaction of the redaction; see `incidents.workflow.redacting`."""
    about = Q(incident=incident) | Q(entry__incident=incident)
    deliveries = Delivery.objects.filter(about)
    log = log_of(Delivery, deliveries.values_list("pk", flat=True))
    given = _given_by_people(deliveries, log)
    touched = {row.pk for row in deliveries.order_by("pk") if _clear(row, gone)}
    touched |= {*clear(deliveries, ANSWERED, gone)}
    touched |= {*clear(deliveries.filter(pk__in=given), ("status_reason",), gone)}
    logged = clear(log, ("object_repr", "change_message"), gone)
    tries = clear(Attempt.objects.filter(delivery__in=deliveries), ("text",), gone)
    mails = [mail for mail in InboundMail.objects.filter(about).order_by("pk") if _clear_mail(mail, gone)]
    sealed = digests(Delivery, sorted(touched), KINDS) + digests(Attempt, tries, KINDS)
    return sealed, len(touched) + len(logged) + len(mails)


def _given_by_people(deliveries: QuerySet[Delivery], log: QuerySet[LogEntry]) -> list[int]:
    """Whose reason is none of the desk's own sentences: the admin's log has it, until that is cleared."""
    said = list(log.values_list("object_id", "change_message"))
    reasons = deliveries.exclude(status_reason="").values_list("pk", "status_reason")
    return [pk for pk, reason in reasons if any(str(pk) == of and reason in text for of, text in said)]


def _clear(row: Delivery, gone: Words) -> bool:
    before = (row.subject, row.text, row.html)
    row.subject, row.text = gone.without(row.subject), gone.without(row.text)
    row.html = gone.without_in_html(row.html)
    if before == (row.subject, row.text, row.html):
        return False
    Delivery.objects.filter(pk=row.pk).update(
        subject=row.subject,
        text=row.text,
        html=row.html,
        body_hash=content_hash(row) if row.text or row.html else row.body_hash,
    )
    return True


def _clear_mail(mail: InboundMail, gone: Words) -> bool:
    """The mail as it came goes whole: its words are there in every coding."""
    names = ("subject", "text", "reason")
    left = {name: gone.without(getattr(mail, name)) for name in names}
    stays = not any(map(gone.stand_in, everything_in(bytes(mail.raw or b""))))
    if stays and left == {name: getattr(mail, name) for name in names}:
        return False
    return bool(InboundMail.objects.filter(pk=mail.pk).update(**left, raw=None))
