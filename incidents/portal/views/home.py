from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from incidents import bounded
from incidents.portal import reading
from incidents.portal.views.person import person
from itsm import timekeeping

PAGE_SIZE = 20
TABS = (("open", _("Open")), ("closed", _("Closed")), ("shared", _("Shared with me")))


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """My incidents: open and to be confirmed, closed, shared with me."""
    user = person(request)
    show = request.GET.get("show", "open")
    if show not in dict(TABS):
        show = "open"
    counts = bounded.counts({name: reading.tab(user, name) for name, _label in TABS}, most=bounded.MOST)
    page = Paginator(reading.my_incidents(user, show), PAGE_SIZE)
    page.count = min(counts[show], bounded.MOST)  # counted already
    context = {
        "now": timekeeping.now(),
        "most": bounded.MOST,
        "show": show,
        "tabs": [(name, label, counts[name]) for name, label in TABS],
        "page": page.get_page(request.GET.get("page")),
    }
    return render(request, "incidents/portal/home.html", context)
