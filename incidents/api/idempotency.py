"""Idempotency-Key: a request that is sent twice is done once, and answered twice with the same words."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from math import ceil
from typing import Any, cast

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from incidents.models.idempotency import IdempotencyKey
from itsm import timekeeping

#: Between taking a key and beginning the work nobody holds its row. Longer than that: its process died.
BEGINS_WITHIN = timedelta(seconds=5)
MAX_KEY = 255
KEPT_HEADERS = ("ETag", "Location")

Handler = Callable[..., Response]


class KeyInUse(APIException):
    status_code = 409
    default_code = "key-in-use"
    default_detail = _(
        "The first request with this Idempotency-Key is still running. Send it again in a moment."
    )

    def __init__(self, wait: int = 1) -> None:
        super().__init__()
        self.wait = wait


class KeyReused(APIException):
    status_code = 422
    default_code = "key-reused"
    default_detail = _(
        "This Idempotency-Key came before with another request. Use a new key for a new request."
    )


def idempotent(handler: Handler) -> Handler:
    """Make a POST handler of a view honour the header. Without the header it runs as it is."""

    @wraps(handler)
    def handle(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            raise ValidationError({"Idempotency-Key": _("Give 1 to 255 printable characters.")})
        kept = claim(request, key, at=timekeeping.now())
        if kept.status is not None:
            if kept.body and "number" in kwargs:
                view.bare_incident()  # whoever lost sight of it meanwhile is not told again
            return answered(kept)
        return run_once(kept, lambda: handler(view, request, *args, **kwargs))

    return handle


def claim(request: Request, key: str, *, at: datetime) -> IdempotencyKey:
    """The row of this key: a new one to work under, or the one that has the answer. Commits at once."""
    fresh = IdempotencyKey(
        user=signed_in(request),
        key=key,
        fingerprint=fingerprint(request),
        started_at=at,
    )
    try:
        with transaction.atomic():
            fresh.save(force_insert=True)
    except IntegrityError:
        return look_up(fresh, at)
    return fresh


def signed_in(request: Request) -> User:
    return cast("User", request.user)  # HasScope has let nobody else in


def look_up(fresh: IdempotencyKey, at: datetime) -> IdempotencyKey:
    kept = IdempotencyKey.objects.filter(user_id=fresh.user_id, key=fresh.key).first()
    if kept is None:  # the first one was refused and let go a moment ago
        raise KeyInUse
    if kept.status is None:
        return take_over(kept, fresh, at)
    if kept.fingerprint != fresh.fingerprint:
        raise KeyReused
    return kept


@transaction.atomic
def take_over(kept: IdempotencyKey, fresh: IdempotencyKey, at: datetime) -> IdempotencyKey:
    """The row of a request that died with its process, and whose work was rolled back.

    One that lives holds its row while it works, or on SQLite the whole database, and that lock dies with it.
    """
    rows = IdempotencyKey.objects.select_for_update(skip_locked=True, no_key=True)
    free = rows.filter(pk=kept.pk, status=None).first()
    left = BEGINS_WITHIN - abs(at - free.started_at) if free else timedelta(0)
    if free is None or left > timedelta(0):
        raise KeyReused if kept.fingerprint != fresh.fingerprint else KeyInUse(wait=seconds(left))
    free.fingerprint, free.started_at = fresh.fingerprint, at
    free.save(update_fields=["fingerprint", "started_at"])
    return free


def seconds(left: timedelta) -> int:
    return max(1, ceil(left.total_seconds()))


def run_once(kept: IdempotencyKey, work: Callable[[], Response]) -> Response:
    """Work and answer are committed together. A refusal lets the key go: nothing was done under it."""
    mine = IdempotencyKey.objects.filter(pk=kept.pk, status=None, started_at=kept.started_at)
    try:
        with transaction.atomic():
            hold(mine, kept)
            response = work()
            keep(kept, response)
    except BaseException:
        mine.delete()
        raise
    return response


def hold(mine: QuerySet[IdempotencyKey], kept: IdempotencyKey) -> None:
    """Lock the row until the transaction ends, however it does."""
    if not mine.update(started_at=kept.started_at):
        raise KeyInUse


def keep(kept: IdempotencyKey, response: Response) -> None:
    kept.status = response.status_code
    kept.headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    kept.body = "" if response.data is None else json.dumps(response.data, cls=JSONEncoder)
    kept.save(update_fields=["status", "headers", "body"])


def answered(kept: IdempotencyKey) -> Response:
    headers = {**kept.headers, "Idempotent-Replayed": "true"}
    return Response(json.loads(kept.body) if kept.body else None, status=kept.status, headers=headers)


def fingerprint(request: Request) -> str:
    """SHA-256 of method, address and what was sent, files included."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(request.headers.get("If-Match", "").encode())
    data = request.data
    if not hasattr(data, "lists"):
        digest.update(json.dumps(data, sort_keys=True).encode())
        return digest.hexdigest()
    for name, values in sorted(data.lists()):
        digest.update(f"\n{name}:".encode())
        for value in values:
            _digest_part(digest, value)
    return digest.hexdigest()


def _digest_part(digest: Any, value: Any) -> None:
    if not isinstance(value, UploadedFile):
        digest.update(str(value).encode())
        return
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
