"""New delivery rows, of entries and of everything else that is mailed."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.auth.models import User
from django.db import transaction

from notifications.channels.email.identity import mail_domain
from notifications.enums import Channel, Lane, Purpose, Reason
from notifications.models import Delivery, Enclosure

REPORT_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file for a mail. With a `content_id` the HTML shows it by `cid:` and it is not attached."""

    name: str
    content_type: str
    content: bytes
    content_id: str = ""


def draft(*, at: datetime, channel: Channel, target: str, reason: Reason) -> Delivery:
    """Not saved. The identity is fixed here: each later try carries the same Message-ID."""
    identity = uuid.uuid4()
    return Delivery(
        uuid=identity,
        message_id=f"<d.{identity}@{mail_domain()}>",
        channel=channel,
        target=target,
        reason=reason,
        created_at=at,
        due_at=at,
    )


def enqueue_mail(
    *,
    key: str,
    recipients: Iterable[User],
    subject: str,
    text: str,
    html: str,
    at: datetime,
    attachments: Sequence[Attached] = (),
    lane: Lane = Lane.BULK,
) -> int:
    """Have each of these people sent this mail, once for this key however often it is asked for.

    Who may get it is the caller's rule; people without an address or who left are passed over.
    Returns how many deliveries are new.
    """
    with transaction.atomic():
        known = set(Delivery.objects.filter(key=key).values_list("target", flat=True))
        people = {user.pk: user for user in recipients if user.is_active and user.email}
        rows = [_report(user, key, at) for pk, user in people.items() if f"user:{pk}" not in known]
        for row in rows:
            row.subject, row.text, row.html = " ".join(subject.split())[:300], text, html
            row.body_hash, row.lane = content_hash(row), lane
        made = Delivery.objects.bulk_create(rows, ignore_conflicts=True)
        Enclosure.objects.bulk_create(
            [
                Enclosure(
                    key=key,
                    name=file.name,
                    content_type=file.content_type,
                    content=file.content,
                    content_id=file.content_id,
                )
                for file in attachments
            ],
            ignore_conflicts=True,
        )
    return len(made)


def _report(user: User, key: str, at: datetime) -> Delivery:
    row = draft(at=at, channel=Channel.EMAIL, target=f"user:{user.pk}", reason=Reason.READER)
    row.purpose, row.key, row.recipient = Purpose.REPORT, key, user
    row.expires_at = at + REPORT_LASTS
    return row


def content_hash(delivery: Delivery) -> str:
    content = f"{delivery.subject}\0{delivery.text}\0{delivery.html}"
    return sha256(content.encode()).hexdigest()
