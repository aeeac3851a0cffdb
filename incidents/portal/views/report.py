from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents import limits, policies, workflow
from incidents.enums import Channel
from incidents.errors import Refused
from incidents.models import Location
from incidents.portal.forms import ReportForm, closed_one
from incidents.portal.once import once
from incidents.portal.views.person import actor, person
from incidents.unsent.holding import given_back
from itsm import timekeeping


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def report(request: HttpRequest) -> HttpResponse:
    """A few questions, then one incident, however often the button is pressed.

    The home page sends the first words along by POST: what is wrong somewhere stands in no address.
    """
    user = person(request)
    if request.method == "POST" and "begin" not in request.POST:
        form = ReportForm(request.POST, request.FILES, user=user)
        number = _open(request, form) if form.is_valid() else None
        if number:
            form.sent()
            messages.success(
                request,
                _("Thank you. Your report is number %(number)s.") % {"number": number},
            )
            return redirect("portal:incident", number=number)
        form.come_back(at=timekeeping.now())
    else:
        form = ReportForm(user=user, initial=_known(request, user) | given_back(request, ReportForm))
    context = {"form": form, "refusal": policies.why_only_read(user)}
    return render(request, "incidents/portal/report.html", context, status=form.status)


def _open(request: HttpRequest, form: ReportForm) -> str | None:
    """The number of the new incident, or nothing and the reason on the form."""
    at = timekeeping.now()
    given = form.cleaned_data

    facts = workflow.Report(
        title=given["title"],
        description=given["description"],
        requester=form.user,
        channel=Channel.PORTAL,
        impact=given["impact"],
        urgency=given["urgency"],
        service=given["service"],
        location=given["location"],
        follows_up=given["again"],
    )
    try:
        with workflow.stored(given["attachments"]) as files:
            return once(
                form.user,
                str(given["token"]),
                lambda: workflow.open_incident(facts, actor=actor(request), at=at, attachments=files),
                at=at,
            )
    except Refused as refused:
        form.refuse(refused)
        return None


def _known(request: HttpRequest, user: User) -> dict[str, object]:
    """What need not be asked: the person's office, the words from the home page, the case that comes back."""
    known: dict[str, object] = {
        "title": request.POST.get("title", "")[: limits.LINE],
        "location": _office(user),
    }
    before = closed_one(user, request.GET.get("again", ""))
    if before is not None:
        known |= {"again": before.number, "title": before.title, "service": before.service_id}
    return known


def _office(user: User) -> Location | None:
    try:
        return user.profile.location
    except ObjectDoesNotExist:
        return None
