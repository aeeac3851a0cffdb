"""A mail that comes in is kept, once, with what became of it."""

from dataclasses import replace
from datetime import datetime

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext_noop

from incidents import workflow
from incidents.errors import Refused
from notifications.delivery.bounce import came_back
from notifications.inbound.answering import answer_sender
from notifications.inbound.filing import Words, file, fitted
from notifications.inbound.judging import Finding, judge
from notifications.inbound.quotation import own_words
from notifications.inbound.reading import Letter, read
from notifications.models import InboundMail, InboundOutcome

log = structlog.get_logger(__name__)

EMPTY = gettext_noop("Nothing was written above the quoted mail.")
FAULT = gettext_noop("It could not be filed because of a fault of ours; the log has the details.")


def receive(raw: bytes, *, at: datetime) -> InboundMail:
    """A second copy gives the row of the first. Raises only when the database cannot keep it."""
    letter = read(raw)
    known = InboundMail.objects.filter(message_id=letter.message_id, digest=letter.digest)
    if found := known.first():
        return found
    try:
        return _received(letter, raw, at)
    except (OperationalError, InterfaceError):
        raise
    except Exception as fault:
        if isinstance(fault, IntegrityError) and (found := known.first()):
            return found  # two copies at the same moment
        log.exception("mail_not_filed", message_id=letter.message_id)
        return _kept(letter, raw, at)


def _received(letter: Letter, raw: bytes, at: datetime) -> InboundMail:
    """Mail, entry and files in one transaction; the files are stored before it."""
    finding = judge(letter, at)
    text = own_words(letter.text) if finding.may_be_filed else ""
    if finding.may_be_filed and not text and not letter.files:
        finding = replace(finding, outcome=InboundOutcome.REFUSED, reason=EMPTY)
    words = fitted(text, letter.files) if finding.may_be_filed else Words("", ())
    with workflow.stored(words.files) as files, transaction.atomic():
        row = _kept(letter, raw, at)
        _treat(row, finding, Words(words.text, files), at)
        if row.outcome == InboundOutcome.REFUSED:
            answer_sender(row, letter, at)
    return row


def _kept(letter: Letter, raw: bytes, at: datetime) -> InboundMail:
    return InboundMail.objects.create(
        message_id=letter.message_id,
        digest=letter.digest,
        received_at=at,
        sender=letter.sender,
        subject=letter.subject,
        text=letter.text,
        outcome=InboundOutcome.REFUSED,
        reason=FAULT,
        raw=raw,
    )


def _treat(row: InboundMail, finding: Finding, words: Words, at: datetime) -> None:
    row.incident = finding.delivery.incident if finding.delivery else None
    row.outcome, row.reason = finding.outcome or InboundOutcome.REFUSED, finding.reason
    if finding.may_be_filed and finding.delivery:
        try:
            row.entry = file(words, finding.delivery, at)
            row.incident, row.outcome = row.entry.incident, InboundOutcome.COMMENTED
        except Refused as refusal:
            row.reason = refusal.message[:300]
    if finding.bounce:
        row.bounced = finding.bounce.delivery
        if finding.bounce.is_final:
            came_back(row.bounced, text=finding.bounce.text, is_hard=finding.bounce.is_hard, at=at)
    row.save()
