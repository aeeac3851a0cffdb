"""Which services work, for everybody. No words of anybody, no names: only how much is open."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from incidents import policies
from incidents.enums import OPEN_STATES, Priority
from incidents.models import Service
from incidents.unsent.addresses import only_post
from itsm import timekeeping
from notifications import following
from notifications.models import Subscription

#: The page may be asked for by everybody at once, just when the desk is busiest.
CACHE_SECONDS = 20
KEY = "statuspage.services"


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    pk: int
    name: str
    state: str
    majors: int
    others: int
    since: datetime | None


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    kept: tuple[list[ServiceStatus], datetime] | None = cache.get(KEY)
    if kept is None:
        kept = services(), timekeeping.now()
        cache.set(KEY, kept, CACHE_SECONDS)
    rows, checked_at = kept
    worst = next((row.state for state in ("outage", "degraded") for row in rows if row.state == state), "ok")
    context = {"services": rows, "worst": worst, "checked_at": checked_at, **_followed(request)}
    response = render(request, "notifications/statuspage.html", context)
    # Who follows services sees at once what they pressed.
    kept_for = "no-store" if request.user.is_authenticated else "max-age=20"
    response["Cache-Control"] = f"private, {kept_for}"
    return response


def _followed(request: HttpRequest) -> dict[str, object]:
    """What the reader follows; strangers follow nothing."""
    if not isinstance(request.user, User):
        return {}
    mine = Subscription.objects.in_force(timekeeping.now()).filter(user=request.user)
    followed = set(mine.values_list("service", flat=True))
    return {
        "followed": followed,
        "follows_everything": None in followed,
        "may_follow": bool(request.user.email) and not policies.only_reads(request.user),
    }


@only_post(page="notifications:status")
@login_required
def follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Hear of a service's disturbances from now on, or with `stop` no more."""
    service = get_object_or_404(Service.objects.filter(is_public=True, is_active=True), pk=pk)
    if policies.only_reads(cast("User", request.user)):
        raise PermissionDenied(policies.why_only_read(cast("User", request.user)))
    change = following.unfollow if "stop" in request.POST else following.follow
    change(cast("User", request.user), service, at=timekeeping.now())
    return redirect("notifications:status")


def services() -> list[ServiceStatus]:
    """One query. Confidential incidents do not count."""
    seen = Q(incidents__state__in=OPEN_STATES, incidents__is_confidential=False)
    major = seen & Q(incidents__is_major=True)
    down = major & Q(incidents__mitigated_at=None)
    heavy = seen & Q(incidents__priority=Priority.CRITICAL, incidents__mitigated_at=None)
    rows = (
        Service.objects.filter(is_public=True, is_active=True)
        .annotate(
            open=Count("incidents", filter=seen),
            majors=Count("incidents", filter=major),
            down=Count("incidents", filter=down),
            heavy=Count("incidents", filter=heavy),
            since=Min("incidents__opened_at", filter=major),
        )
        .order_by("name", "pk")
    )
    return [
        ServiceStatus(
            row.pk,
            row.name,
            "outage" if row.down else "degraded" if row.majors or row.heavy else "ok",
            row.majors,
            row.open - row.majors,
            row.since,
        )
        for row in rows
    ]
