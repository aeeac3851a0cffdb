"""What a mail is: a machine's, an answer to a mail of ours, or something for a person to look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_noop

from notifications.channels.email.identity import REPLY, delivery_of, delivery_of_message
from notifications.inbound.bounces import Bounce, bounce_of
from notifications.inbound.headers import addresses, count, header
from notifications.inbound.reading import Letter
from notifications.models import Delivery, InboundMail, InboundOutcome

MACHINES = frozenset({"bulk", "junk", "auto_reply"})
LISTS = frozenset({"list"})
OF_MACHINES = (
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Failed-Recipients",
)
ROBOTS = frozenset({"mailer-daemon", "postmaster", "noreply", "no-reply"})
AN_HOUR = timedelta(hours=1)
#: More from one sender is no conversation. The rest waits for a person.
MOST_AN_HOUR = 30
REFERENCES_LOOKED_AT = 50

MACHINE = gettext_noop("A machine wrote it, and machines are not answered.")
GIVEN_UP = gettext_noop("A mail server gave it up.")
GOES_ON = gettext_noop("A mail server could not pass it on yet, and goes on trying.")
UNRELATED = gettext_noop("It does not answer a mail of ours.")
OTHER_ADDRESS = gettext_noop("It comes from another address than the mail went to.")
TOO_MANY = gettext_noop("This sender wrote too often within an hour.")
SAME_ID = gettext_noop("Another mail with the same Message-ID came before.")


@dataclass(frozen=True, slots=True)
class Finding:
    delivery: Delivery | None = None
    outcome: InboundOutcome | None = None
    reason: str = ""
    bounce: Bounce | None = None

    @property
    def may_be_filed(self) -> bool:
        return self.outcome is None


def judge(letter: Letter, at: datetime) -> Finding:
    """Without an outcome it is what it says it is: an answer of the person we asked."""
    if bounce := bounce_of(letter):
        words = GIVEN_UP if bounce.is_final else GOES_ON
        return Finding(bounce.delivery, InboundOutcome.BOUNCED, words, bounce)
    return _as_answer(letter, at)


def _as_answer(letter: Letter, at: datetime) -> Finding:
    delivery = answered(letter)
    if is_from_a_machine(letter):
        return Finding(delivery, InboundOutcome.IGNORED, MACHINE)
    if delivery is None:
        return Finding(None, InboundOutcome.REFUSED, UNRELATED)
    if not is_from_its_recipient(letter, delivery):
        return Finding(delivery, InboundOutcome.REFUSED, OTHER_ADDRESS)
    if _came_before(letter):
        return Finding(delivery, InboundOutcome.REFUSED, SAME_ID)
    if _wrote_too_often(letter, at):
        return Finding(delivery, InboundOutcome.REFUSED, TOO_MANY)
    return Finding(delivery)


def is_from_a_machine(letter: Letter) -> bool:
    """RFC 3834 and what its predecessors left behind. A mailing list passes on what people write."""
    message = letter.message
    automatic = header(message, "Auto-Submitted").lower().partition(";")[0].strip()
    return (
        automatic not in {"", "no"}
        or header(message, "Precedence").lower() in MACHINES
        or header(message, "Return-Path") == "<>"
        or message.get_content_type() in {"multipart/report", "message/delivery-status"}
        or any(header(message, name) for name in OF_MACHINES)
        or letter.sender.partition("@")[0] in ROBOTS
        or Delivery.objects.filter(message_id=letter.message_id).exists()
    )


def may_be_answered(letter: Letter) -> bool:
    """Stricter: what comes over a list is taken, but never answered."""
    message = letter.message
    silent = header(message, "X-Auto-Response-Suppress").lower()
    return (
        not is_from_a_machine(letter)
        and header(message, "Precedence").lower() not in LISTS
        and not any(header(message, name) for name in ("List-Id", "List-Post", "List-Unsubscribe"))
        and not {"all", "autoreply"} & {word.strip() for word in silent.split(",")}
        and len(letter.senders) == 1
        and _is_an_address(letter.sender)
    )


def _is_an_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return text.isascii()


def is_from_its_recipient(letter: Letter, delivery: Delivery) -> bool:
    """One sender, who wants the answer themselves, and is who the mail went to."""
    person = delivery.recipient
    if person is None or not person.email or count(letter.message, "From") != 1:
        return False
    own = [person.email.lower()]
    back = addresses(letter.message, "Reply-To")
    return letter.senders == own and (back in ([], own))


def answered(letter: Letter) -> Delivery | None:
    """The delivery whose own address it came to; else the one whose Message-ID it refers to."""
    rows = Delivery.objects.select_related("incident", "recipient").exclude(incident=None)
    for address in addresses(
        letter.message, "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "Resent-To"
    ):
        if (identity := delivery_of(address, REPLY)) and (found := rows.filter(uuid=identity).first()):
            return found
    named = f"{header(letter.message, 'References')} {header(letter.message, 'In-Reply-To')}".split()
    for name in reversed(named[-REFERENCES_LOOKED_AT:]):
        if (identity := delivery_of_message(name)) and (found := rows.filter(uuid=identity).first()):
            return found
    return None


def _came_before(letter: Letter) -> bool:
    """Other words under a Message-ID that was filed: a copy that was changed on its way, or a mistake."""
    before = InboundMail.objects.filter(message_id=letter.message_id, entry__isnull=False)
    return before.exclude(digest=letter.digest).exists()


def _wrote_too_often(letter: Letter, at: datetime) -> bool:
    recent = InboundMail.objects.filter(received_at__gt=at - AN_HOUR, sender=letter.sender)
    return recent.exclude(entry=None).count() >= MOST_AN_HOUR
