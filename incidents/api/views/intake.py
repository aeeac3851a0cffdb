"""Where monitoring sends its alerts. The key in the address names the source, and so the words it uses."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents.api.parsers import StrictJSONParser
from incidents.api.serializers.intake import DecisionsSerializer
from incidents.api.throttling import SourceThrottle
from incidents.ingest.parsers import opsgenie
from incidents.ingest.parsers.alert import BadPayload
from incidents.ingest.receiving import receive, source_of


class AnyJSONParser(StrictJSONParser):
    """JSON under whatever name: some tools call it text/plain."""

    media_type = "*/*"


class OnlyJSON(BaseContentNegotiation):
    """Tools accept what they get."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Intake(APIView):
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [SourceThrottle]
    parser_classes = [AnyJSONParser]
    content_negotiation_class = OnlyJSON

    @extend_schema(
        operation_id="intake",
        summary="Send alerts",
        description="In the words of the source's tool. 400 only for what can never be right; anything else "
        "is worth sending again.",
        request=OpenApiTypes.OBJECT,
        responses={202: DecisionsSerializer},
        auth=[],
    )
    def post(self, request: Request, key: str) -> Response:
        return Response({"decisions": self.decisions(request, key)}, status=202)

    def decisions(
        self, request: Request, key: str, *, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> list[dict[str, str | None]]:
        source = source_of(key)
        if source is None:
            raise NotFound(_("No active source has this key. Look at the address in the alert source."))
        try:
            return receive(
                request.data if body is None else body,
                source=source,
                headers=request.headers if headers is None else headers,
                at=timezone.now(),
            )
        except BadPayload as refusal:
            raise ValidationError(str(refusal)) from refusal


class PagerDutyIntake(Intake):
    """`/v2/enqueue`, for tools that can page PagerDuty: the routing key is the source's key."""

    schema = None

    def post(self, request: Request) -> Response:  # type: ignore[override]
        key = request.data.get("routing_key") if isinstance(request.data, dict) else None
        [decision] = self.decisions(request, key if isinstance(key, str) else "")
        return Response(
            {"status": "success", "message": "Event processed", "dedup_key": decision["key"]}, status=202
        )


class OpsgenieIntake(Intake):
    """`/v2/alerts`, for tools that can alert Opsgenie: the GenieKey is the source's key."""

    schema = None

    def post(self, request: Request, alias: str = "", action: str = "") -> Response:
        key = request.headers.get("Authorization", "").removeprefix("GenieKey ").strip()
        headers = {opsgenie.ALIAS: alias, opsgenie.ACTION: action}
        self.decisions(request, key, body=request.data or {}, headers=headers)
        return Response({"result": "Request will be processed", "took": 0.0, "requestId": ""}, status=202)
