"""What was told and what was answered, without words that have to go. Who was told what and when stays."""

from django.db.models import Q

from incidents.models import Incident
from incidents.wiping import Words
from incidents.workflow.redacting import Removed, digests
from notifications.append_only import KINDS
from notifications.delivery.drafts import content_hash
from notifications.models import Delivery, InboundMail


def redact(incident: Incident, gone: Words) -> Removed:
    """In the transaction of the redaction; see `incidents.workflow.redacting`."""
    about = Q(incident=incident) | Q(entry__incident=incident)
    touched = [row.pk for row in Delivery.objects.filter(about).order_by("pk") if _clear(row, gone)]
    mails = [mail for mail in InboundMail.objects.filter(about).order_by("pk") if _clear_mail(mail, gone)]
    return digests(Delivery, touched, KINDS), len(touched) + len(mails)


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
    subject, text = gone.without(mail.subject), gone.without(mail.text)
    raw = bytes(mail.raw or b"").decode(errors="replace")
    if (subject, text) == (mail.subject, mail.text) and not gone.stand_in(raw):
        return False
    return bool(InboundMail.objects.filter(pk=mail.pk).update(subject=subject, text=text, raw=None))
