"""The queue, the incident page and the pages of their verbs, as the admin knows them."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import kinship, policies, rights, workflow
from incidents.admin import new_incident, queue, row_cells, transitions, workspace
from incidents.admin.access import actor_of, agent_or_403, incident_or_404, user_of
from incidents.admin.base import DeskAdmin
from incidents.admin.bulk import BULK
from incidents.admin.composer import TABS, Composer
from incidents.admin.entries import lines_of
from incidents.admin.verb_forms.pages import FORMS
from incidents.downloads import stream
from incidents.enums import EntryKind, State, Verb
from incidents.errors import Refused
from incidents.models import Attachment, Incident, TimelineEntry, parse_number
from incidents.search import search_incidents
from incidents.unsent.holding import given_back
from itsm import timekeeping

Rows = QuerySet[Incident]


@admin.register(Incident)
class IncidentAdmin(DeskAdmin):
    """Reading is `visible_to`; writing is a page a verb. Nothing here saves a row."""

    list_display = ("priority_cell", "title_cell", "state_cell", "owner_cell", "sla_cell", "updated_cell")
    list_display_links = None
    list_filter = (
        queue.ViewFilter,
        "state",
        "priority",
        queue.TeamFilter,
        queue.ServiceFilter,
        queue.OpenedFilter,
        queue.ChannelFilter,
        "is_confidential",
    )
    search_fields = ("title",)
    paginator = queue.BoundedPaginator
    actions = tuple(BULK)
    actions_on_top = False
    actions_on_bottom = True
    actions_selection_counter = True

    # Who may come in.

    def has_module_permission(self, request: HttpRequest) -> bool:
        return policies.sees_internal(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return policies.sees_internal(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return policies.is_agent(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.is_agent(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # The queue.

    def get_queryset(self, request: HttpRequest) -> Rows:
        rows = queue.with_next_due(Incident.objects.visible_to(request.user).for_list())
        return queue.with_last_entry(rows, user_of(request)).order_by(*self.get_ordering(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[queue.QueueList]:
        return queue.QueueList

    def get_ordering(self, request: HttpRequest) -> Any:
        return queue.VIEWS[queue.view_of(request)].order

    def get_actions(self, request: HttpRequest) -> Any:
        if "_popup" in request.GET or not policies.is_agent(request.user):
            return {}
        return {name: (bulk, name, bulk.label) for name, bulk in BULK.items()}

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """The exact number first, ours or the one it had elsewhere; else words."""
        term = search_term.strip()
        if not term:
            return queryset, False
        exact = Q(source_number=term)
        if (pk := parse_number(term)) is not None:
            exact |= Q(pk=pk)
        if term.isascii() and any(char.isdigit() for char in term):
            seen = Incident.objects.visible_to(request.user)
            ids = list(seen.filter(exact).values_list("pk", flat=True)[:5])
            if ids:
                return queryset.filter(pk__in=ids), False
        return search_incidents(queryset, term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        now = timekeeping.now()
        if not policies.sees_internal(request.user):
            return super().changelist_view(request, extra_context)
        current = queue.view_of(request)
        tallies = queue.counts(user_of(request), at=now) if request.method == "GET" else {}
        tabs = [
            (name, view.label, tallies.get(name), view.tone, name == current)
            for name, view in queue.VIEWS.items()
            if view.is_offered_to(user_of(request)) or name == current
        ]
        context = {
            "title": _("Incidents"),
            "subtitle": None,
            "tabs": tabs,
            "view": current,
            "chosen": queue.VIEWS[current],
            "most": queue.MOST,
            "now": now,
        }
        return super().changelist_view(request, context | (extra_context or {}))

    @admin.display(description=gettext_lazy("Priority"), ordering="priority")
    def priority_cell(self, incident: Any) -> SafeString:
        return row_cells.priority_cell(level=incident.priority)

    @admin.display(description=gettext_lazy("Incident"), ordering="opened_at")
    def title_cell(self, incident: Any) -> SafeString:
        return row_cells.incident_cell(row=incident)

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_cell(self, incident: Any) -> SafeString:
        return row_cells.state_cell(row=incident)

    @admin.display(description=gettext_lazy("Assigned"), ordering="team__name")
    def owner_cell(self, incident: Any) -> SafeString:
        return row_cells.owner_cell(row=incident)

    @admin.display(description=gettext_lazy("SLA"), ordering="next_due")
    def sla_cell(self, incident: Any) -> SafeString:
        return row_cells.clock_cell(row=incident, clock=queue.next_clock(incident.clocks.all()))

    @admin.display(description=gettext_lazy("Updated"), ordering="updated_at")
    def updated_cell(self, incident: Any) -> SafeString:
        kind = EntryKind(incident.last_kind).label if incident.last_kind else ""
        return row_cells.updated_cell(row=incident, what=kind, who=incident.last_by or "")

    def action_checkbox(self, obj: Any) -> SafeString:
        """The box, and which version of the row the person saw."""
        version = '<input type="hidden" name="version-{}" value="{}">'
        return super().action_checkbox(obj) + format_html(version, obj.pk, obj.version)

    # The incident page and its verbs.

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        pages: list[URLPattern] = [
            path(
                f"<int:pk>/{slug}/",
                wrap(partial(transitions.verb_page, self, form_class=form, slug=slug)),
                name=f"incidents_incident_{slug.replace('-', '_')}",
            )
            for slug, form in FORMS.items()
        ]
        return [
            *pages,
            path("<int:pk>/files/<int:file>/", wrap(self.download), name="incidents_incident_file"),
            path("<int:pk>/review/", wrap(self.review), name="incidents_incident_review"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return new_incident.page(self, request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        incident = incident_or_404(request, object_id)
        if request.method == "POST":
            return self.write(request, incident)
        known = {"kind": "reply", "kept": request.GET.getlist("kept"), **given_back(request, Composer)}
        composer = Composer(incident=incident, user=user_of(request), initial=known)
        return self.page(request, incident, composer, seen=transitions.seen_before(request, incident))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
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
        front, rest = workspace.buttons(incident, actor)
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
            "stream": workspace.stream(incident, request),
            "kept_from_reader": kinship.hidden_from(user, kinship.kin_of(incident)),
            "panel": workspace.panels(incident, user, at=at),
            "stepper": workspace.stepper(incident, request, user, at=at),
            "news": lines_of(incident, workflow.news_since(incident, seen), user),
            "unreviewed": unreviewed(incident, actor),
            "may_review": user.has_perm(rights.LEAD_MAJOR),
            "now": at,
        }
        template = "admin/incidents/incident/change_form.html"
        return TemplateResponse(request, template, context, status=composer.status)

    def download(self, request: HttpRequest, pk: int, file: int) -> FileResponse:
        incident = incident_or_404(request, str(pk))
        readable = TimelineEntry.objects.filter(incident=incident).readable_by(user_of(request))
        return stream(get_object_or_404(Attachment, pk=file, entry__in=readable.values("pk")))

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The review as a page to read, print and keep."""
        incident = incident_or_404(request, str(pk))
        review = getattr(incident, "review", None)
        if review is None:
            if not user_of(request).has_perm(rights.LEAD_MAJOR):
                raise Http404
            messages.info(request, _("There is no review yet. Write the first draft here."))
            return HttpResponseRedirect(
                f"{reverse('admin:incidents_review_add')}?incident={quote(incident.pk)}"
            )
        request.current_app = self.admin_site.name
        steps = (
            incident.entries.filter(kind__in=workspace.STEPS).select_related("actor").order_by("seq")[:100]
        )
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review of %(number)s") % {"number": incident.number},
            "subtitle": None,
            "opts": self.opts,
            "incident": incident,
            "review": review,
            "sections": workspace.sections_of(review),
            "facts": workspace.facts_of(incident),
            "steps": lines_of(incident, list(steps), user_of(request)),
            "follow_ups": review.follow_ups.select_related("owner").order_by("due_on", "pk"),
            "may_write": user_of(request).has_perm(rights.LEAD_MAJOR) and review.published_at is None,
            "now": timekeeping.now(),
        }
        return TemplateResponse(request, "admin/incidents/incident/review.html", context)


def unreviewed(incident: Incident, actor: policies.Actor) -> str:
    """Why one that was stood down cannot be closed yet; a major incident has a bar of its own."""
    if incident.is_major or incident.state != State.RESOLVED:
        return ""
    if not policies.may(actor, Verb.CLOSE, incident):
        return ""
    return workflow.close_refusal(incident, actor)
