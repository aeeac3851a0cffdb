"""Errors as RFC 9457 problems. Each `type` is stable and answers what it means at its own address."""

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http.request import RawPostDataException
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler
from drf_standardized_errors.types import ErrorResponse
from rest_framework import exceptions
from rest_framework.response import Response

from incidents import diskspace, limits
from incidents.errors import (
    ConfirmationNeeded,
    IllegalTransition,
    Invalid,
    NoRoom,
    NotAllowed,
    OverQuota,
    Refused,
    StaleIncident,
    TooMany,
    took_too_long,
)

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/v1/problems/"


@dataclass(frozen=True, slots=True)
class ProblemType:
    slug: str
    status: int
    title: str
    meaning: str


#: Titles and meanings are for developers: in English, always the same words.
TYPES = {
    kind.slug: kind
    for kind in (
        ProblemType(
            "invalid", 400, "Some of what was sent is not valid", "`errors` names each field or parameter."
        ),
        ProblemType(
            "malformed", 400, "The body cannot be read", "It is not the JSON or form data it claims to be."
        ),
        ProblemType("unauthenticated", 401, "No valid token", "Send `Authorization: Bearer <token>`."),
        ProblemType("not-allowed", 403, "Not allowed", "You may see this, and not do that to it."),
        ProblemType("insufficient-scope", 403, "The token lacks a scope", "Ask for a token with that scope."),
        ProblemType("not-found", 404, "Not found", "There is no such thing, or it is not yours to see."),
        ProblemType("method-not-allowed", 405, "Method not allowed", "The header Allow lists what is."),
        ProblemType("not-acceptable", 406, "Not acceptable", "This address answers JSON."),
        ProblemType(
            "illegal-transition", 409, "The state does not allow this", "Read the incident: `verbs` does."
        ),
        ProblemType(
            "confirmation-needed",
            409,
            "This wants an explicit yes",
            "`detail` says what would happen. Send it again with `confirm: true` if that is wanted.",
        ),
        ProblemType("refused", 409, "Refused by a rule", "`detail` says which and what to do."),
        ProblemType("key-in-use", 409, "The first request still runs", "Wait a moment and send it again."),
        ProblemType(
            "stale-incident", 412, "The incident has changed", "Read it again and decide on what it says now."
        ),
        ProblemType("body-too-large", 413, "The body is too large", "Send less at a time."),
        ProblemType(
            "over-quota", 413, "No more files here", "`detail` says how many are taken, and since when."
        ),
        ProblemType(
            "unsupported-media-type", 415, "Unsupported media type", "Send `Content-Type: application/json`."
        ),
        ProblemType(
            "key-reused", 422, "Idempotency-Key reused", "The same key came before with another body."
        ),
        ProblemType("if-match-required", 428, "If-Match required", "Send the ETag you read, or `*`."),
        ProblemType("too-many-requests", 429, "Too many requests", "Wait the seconds of Retry-After."),
        ProblemType(
            "server-error", 500, "Something broke here", "It is logged under the id in X-Request-ID."
        ),
        ProblemType("no-room", 507, "The disk is full", "Nothing was changed. Try again later."),
        ProblemType("unavailable", 503, "Not available right now", "Nothing was changed. Try again later."),
    )
}
#: The codes of DRF's own exceptions, in our words.
CODES = {
    "parse_error": "malformed",
    "authentication_failed": "unauthenticated",
    "not_authenticated": "unauthenticated",
    "permission_denied": "not-allowed",
    "not_found": "not-found",
    "method_not_allowed": "method-not-allowed",
    "not_acceptable": "not-acceptable",
    "unsupported_media_type": "unsupported-media-type",
    "throttled": "too-many-requests",
    "error": "server-error",
}


