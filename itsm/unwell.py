"""What is asked for that cannot be, and a database that is away or asked too much: pages that say so.

The doors of programs have their own words for it (incidents/api/problems.py).
"""

import sys
from collections.abc import Callable

import structlog
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import (
    FieldDoesNotExist,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views import defaults

from incidents import diskspace
from incidents.api.problems import bounds_of_forms
from incidents.errors import took_too_long

log = structlog.get_logger(__name__)
WAIT_SECONDS = 10
PROGRAMS = ("/api/", "/v2/")
READING = ("GET", "HEAD")
BEYOND = (OverflowError, DataError, IncorrectLookupParameters, FieldDoesNotExist)
NO_NUMBER = "expected a number but got"
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


class Unwell:
    """Nothing was changed: what a request writes, it writes in one transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """No name and no word holds a NUL, and PostgreSQL breaks on one."""
        address = request.path_info + request.META.get("QUERY_STRING", "")
        if ("\0" in address or "%00" in address) and not request.path_info.startswith(PROGRAMS):
            return bad_request(request, SuspiciousOperation())
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A page that only reads, and comes to numbers, times or names that cannot be, was asked for them."""
        if diskspace.is_full(exception):
            return None  # incidents/uploads.py has a page for that
        if isinstance(exception, OperationalError | InterfaceError):
            return unwell(request, exception)
        if request.method in READING and cannot_be(exception):
            log.info("asked_for_what_cannot_be", path=request.path, error=str(exception)[:300])
            return bad_request(request, exception)
        return None


def cannot_be(exception: Exception) -> bool:
    """What Django and the databases say of an address: no other error of ours looks like it."""
    return isinstance(exception, BEYOND) or (
        isinstance(exception, ValueError) and NO_NUMBER in str(exception)
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_too_much = isinstance(exception, TOO_MUCH)
    told = {"is_too_much": is_too_much, "bounds": bounds_of_forms()}
    page = render_to_string("400.html", told, request)
    return HttpResponse(page, status=413 if is_too_much else 400)


def server_error(request: HttpRequest) -> HttpResponse:
    """What breaks before a page is reached: who is logged in is asked of the database as well."""
    error = sys.exc_info()[1]
    if isinstance(error, OperationalError | InterfaceError):
        return unwell(request, error)
    return defaults.server_error(request)


def unwell(request: HttpRequest, error: Exception) -> HttpResponse:
    is_slow = took_too_long(error)
    what = "statement_too_slow" if is_slow else "database_away"
    log.warning(what, path=request.path, error=str(error)[:300])
    # Without the request: to say who is logged in, the database would be asked again.
    page = render_to_string("503.html", {"is_slow": is_slow})
    return HttpResponse(page, status=503, headers={"Retry-After": str(WAIT_SECONDS)})
