from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from incidents import policies
from incidents.enums import FINAL_STATES, LIVE_STATES
from incidents.models import Incident, Watcher
from incidents.portal import reading
from incidents.portal.views.person import person
from itsm import timekeeping

PAGE_SIZE = 20


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My incidents: open and to be confirmed, closed, shared with me."""
    user = person(request)
    show = request.GET.get("show", "open")
    if show not in {"open", "closed", "shared"}:
        show = "open"
    counts = Incident.objects.visible_to(user).aggregate(
        open=Count("pk", filter=policies.own(user) & Q(state__in=LIVE_STATES)),
        closed=Count("pk", filter=policies.own(user) & Q(state__in=FINAL_STATES)),
        shared=Count(
            "pk", filter=Q(pk__in=Watcher.objects.current(user).values("incident")) & ~Q(requester=user)
        ),
    )
    page = Paginator(reading.my_incidents(user, show), PAGE_SIZE)
    page.count = counts[show]  # counted already
    tabs = [("open", _("Open")), ("closed", _("Closed")), ("shared", _("Shared with me"))]
    context = {
        "now": timekeeping.now(),
        "show": show,
        "tabs": [(name, label, counts[name]) for name, label in tabs],
        "page": page.get_page(request.GET.get("page")),
    }
    return render(request, "incidents/portal/home.html", context)
