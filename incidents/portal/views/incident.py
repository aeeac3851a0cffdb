from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from incidents import policies, workflow
from incidents.enums import FINAL_STATES, Metric, State, Verb
from incidents.errors import Refused
from incidents.models import Incident
from incidents.portal import reading
from incidents.portal.forms import ReasonForm, ReplyForm, SentOnce
from incidents.portal.once import once
from incidents.portal.views.person import actor, person


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """One incident as its requester reads it; a POST is their reply."""
    found = reading.visible_or_404(person(request), number)
    if request.method != "POST":
        if number != found.number:
            return redirect("portal:incident", number=found.number)
        return page(request, found)
    form = ReplyForm(request.POST, request.FILES)
    if form.is_valid() and _reply(request, found, form):
        messages.success(request, _("Your answer is sent."))
        return redirect("portal:incident", number=found.number)
    return page(request, found, reply=form)


def _reply(request: HttpRequest, found: Incident, form: ReplyForm) -> bool:
    at = timezone.now()
    given = form.cleaned_data

    try:
        with workflow.stored(given["attachments"]) as files:

            def work() -> Incident:
                workflow.comment(found, actor=actor(request), at=at, text=given["text"], attachments=files)
                return found

            once(person(request), str(given["token"]), work, at=at)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True


def page(
    request: HttpRequest,
    found: Incident,
    *,
    reply: SentOnce | None = None,
    reopen: SentOnce | None = None,
    cancel: SentOnce | None = None,
) -> HttpResponse:
    """The page, with the forms that came back. Buttons are what table and policy allow."""
    user = person(request)
    allowed = workflow.allowed_verbs(found, actor(request))
    mine = policies.is_own(user, found)
    context = {
        **shown(found),
        "mine": mine,
        "may_reply": Verb.COMMENT in allowed,
        "may_confirm": mine and Verb.CLOSE in allowed,
        "may_reopen": mine and Verb.REOPEN in allowed,
        "may_cancel": mine and Verb.CANCEL in allowed,
        "may_repeat": mine and found.state in FINAL_STATES,
        "reply": reply or ReplyForm(),
        "reopen": reopen or ReasonForm(auto_id="reopen_%s"),
        "cancel": cancel or ReasonForm(auto_id="cancel_%s"),
        "target": _target(found, request),
        "works_here": policies.is_agent(user),
    }
    return render(request, "incidents/portal/incident.html", context)


def shown(found: Incident) -> dict[str, Any]:
    """What both the page and the private link show."""
    clocks = {clock.metric: clock for clock in found.clocks.select_related("calendar")}
    metric = Metric.ACKNOWLEDGE if found.state == State.NEW else Metric.RESOLVE
    return {
        "now": timezone.now(),
        "incident": found,
        "steps": reading.steps(found),
        "clock": clocks.get(metric),
        "conversation": reading.conversation(found),
    }


def _target(found: Incident, request: HttpRequest) -> Incident | None:
    """Where a duplicate was joined, if the reader sees it."""
    if found.duplicate_of_id is None:
        return None
    return Incident.objects.visible_to(person(request)).filter(pk=found.duplicate_of_id).first()
