"""Bodies: JSON as RFC 8259 means it, of bounded size, without what a database cannot keep."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from incidents import limits
from incidents.errors import NoRoom
from incidents.uploads import NO_ROOM, untaken
from incidents.workflow.attaching import words_of

MAX_BODY = 2 * 1024 * 1024


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body-too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(
            _("The body is larger than %(limit)d bytes. Send less at a time.") % {"limit": limit}
        )


def read_bounded(stream: IO[bytes], limit: int) -> bytes:
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise BodyTooLarge(limit)
    return body


def parse_json(body: bytes) -> object:
    """Strict JSON, or ParseError: no NaN, no key twice, no lone surrogates, no bottomless nesting."""
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(
            text, parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_refuse_twice
        )
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise ParseError(_("The body is not valid JSON: %(why)s") % {"why": _reason(error)}) from error
    if limits.is_too_much(value, parts=limits.PARTS, depth=limits.DEPTH):
        raise ParseError(
            _("The body holds more than %(parts)d keys and list items, or more than %(depth)d levels.")
            % {"parts": limits.PARTS, "depth": limits.DEPTH}
        )
    return value


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _("it is nested too deeply.")
    if isinstance(error, UnicodeError):
        return _("it is not UTF-8.")
    return str(error)[:200]


def _refuse_constant(name: str) -> None:
    raise ValueError(_("%(name)s is no JSON number.") % {"name": name})


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(_("%(number)s is larger than any number.") % {"number": digits[:40]})
    return number


def _refuse_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(_("a key stands twice in one object."))
    return found


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,  # noqa: ARG002 -- DRF's signature
        parser_context: Mapping[str, object] | None = None,  # noqa: ARG002
    ) -> Any:
        return parse_json(read_bounded(stream, MAX_BODY))


class Multipart(MultiPartParser):
    """Files beside fields, read no further than they are taken."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, object] | None = None,
    ) -> Any:
        parsed = super().parse(stream, media_type, parser_context)
        found = untaken((parser_context or {})["request"])
        if any(each.status == NO_ROOM for each in found):
            raise NoRoom
        if found:
            raise FilesTooLarge(" ".join(map(words_of, found)))
        return parsed


class FilesTooLarge(APIException):
    status_code = 413
    default_code = "body-too-large"
