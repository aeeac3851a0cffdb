"""What a requester decides: it works, it does not, it is not needed any more."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from incidents import workflow
from incidents.errors import Refused
from incidents.models import Incident
from incidents.portal import reading
from incidents.portal.forms import ReasonForm, SentOnce
from incidents.portal.once import once
from incidents.portal.views.incident import page
from incidents.portal.views.person import actor, person
from incidents.unsent.addresses import only_post
from itsm import timekeeping


@only_post(page="portal:incident")
@login_required
def confirm(request: HttpRequest, number: str) -> HttpResponse:
    found = reading.visible_or_404(person(request), number)
    form = SentOnce(request.POST)
    if _done(request, found, form, lambda at: workflow.close(found, actor=actor(request), at=at)):
        messages.success(request, _("Glad it works. The incident is closed."))
    else:
        for reason in form.non_field_errors():
            messages.error(request, str(reason))
    return redirect("portal:incident", number=found.number)


@only_post(page="portal:incident")
@login_required
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    found = reading.visible_or_404(person(request), number)
    form = ReasonForm(request.POST, auto_id="reopen_%s")
    if _done(
        request,
        found,
        form,
        lambda at: workflow.reopen(found, actor=actor(request), at=at, text=form.cleaned_data["reason"]),
    ):
        messages.success(request, _("We are sorry. The incident is open again and goes on."))
        return redirect("portal:incident", number=found.number)
    return page(request, found, reopen=form)


@only_post(page="portal:incident")
@login_required
def cancel(request: HttpRequest, number: str) -> HttpResponse:
    found = reading.visible_or_404(person(request), number)
    form = ReasonForm(request.POST, auto_id="cancel_%s")
    if _done(
        request,
        found,
        form,
        lambda at: workflow.cancel(found, actor=actor(request), at=at, reason=form.cleaned_data["reason"]),
    ):
        messages.success(request, _("Your report is withdrawn."))
        return redirect("portal:incident", number=found.number)
    return page(request, found, cancel=form)


def _done(request: HttpRequest, found: Incident, form: SentOnce, verb: Callable[..., object]) -> bool:
    """Whether it is done, now or by the same form before; else the form says why not."""
    if not form.is_valid():
        return False
    at = timekeeping.now()

    def work() -> Incident:
        verb(at)
        return found

    try:
        once(person(request), str(form.cleaned_data["token"]), work, at=at)
    except Refused as refused:
        form.refuse(refused)
        return False
    return True
