from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
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
from incidents.unsent.holding import given_back
from itsm import timekeeping


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """One incident as its requester reads it; a POST is their reply.

    The number of a duplicate leads to where it was joined, for who may read there; `?alone` stays.
    """
    found = reading.visible_or_404(person(request), number)
    if request.method != "POST":
        target = None if "alone" in request.GET else _target(found, request)
        if target is not None:
            messages.info(request, reading.joined(found, target))
            return redirect("portal:incident", number=target.number)
        if number != found.number:
            return redirect("portal:incident", number=found.number)
        return page(request, found)
    form = ReplyForm(request.POST, request.FILES, user=person(request))
    landed = _reply(request, found, form) if form.is_valid() else None
    if landed is None:
        form.come_back(at=timekeeping.now())
        return page(request, found, reply=form)
    form.sent()
    return _after_reply(request, found, landed)


def _reply(request: HttpRequest, found: Incident, form: ReplyForm) -> str | None:
    """The number of the incident it landed on, or nothing and the reason on the form."""
    at = timekeeping.now()
    given = form.cleaned_data

    try:
        with workflow.stored(given["attachments"]) as files:

            def work() -> Incident:
                entry = workflow.answer(
                    found, actor=actor(request), at=at, text=given["text"], attachments=files
                )
                return entry.incident

            return once(person(request), str(given["token"]), work, at=at)
    except Refused as refused:
        form.refuse(refused)
        return None


def _after_reply(request: HttpRequest, found: Incident, number: str) -> HttpResponse:
    """To where it landed, if its writer may read there."""
    if number == found.number:
        messages.success(request, _("Your answer is sent."))
        return redirect("portal:incident", number=number)
    landed = Incident.objects.visible_to(person(request)).with_number(number).first()
    if landed is None:
        messages.success(request, _("Your answer is sent to those who work on it."))
        return redirect(f"{reverse('portal:incident', args=[found.number])}?alone")
    facts = {"number": landed.number, "before": found.number}
    if landed.follows_up_id is not None and found.duplicate_of_id is None:
        said = _("%(before)s is over, so your answer is number %(number)s now. Both are kept together.")
    else:
        said = _("%(before)s was joined with %(number)s. Your answer is sent there.")
    messages.success(request, said % facts)
    return redirect("portal:incident", number=landed.number)


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
        **shown(found, request),
        "mine": mine,
        "person": user,
        "may_reply": workflow.may_answer(found, actor(request)),
        "starts_anew": found.state in FINAL_STATES and found.duplicate_of_id is None,
        "may_confirm": mine and not workflow.close_refusal(found, actor(request)),
        "may_reopen": mine and Verb.REOPEN in allowed,
        "may_cancel": mine and Verb.CANCEL in allowed,
        "may_repeat": mine and found.state in FINAL_STATES,
        "reply": reply or ReplyForm(user=user, initial=given_back(request, ReplyForm)),
        "reopen": reopen or _reason(request, found, "reopen"),
        "cancel": cancel or _reason(request, found, "cancel"),
        "target": _target(found, request),
        "joined": _joined(found, user),
        "works_here": policies.is_agent(user),
    }
    status = (
        max(form.status for form in (reply, reopen, cancel) if form) if reply or reopen or cancel else 200
    )
    return render(request, "incidents/portal/incident.html", context, status=status)


def _reason(request: HttpRequest, found: Incident, step: str) -> ReasonForm:
    known = given_back(request, ReasonForm, reverse(f"portal:{step}", args=[found.number]))
    return ReasonForm(auto_id=f"{step}_%s", initial=known)


def shown(found: Incident, request: HttpRequest) -> dict[str, object]:
    """What both the page and the private link show."""
    clocks = {clock.metric: clock for clock in found.clocks.select_related("calendar")}
    metric = Metric.ACKNOWLEDGE if found.state == State.NEW else Metric.RESOLVE
    return {
        "now": timekeeping.now(),
        "incident": found,
        "steps": reading.steps(found),
        "clock": clocks.get(metric),
        "lies_with_nobody": found.state == State.NEW and reading.lies_with_nobody(found),
        "conversation": reading.conversation(found, request.GET.get("page", "")),
    }


def _target(found: Incident, request: HttpRequest) -> Incident | None:
    """Where a duplicate was joined in the end, if the reader sees it."""
    if found.duplicate_of_id is None:
        return None
    landing = workflow.destination(found)
    return Incident.objects.visible_to(person(request)).filter(pk=landing.pk).first()


def _joined(found: Incident, user: User) -> list[Incident]:
    """The reader's reports that were joined with it: what was said there is kept there."""
    return list(Incident.objects.visible_to(user).filter(duplicate_of=found).order_by("pk"))
