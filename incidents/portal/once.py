"""A form that is sent twice is done once: its token is kept with what came of it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from incidents.models import Incident
from incidents.models.idempotency import IdempotencyKey

DONE = 201


@transaction.atomic
def once(user: User, token: str, work: Callable[[], Incident], *, at: datetime) -> str:
    """The number of the incident that `work` gave, now or when the same token came before.

    Token and work are committed together: a refusal leaves neither. Of two at the same moment the
    second waits for the first, or fails on the unique key.
    """
    kept = IdempotencyKey(
        user=user,
        key=f"form:{token}",
        fingerprint="",
        started_at=at,
        status=DONE,
    )
    try:
        with transaction.atomic():
            kept.save(force_insert=True)
    except IntegrityError:
        return IdempotencyKey.objects.get(user=user, key=kept.key).body
    kept.body = work().number
    kept.save(update_fields=["body"])
    return kept.body
