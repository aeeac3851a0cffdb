"""Health pages. Strangers are told "ok" or "not ok" and no more."""

import hmac
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidents import diskspace, lockout
from itsm import checking, ticks, timekeeping
from notifications.health import pipeline_health
from reports.models import Report

LATELY = timedelta(days=1)


def answer(*, ok: bool) -> HttpResponse:
    if ok:
        return HttpResponse("ok\n", content_type="text/plain")
    return HttpResponse("not ok\n", content_type="text/plain", status=503, headers={"Retry-After": "5"})


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return answer(ok=True)


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers and has every migration."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return answer(ok=False)
    return answer(ok=not pending)


def not_found() -> HttpResponse:
    return HttpResponse("not found\n", content_type="text/plain", status=404)


@never_cache
@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """Whether news gets out, in words; for a monitoring system that holds the token."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.HEALTH_TOKEN:
        return not_found()
    at = timekeeping.now()
    address = request.META.get("REMOTE_ADDR", "")
    try:
        if not hmac.compare_digest(given.encode(), settings.HEALTH_TOKEN.encode()):
            if given:
                lockout.wrong(given, address, at=at)
            return not_found()
        if lockout.locked_until(address, at=at):
            return not_found()  # as for a wrong one: the token may be a word that can be guessed
        health = pipeline_health(at)
        health.faults.extend(ticks.faults(at))
        failed = Report.objects.given_up().filter(requested_at__gt=at - LATELY).count()
        health.faults.extend(checking.faults(at))
    except DatabaseError:
        return answer(ok=False)
    if not diskspace.has_room_for(0, settings.DATA_DIR, settings.MEDIA_ROOT):
        health.faults.append("the disk is full: files are refused, and the database may be next")
    if failed:
        health.faults.append(f"{failed} reports of the last day could not be made")
    status = 200 if health.ok else 503
    return JsonResponse({"ok": health.ok, **asdict(health)}, status=status)


PAGES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/health/pipeline": pipeline,
}


class HealthPages:
    """Answers whatever host is asked for: load balancers call by address. No page says or follows a host."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        page = PAGES.get(request.path_info)
        return page(request) if page else self.get_response(request)
