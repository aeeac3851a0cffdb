"""What every answer under /api/ carries: the request's id, what is left to ask."""

import re
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponseBase

SHOWABLE_ID = re.compile(r"[\w.:-]{1,128}", re.ASCII)


class ApiHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith("/api/"):
            return response
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        if SHOWABLE_ID.fullmatch(request_id):
            response["X-Request-ID"] = request_id
        if allowance := getattr(request, "allowance", None):
            response["RateLimit-Limit"] = str(allowance.limit)
            response["RateLimit-Remaining"] = str(allowance.remaining)
            response["RateLimit-Reset"] = str(allowance.resets_in)
        return response
