"""The page of each verb: GET shows what will happen, POST does it."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from incidents import workflow
from incidents.admin.access import (
    actor_of,
    agent_or_403,
    incident_or_404,
    user_of,
)
from incidents.admin.entries import lines_of
from incidents.admin.verb_forms.base import VerbForm
from incidents.errors import ConfirmationNeeded, Invalid, Refused
from incidents.models import Incident
from incidents.unsent import staging
from incidents.unsent.holding import given_back
from incidents.workflow import transitions
from itsm import timekeeping

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

#: What the verbs call a field, and what our forms call it.
ALSO_NAMED = {
    "note": "text",
    "content": "text",
    "summary": "text",
    "done_at": "when",
    "kind": "type",
}
#: Carried from the composer into the verb's form.
CARRIED = ("text", "reason", "code", "user", "hypothesis", "verdict", "planned", "service")


def address(incident: Incident) -> str:
    return reverse("admin:incidents_incident_change", args=[incident.pk])


def verb_page(
    model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: str, form_class: type[VerbForm], slug: str
) -> HttpResponse:
    """The state is checked before anything is shown, and by the verb itself when it acts."""
    agent_or_403(request)
    incident = incident_or_404(request, pk)
    actor = actor_of(request)
    acting = request.method == "POST" and "prefill" not in request.POST
    if not acting:
        try:
            transitions.check(incident, form_class.verb, actor)
        except Refused as refusal:
            messages.error(request, refusal.message)
            return HttpResponseRedirect(address(incident))
        known = carried(request) | given_back(request, form_class)
        form = form_class(initial=known, incident=incident, actor=actor)
        return drawn(model_admin, request, form, slug, seen=seen_before(request, incident))
    form = form_class(request.POST, request.FILES, incident=incident, actor=actor)
    seen = seen_version(request)
    if form.is_valid() and acted(request, form, seen):
        return HttpResponseRedirect(address(incident) + left_over(request))
    return drawn(model_admin, request, form, slug, seen=seen)


def carried(request: HttpRequest) -> dict[str, object]:
    sent = request.POST if request.method == "POST" else request.GET
    return {name: sent[name] for name in CARRIED if name in sent}


def left_over(request: HttpRequest) -> str:
    """Files chosen in the composer go along with no verb: they come back to the composer."""
    kept = request.POST.getlist("kept")
    return f"?{urlencode({'kept': kept}, doseq=True)}" if kept else ""


def seen_before(request: HttpRequest, incident: Incident) -> int:
    """What was seen when the words were written that come back now; else the version of this moment."""
    held = getattr(request, "unsent", None)
    return version_of(held.value("version")) if held else incident.version


def seen_version(request: HttpRequest) -> int:
    return version_of(request.POST.get("version", ""))


def version_of(sent: str) -> int:
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


def acted(request: HttpRequest, form: VerbForm, seen: int) -> bool:
    """Whether the verb did it; a refusal becomes an error beside what was typed."""
    try:
        workflow.expect_seen(form.incident, seen)
        entry = form.run(actor=form.actor, at=timekeeping.now())
    except Refused as refusal:
        refuse(form, refusal)
        return False
    if entry is None:
        messages.info(request, _("Nothing was different, so nothing was written."))
    else:
        for remark in workflow.remarks(entry):
            messages.warning(request, remark)
    return True


def refuse(form: Any, refusal: Refused) -> None:
    """The verb's words, at the field they speak of if the form has it."""
    form.status = refusal.page_status
    form.incident.refresh_from_db()  # a verb that failed half-way may have moved the instance
    if isinstance(refusal, ConfirmationNeeded) and isinstance(form, VerbForm):
        form.ask(refusal)
        return
    if not isinstance(refusal, Invalid):
        form.add_error(None, refusal.message)
        return
    for name, message in refusal.fields.items():
        field = name if name in form.fields else ALSO_NAMED.get(name)
        form.add_error(field if field in form.fields else None, message)


def drawn(
    model_admin: "ModelAdmin[Any]", request: HttpRequest, form: VerbForm, slug: str, *, seen: int
) -> HttpResponse:
    incident = form.incident
    news = workflow.news_since(incident, seen)
    request.current_app = model_admin.admin_site.name
    context = {
        **model_admin.admin_site.each_context(request),
        "title": f"{form.verb.label} {incident.number}",
        "subtitle": None,
        "opts": model_admin.opts,
        "incident": incident,
        "form": form,
        "draft_name": f"incident-{incident.pk}-{slug}",
        "media": form.media,
        "news": lines_of(incident, news, user_of(request)),
        "files": staging.arrived(request, user_of(request), at=timekeeping.now()),
        "now": timekeeping.now(),
    }
    return TemplateResponse(request, "admin/incidents/incident/transition.html", context)
