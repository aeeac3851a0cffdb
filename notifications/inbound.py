"""An answer to one of our mails becomes a reply on the incident.

It is believed when it comes to the address that was made for one delivery and from that delivery's
recipient. Everything else is kept and shown, and writes nothing. No network here.
"""

import email
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses, parseaddr
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop

from incidents import policies, workflow
from incidents.enums import Via
from incidents.errors import Refused
from incidents.models import Incident, TimelineEntry
from notifications.models import Delivery, InboundMail, InboundOutcome
from notifications.transports.identity import REPLY, delivery_of

LONGEST = 20_000
QUOTE_BEGINS = re.compile(
    r"^(>|-- ?$|-{2,} ?(original message|ursprüngliche nachricht)"
    r"|on .{5,150} wrote:$|am .{5,150} schrieb.{0,100}:$)",
    re.IGNORECASE,
)
MACHINES = {"bulk", "junk", "list", "auto_reply"}


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: InboundOutcome
    reason: str = ""
    entry: TimelineEntry | None = None


def receive(raw: bytes, *, at: datetime) -> InboundMail:
    """Once by Message-ID: a second copy gives the row of the first."""
    message = email.message_from_bytes(raw, _class=EmailMessage, policy=default)
    message_id = header(message, "Message-ID")[:255] or f"<{sha256(raw).hexdigest()}>"
    if known := InboundMail.objects.filter(message_id=message_id).first():
        return known
    try:
        with transaction.atomic():
            row = InboundMail.objects.create(
                message_id=message_id,
                received_at=at,
                sender=parseaddr(header(message, "From"))[1][:320],
                subject=header(message, "Subject")[:300],
                outcome=InboundOutcome.REFUSED,
                raw=raw,
            )
            verdict = judge(message, message_id, at)
            row.outcome, row.reason, row.entry = verdict.outcome, verdict.reason[:300], verdict.entry
            row.raw = None if verdict.entry else raw
            row.save()
    except IntegrityError:
        return InboundMail.objects.get(message_id=message_id)
    return row


def judge(message: EmailMessage, message_id: str, at: datetime) -> Verdict:
    if is_from_a_machine(message) or Delivery.objects.filter(message_id=message_id).exists():
        return Verdict(
            InboundOutcome.IGNORED, gettext_noop("A machine wrote it, and machines are not answered.")
        )
    delivery = answered(message)
    if delivery is None or delivery.incident is None or delivery.recipient is None:
        return Verdict(InboundOutcome.REFUSED, gettext_noop("It does not answer a mail of ours."))
    person = delivery.recipient
    if parseaddr(header(message, "From"))[1].lower() != person.email.lower():
        return Verdict(
            InboundOutcome.REFUSED, gettext_noop("It comes from another address than the mail went to.")
        )
    text = answer_in(message)
    if not text:
        return Verdict(InboundOutcome.REFUSED, gettext_noop("Nothing was written above the quoted mail."))
    return comment(delivery.incident, person, text, at)


def comment(incident: Incident, person: User, text: str, at: datetime) -> Verdict:
    if not Incident.objects.visible_to(person).filter(pk=incident.pk).exists():
        return Verdict(InboundOutcome.REFUSED, gettext_noop("The sender may not see this incident any more."))
    try:
        entry = workflow.comment(incident, actor=policies.Actor(person, Via.MAIL), at=at, text=text)
    except Refused as refusal:
        return Verdict(InboundOutcome.REFUSED, refusal.message)
    return Verdict(InboundOutcome.COMMENTED, entry=entry)


def is_from_a_machine(message: EmailMessage) -> bool:
    """RFC 3834 and what its predecessors left behind."""
    automatic = header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    return (
        automatic not in {"", "no"}
        or header(message, "Precedence").lower() in MACHINES
        or header(message, "Return-Path").strip() == "<>"
        or message.get_content_type() == "multipart/report"
        or any(header(message, name) for name in ("List-Id", "X-Autoreply", "X-Auto-Response-Suppress"))
    )


def answered(message: EmailMessage) -> Delivery | None:
    """The delivery whose own address it came to."""
    lines = [
        str(value)
        for name in ("To", "Cc", "Delivered-To", "X-Original-To")
        for value in message.get_all(name, [])
    ]
    for _name, address in getaddresses(lines):
        if identity := delivery_of(address, REPLY):
            rows = Delivery.objects.select_related("incident", "recipient")
            return rows.filter(uuid=identity).first()
    return None


def answer_in(message: EmailMessage) -> str:
    """What was written, without what it quotes. Of HTML alone nothing is taken."""
    body = message.get_body(("plain",))
    if body is None:
        return ""
    try:
        text = str(body.get_content())
    except (LookupError, UnicodeError):  # a charset nobody knows
        text = bytes(body.get_payload(decode=True) or b"").decode("utf-8", "replace")
    kept = []
    for line in text.replace("\0", "").splitlines():
        if QUOTE_BEGINS.match(line.strip()):
            break
        kept.append(line.rstrip())
    return "\n".join(kept).strip()[:LONGEST]


def header(message: EmailMessage, name: str) -> str:
    """Broken headers raise when they are read; then there is none."""
    try:
        return str(message.get(name, "") or "").replace("\0", "")
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):
        return ""
