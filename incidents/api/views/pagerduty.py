"""`/v2/enqueue`, for tools that can page PagerDuty: asked and answered as there."""

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.views.intake import MonitoringView, known_source, of_another_kind, take_in
from incidents.models import IngestEvent
from incidents.parsers.pagerduty import ACTION, CHANGE
from incidents.parsers.registry import SourceKind

#: What PagerDuty calls an answer, by its status.
WORDS = {
    413: ("invalid event", "Event object is too large"),
    429: ("throttle exceeded", "Requests arrive too quickly and are rejected"),
    503: ("unavailable", "Try again later"),
}


class PagerDutyView(MonitoringView):
    schema = None

    def taken(self, request: Request, action: str = "") -> IngestEvent:
        body = request.data if isinstance(request.data, dict) else {}
        key = body.get("routing_key")
        source = known_source(key if isinstance(key, str) else "", request)
        if source.kind != SourceKind.PAGERDUTY:
            raise ValidationError(of_another_kind(source, "PagerDuty"))
        return take_in(source, body, {ACTION: action})

    def handle_exception(self, exc: Exception) -> Response:
        answer = super().handle_exception(exc)
        if answer.status_code in {404, 400}:
            answer.status_code = 400
        status, message = WORDS.get(answer.status_code, ("invalid event", "Event object is invalid"))
        answer.data = {"status": status, "message": message, "errors": [answer.data["detail"]]}
        answer.content_type = "application/json"
        return answer


class PagerDutyEvents(PagerDutyView):
    def post(self, request: Request) -> Response:
        [decision] = self.taken(request).decisions
        return Response(
            {"status": "success", "message": "Event processed", "dedup_key": decision["key"]}, status=202
        )


class PagerDutyChanges(PagerDutyView):
    """A change is kept among the received events; it is no alarm."""

    def post(self, request: Request) -> Response:
        self.taken(request, CHANGE)
        return Response({"status": "success", "message": "Change event processed"}, status=202)
