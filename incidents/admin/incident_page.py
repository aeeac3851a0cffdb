"""The page of an incident: what is written there, and what it shows."""

from datetime import datetime

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from incidents import kinship, policies, rights, workflow
from incidents.admin import transitions
from incidents.admin.access import actor_of, agent_or_403, incident_or_404, user_of
from incidents.admin.base import DeskAdmin
from incidents.admin.buttons import buttons
from incidents.admin.composer import TABS, Composer
from incidents.admin.entries import lines_of
from incidents.admin.queue import VIEWS, neighbours
from incidents.admin.side_panels import panels
from incidents.admin.stream import stream
from incidents.enums import State, Verb
from incidents.errors import Refused
from incidents.models import Incident
from incidents.unsent.holding import given_back
from itsm import timekeeping


class IncidentPage(DeskAdmin):
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: object = None,
    ) -> HttpResponse:
        incident = incident_or_404(request, object_id)
        if request.method == "POST":
            return self.write(request, incident)
        known = {"kind": "reply", "kept": request.GET.getlist("kept"), **given_back(request, Composer)}
        composer = Composer(incident=incident, user=user_of(request), initial=known)
        return self.page(request, incident, composer, seen=transitions.seen_before(request, incident))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: object = None
    ) -> HttpResponse:
        """The timeline is the history."""
        return HttpResponseRedirect(transitions.address(incident_or_404(request, object_id)))

    def write(self, request: HttpRequest, incident: Incident) -> HttpResponse:
        """What the composer sends. A reply is held back when there is news; notes and findings add to it."""
        agent_or_403(request)
        composer = Composer(request.POST, request.FILES, incident=incident, user=user_of(request))
        seen = transitions.seen_version(request)
        if composer.is_valid():
            try:
                if composer.chosen == "reply":
                    workflow.expect_seen(incident, seen)
                composer.say(actor=actor_of(request), at=timekeeping.now())
            except Refused as refusal:
                transitions.refuse(composer, refusal)
            else:
                composer.sent()
                return HttpResponseRedirect(transitions.address(incident))
        composer.come_back(at=timekeeping.now())
        fresh = incident_or_404(request, str(incident.pk))
        return self.page(request, fresh, composer, seen=seen)

    def page(
        self, request: HttpRequest, incident: Incident, composer: Composer, *, seen: int
    ) -> HttpResponse:
        at, user, actor = timekeeping.now(), user_of(request), actor_of(request)
        front, rest = buttons(incident, actor)
        allowed = workflow.allowed_verbs(incident, actor) if policies.is_agent(user) else []
        may = {verb.value for verb in allowed}
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": f"{incident.number} {incident.title}",
            "subtitle": None,
            "opts": self.opts,
            "incident": incident,
            "composer": composer,
            "draft_name": f"incident-{incident.pk}",
            "kinds": [kind for kind, verb in TABS.items() if verb.value in may],
            "may": may,
            "front": front,
            "rest": rest,
            "stream": stream(incident, request),
            "kept_from_reader": kinship.hidden_from(user, kinship.kin_of(incident)),
            "panel": panels(incident, user, at=at),
            "stepper": stepper(incident, request, user, at=at),
            "news": lines_of(incident, workflow.news_since(incident, seen), user),
            "unreviewed": unreviewed(incident, actor),
            "may_review": user.has_perm(rights.LEAD_MAJOR),
            "now": at,
        }
        template = "admin/incidents/incident/change_form.html"
        return TemplateResponse(request, template, context, status=composer.status)


def unreviewed(incident: Incident, actor: policies.Actor) -> str:
    """Why one that was stood down cannot be closed yet; a major incident has a bar of its own."""
    if incident.is_major or incident.state != State.RESOLVED:
        return ""
    if not policies.may(actor, Verb.CLOSE, incident):
        return ""
    return workflow.close_refusal(incident, actor)


def stepper(
    incident: Incident, request: HttpRequest, user: User, *, at: datetime
) -> dict[str, object] | None:
    """The place in the tab one came from, with the neighbours for the keys j and k."""
    view = request.GET.get("view", "")
    if not view and incident.assignee_id == user.pk and incident.is_open:
        view = "mine"
    found = neighbours(user, view, incident.pk, at=at) if view else None
    if found is None:
        return None
    place, length, before, after = found
    return {
        "view": view,
        "label": VIEWS[view].label,
        "place": place,
        "length": length,
        "before": before,
        "after": after,
    }
