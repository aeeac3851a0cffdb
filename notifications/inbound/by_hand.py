"""What a person at the desk makes of a mail that was not filed by itself."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import workflow
from incidents.enums import Channel, Via
from incidents.errors import Invalid, Refused
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from notifications.inbound.filing import fitted
from notifications.inbound.quotation import own_words
from notifications.inbound.reading import File, read
from notifications.models import InboundMail, InboundOutcome


def words_of(mail: InboundMail) -> str:
    """What its sender wrote; all of it where that would be nothing."""
    return own_words(mail.text) or mail.text.strip()


def files_of(mail: InboundMail) -> tuple[File, ...]:
    """Read from the raw mail; none once that is gone."""
    return read(bytes(mail.raw)).files if mail.raw else ()


def put_on(mail: InboundMail, *, incident: Incident, text: str, by: User, at: datetime) -> TimelineEntry:
    """As a reply that the agent files, saying whose words they are. Lands where an answer would."""
    words = fitted(text.strip(), files_of(mail))
    with workflow.stored(words.files) as files, transaction.atomic():
        _take(mail, by, at)
        entry = workflow.pass_on(
            incident,
            actor=Actor(by, Via.ADMIN),
            at=at,
            text=words.text,
            attachments=files,
            writer=mail.sender,
        )
        _filed(mail, entry)
    return entry


def open_from(
    mail: InboundMail, *, title: str, requester: User | None, text: str, by: User, at: datetime
) -> TimelineEntry:
    """A new incident that the mail reports."""
    words = fitted(text.strip(), files_of(mail))
    report = workflow.Report(title=title, description=words.text, requester=requester, channel=Channel.EMAIL)
    with workflow.stored(words.files) as files, transaction.atomic():
        _take(mail, by, at)
        incident = workflow.open_incident(report, actor=Actor(by, Via.ADMIN), at=at, attachments=files)
        entry = incident.entries.get()
        _filed(mail, entry)
    return entry


def discard(mail: InboundMail, *, reason: str, by: User, at: datetime) -> None:
    """Nobody has to look at it any more. It stays readable, and can still be filed."""
    if not reason.strip():
        raise Invalid({"reason": _("Say why: whoever looks for this mail later will want to know.")})
    with transaction.atomic():
        _take(mail, by, at)
        mail.outcome, mail.reason = InboundOutcome.DISCARDED, reason.strip()[:300]
        mail.save(update_fields=["outcome", "reason"])


def _take(mail: InboundMail, by: User, at: datetime) -> None:
    """One hand alone: raises Refused when it was filed meanwhile."""
    waiting = InboundMail.objects.filter(pk=mail.pk, entry=None, handled_at=mail.handled_at)
    if waiting.update(handled_by=by, handled_at=at) != 1:
        raise Refused(_("Somebody else has dealt with this mail meanwhile."))
    mail.handled_by, mail.handled_at = by, at


def _filed(mail: InboundMail, entry: TimelineEntry) -> None:
    mail.entry, mail.incident, mail.outcome = entry, entry.incident, InboundOutcome.FILED
    mail.save(update_fields=["entry", "incident", "outcome"])
