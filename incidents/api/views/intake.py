"""Where monitoring sends its alerts. The key in the address names the source, and so the words it uses."""

from collections.abc import Mapping
from typing import IO, Any

from django.db import DatabaseError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import APIException, NotFound, ParseError, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import limits
from incidents.api.authentication import refuse_wrong
from incidents.api.parsers import MAX_BODY, BodyTooLarge, read_bounded
from incidents.api.problems import Unavailable
from incidents.api.serializers.intake import DecisionsSerializer
from incidents.api.throttling import SourceThrottle
from incidents.ingest.bodies import read_body
from incidents.ingest.receiving import MAX_ALERTS, TooManyAlerts, receive, source_of
from incidents.models import IngestEvent, Source
from incidents.models.monitoring import EventStatus
from incidents.parsers.alert import BadPayload
from itsm import timekeeping

LIMITS = (
    f"At most {MAX_BODY} bytes, {MAX_ALERTS} alerts and {limits.ALERT_PARTS} keys and list items at a time: "
    "more is answered with 413 and nothing is kept. Alertmanager's `max_alerts` makes its bodies smaller."
)
#: Deeper ones are cut where they are stored.
ANY_DEPTH = 2_000


class TooMuch(BodyTooLarge):
    def __init__(self) -> None:
        APIException.__init__(self, LIMITS)


class ForgivingParser(BaseParser):
    """Whatever name it comes under: some tools call JSON text/plain, others put it into a form."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, object] | None = None,
    ) -> Any:
        try:
            body = read_body(read_bounded(stream, MAX_BODY), media_type or "")
        except BodyTooLarge:
            raise TooMuch from None
        except BadPayload as refusal:
            raise ParseError(str(refusal)) from refusal
        if limits.is_too_much(body, parts=limits.ALERT_PARTS, depth=ANY_DEPTH):
            raise TooMuch
        return body


class OnlyJSON(BaseContentNegotiation):
    """Tools accept what they get."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> object:
        return renderers[0], renderers[0].media_type


class Kept(Unavailable):
    """Trouble of ours after the body was kept."""

    default_detail = gettext_lazy(
        "The desk had trouble with this. The body is kept and will be tried again; sending it again is safe."
    )


def known_source(key: str, request: Request) -> Source:
    """A right key is taken from a locked address too: it is too long to guess, and alerts are not lost."""
    source = source_of(key)
    if source is None:
        refuse_wrong(key, str(request.META.get("REMOTE_ADDR", "")), at=timekeeping.now())
        raise NotFound(_("No active source has this key. Look at the address in the alert source."))
    return source


def of_another_kind(source: Source, wanted: str) -> str:
    return (
        f"This key is of a source of the kind “{source.get_kind_display()}”. "
        f"Send to its own address, or choose the kind {wanted} for the source."
    )


def take_in(source: Source, body: object, headers: Mapping[str, str]) -> IngestEvent:
    """The body, kept and decided. What is wrong with it is a 4xx, what is wrong with us a 503."""
    try:
        event = receive(body, source=source, headers=headers, at=timekeeping.now())
    except TooManyAlerts:
        raise TooMuch from None
    except BadPayload as refusal:
        raise ValidationError(str(refusal)) from refusal
    except DatabaseError as trouble:
        raise Unavailable from trouble
    if event.status != EventStatus.DONE and event.tries:
        raise Kept
    return event


class MonitoringView(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [SourceThrottle]
    parser_classes = [ForgivingParser]
    content_negotiation_class = OnlyJSON


class Intake(MonitoringView):
    @extend_schema(
        operation_id="intake",
        summary="Send alerts",
        description="In the words of the source's tool. 400 only when nothing in it can be read: one alert "
        "that is wrong is `refused` by itself, and the others count. 503 when the desk is unwell; sending "
        f"the same again is always safe. {LIMITS}",
        request=OpenApiTypes.OBJECT,
        responses={202: DecisionsSerializer},
        auth=[],
    )
    def post(self, request: Request, key: str) -> Response:
        event = take_in(known_source(key, request), request.data, request.headers)
        return Response({"decisions": event.decisions}, status=202)
