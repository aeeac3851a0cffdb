"""Idempotency-Key: a request that is sent twice is done once, and answered twice with the same words."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from incidents.idempotency import Answer, StillRunning, UsedOtherwise, once
from itsm import timekeeping

if TYPE_CHECKING:
    from django.contrib.auth.models import User

MAX_KEY = 255
KEPT_HEADERS = ("ETag", "Location")

Handler = Callable[..., Response]


class KeyInUse(APIException):
    status_code = 409
    default_code = "key-in-use"
    default_detail = _(
        "The first request with this Idempotency-Key is still running. Send it again in a moment."
    )
    wait = 1


class KeyReused(APIException):
    status_code = 422
    default_code = "key-reused"
    default_detail = _(
        "This Idempotency-Key came before with another request. Use a new key for a new request."
    )


def idempotent(handler: Handler) -> Handler:
    """Make a POST handler of a view honour the header. Without the header it runs as it is."""

    @wraps(handler)
    def handle(view: Any, request: Request, *args: Any, **kwargs: object) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            raise ValidationError({"Idempotency-Key": _("Give 1 to 255 printable characters.")})
        user = cast("User", request.user)  # HasScope has let nobody else in
        at, sent = timekeeping.now(), fingerprint(request)
        try:
            answer = once(
                user, key, lambda: kept(handler(view, request, *args, **kwargs)), at=at, fingerprint=sent
            )
        except StillRunning as running:
            raise KeyInUse from running
        except UsedOtherwise as used:
            raise KeyReused from used
        if answer.is_replayed and answer.body and "number" in kwargs:
            view.bare_incident()  # whoever lost sight of it meanwhile is not told again
        return answered(answer)

    return handle


def kept(response: Response) -> Answer:
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    body = "" if response.data is None else json.dumps(response.data, cls=JSONEncoder)
    return Answer(status=response.status_code, headers=headers, body=body)


def answered(answer: Answer) -> Response:
    headers = dict(answer.headers)
    if answer.is_replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(json.loads(answer.body) if answer.body else None, status=answer.status, headers=headers)


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
