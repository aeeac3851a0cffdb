"""`/v2/alerts`, for tools that can alert Opsgenie: the GenieKey is the source's key.

As there, an answer says only that the request will be processed, and under which id one can ask.
"""

import uuid

from rest_framework.exceptions import APIException, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.views.intake import MonitoringView, known_source, of_another_kind, take_in
from incidents.models import IngestEvent, Source
from incidents.models.monitoring import EventStatus, IngestOutcome
from incidents.parsers.opsgenie import ACTION, ACTIONS, ALIAS, SAYS
from incidents.parsers.registry import SourceKind

#: What is changed is put, what is done is posted.
PUT = frozenset(SAYS) - {"notes"}
POSTED = frozenset(ACTIONS) - PUT
DONE = {
    "close": "Closed alert",
    "acknowledge": "Acknowledged alert",
    "notes": "Added note",
    "message": "Updated message",
    "description": "Updated description",
    "priority": "Updated priority",
}


class NoSuchKey(APIException):
    status_code = 401
    default_detail = "Could not authenticate"
    default_code = "unauthenticated"


class OtherKind(APIException):
    status_code = 403
    default_code = "not-allowed"


class OpsgenieView(MonitoringView):
    schema = None

    def source(self, request: Request) -> Source:
        try:
            key = request.headers.get("Authorization", "").removeprefix("GenieKey ").strip()
            source = known_source(key, request)
        except NotFound:
            raise NoSuchKey from None
        if source.kind != SourceKind.OPSGENIE:
            raise OtherKind(of_another_kind(source, "Opsgenie"))
        return source

    def handle_exception(self, exc: Exception) -> Response:
        answer = super().handle_exception(exc)
        if answer.status_code == 400:
            answer.status_code = 422
        answer.data = {"message": answer.data["detail"], "took": 0.0, "requestId": str(uuid.uuid4())}
        answer.content_type = "application/json"
        return answer


class OpsgenieAlerts(OpsgenieView):
    def post(self, request: Request, alias: str = "", action: str = "") -> Response:
        return self.taken(request, alias, action, POSTED | {""})

    def put(self, request: Request, alias: str = "", action: str = "") -> Response:
        return self.taken(request, alias, action, PUT)

    def taken(self, request: Request, alias: str, action: str, spoken: frozenset[str]) -> Response:
        source = self.source(request)
        if action not in spoken:
            raise NotFound(f"Understood here: {', '.join(sorted(spoken - {''}))}.")
        event = take_in(source, request.data or {}, {ALIAS: alias, ACTION: action})
        return Response(
            {"result": "Request will be processed", "took": 0.0, "requestId": str(event.uid)}, status=202
        )


class OpsgenieRequests(OpsgenieView):
    """What became of a request. Alerts are known here by their alias alone."""

    def get(self, request: Request, uid: uuid.UUID) -> Response:
        event = IngestEvent.objects.filter(source=self.source(request), uid=uid).first()
        if event is None:
            raise NotFound("Request not found.")
        return Response({"data": told(event), "took": 0.0, "requestId": str(event.uid)})


def told(event: IngestEvent) -> dict[str, object]:
    action = event.headers.get(ACTION) or "create"
    decision = event.decisions[0] if event.decisions else {}
    known = decision.get("outcome") != IngestOutcome.IGNORED or action == "create"
    done = event.status == EventStatus.DONE and known
    return {
        "success": done,
        "isSuccess": done,
        "action": action.capitalize(),
        "processedAt": event.received_at.isoformat(),
        "integrationId": str(event.source_id),
        "status": _status(event, action, known=known),
        "alertId": decision.get("key") or "",
        "alias": decision.get("key") or "",
    }


def _status(event: IngestEvent, action: str, *, known: bool) -> str:
    if event.status != EventStatus.DONE:
        return "Waits to be processed"
    return DONE.get(action, "Created alert") if known else "Alert does not exist"
