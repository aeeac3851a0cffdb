"""What is sent twice is done once, and answered twice with the same words: by REST and from forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import User
from django.db import connection, transaction

from incidents.models.idempotency import IdempotencyKey

TRY = "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))"
WAIT = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)) IS NOT NULL"


class StillRunning(Exception):
    """The first request under this key is at work in another process."""


class UsedOtherwise(Exception):
    """The key came before with another request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int = 201
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    is_replayed: bool = False


@transaction.atomic
def once(
    user: User,
    key: str,
    work: Callable[[], Answer],
    *,
    at: datetime,
    fingerprint: str = "",
    may_wait: bool = False,
) -> Answer:
    """The answer that `work` gave, now or when the same key came before.

    Key, answer and work are committed together, so a refusal and a killed process leave nothing behind.
    Raises `StillRunning` where another process is at it, or with `may_wait` waits for it, and
    `UsedOtherwise` where the key stands for something else.
    """
    if not _locked(f"{user.pk} {key}", may_wait=may_wait):
        raise StillRunning
    kept = IdempotencyKey.objects.filter(user=user, key=key).first()
    if kept is not None:
        if kept.fingerprint != fingerprint:
            raise UsedOtherwise
        return Answer(status=kept.status, headers=kept.headers, body=kept.body, is_replayed=True)
    answer = work()
    IdempotencyKey.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        started_at=at,
        status=answer.status,
        headers=dict(answer.headers),
        body=answer.body,
    )
    return answer


def _locked(name: str, *, may_wait: bool) -> bool:
    """Until the transaction ends, however it does. On SQLite a transaction holds the whole database."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute(WAIT if may_wait else TRY, [name])
        return bool(cursor.fetchone()[0])