def bounds_of_forms() -> str:
    return gettext(
        "A form holds at most %(fields)d fields, %(files)d files and %(bytes)d bytes beside its files. "
        "Send less at a time."
    ) % {
        "fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    }


class Refusal(exceptions.APIException):
    """A rule of the core said no; `code` is the slug of the problem."""

    def __init__(self, code: str, detail: str, *, wait: int | None = None) -> None:
        self.status_code = TYPES[code].status
        if wait is not None:
            self.wait = wait
        super().__init__(detail, code)


class Unavailable(exceptions.APIException):
    status_code = 503
    default_code = "unavailable"
    default_detail = _("The desk cannot reach its database. Nothing was changed; try again in a moment.")
    wait = 10


class TooSlow(Unavailable):
    default_detail = _(
        "This took the database too long and was stopped. Nothing was changed; ask for less: fewer words, a "
        "narrower filter, a shorter time."
    )


class ProblemHandler(ExceptionHandler):
    """Refusals of the core and a database that is away become answers; anything else stays a 500."""

    def convert_known_exceptions(self, exc: Exception) -> Exception:
        match exc:
            case NoRoom() | OverQuota():
                exc = Refusal(exc.code, exc.message)
            case TooMany():
                exc = Refusal(exc.code, exc.message, wait=exc.wait)
            case _ if diskspace.is_full(exc):
                exc = Refusal(NoRoom.code, NoRoom().message)
            case Invalid():
                exc = exceptions.ValidationError({field: [text] for field, text in exc.fields.items()})
            case StaleIncident() | IllegalTransition() | NotAllowed() | ConfirmationNeeded():
                exc = Refusal(exc.code, exc.message)
            case Refused():
                exc = Refusal("refused", exc.message)
            case OperationalError() | InterfaceError():
                exc = TooSlow() if took_too_long(exc) else Unavailable()
            case RequestDataTooBig() | TooManyFieldsSent() | TooManyFilesSent():
                exc = Refusal("body-too-large", bounds_of_forms())
            case RawPostDataException():
                exc = exceptions.ParseError(str(exc))
        return super().convert_known_exceptions(exc)

    def get_response(self, exc: exceptions.APIException, data: dict[str, object]) -> Response:
        response = Response(data, status=exc.status_code, headers=self.get_headers(exc))
        renderer = getattr(self.context["request"], "accepted_renderer", None)
        if renderer is None or renderer.format == "json":
            response.content_type = MEDIA_TYPE
        return response


class ProblemFormatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> dict[str, object]:
        slug = self.slug(error_response)
        kind = TYPES[slug]
        problem = {"type": f"{PREFIX}{slug}/", "title": kind.title, "status": self.exc.status_code}
        if slug != "invalid":
            return {**problem, "detail": error_response.errors[0].detail[: limits.SENTENCES]}
        found = error_response.errors
        errors = [self.field_error(asdict(error)) for error in found[: limits.NAMED]]
        if len(found) > limits.NAMED:
            more = gettext("%(count)d more are not valid.") % {"count": len(found) - limits.NAMED}
            errors.append(self.field_error({"attr": "", "code": "more", "detail": more}))
        return {
            **problem,
            "detail": " ".join(dict.fromkeys(error["detail"] for error in errors)),
            "errors": errors,
        }

    def slug(self, error_response: ErrorResponse) -> str:
        if isinstance(self.exc, exceptions.ValidationError):
            return "invalid"
        code = error_response.errors[0].code
        slug = CODES.get(code, code)
        return slug if slug in TYPES else ("not-allowed" if self.exc.status_code == 403 else "server-error")

    def field_error(self, error: dict[str, Any]) -> dict[str, Any]:
        place = str(error["attr"] or "")[: limits.LINE]
        if place == "non_field_errors":
            place = ""
        request = self.context["request"]
        if request is not None and request.method in {"GET", "HEAD"}:
            where = {"parameter": place}
        else:
            where = {"pointer": "#/" + place if place else "#"}
        # A refusal of Django's may have no code. One that quotes what was sent does not send all of it back.
        return {**where, "code": error["code"] or "invalid", "detail": error["detail"][: limits.SENTENCES]}
