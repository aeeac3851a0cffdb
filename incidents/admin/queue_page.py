"""The list of incidents: the queue with its tabs, search and cells."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import bounded, policies
from incidents.admin import queue, row_cells
from incidents.admin.access import user_of
from incidents.admin.base import DeskAdmin
from incidents.admin.bulk import BULK
from incidents.enums import EntryKind
from incidents.models import Incident, parse_number
from incidents.models.sla import next_clock
from incidents.search import search_incidents
from itsm import timekeeping

Rows = QuerySet[Incident]


class QueuePage(DeskAdmin):
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
    actions = tuple(BULK)
    actions_on_top = False
    actions_on_bottom = True
    actions_selection_counter = True

    # Who may come in.

    def has_module_permission(self, request: HttpRequest) -> bool:
        return policies.sees_internal(request.user)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return policies.sees_internal(request.user)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return policies.is_agent(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.is_agent(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    # The queue.

    def get_queryset(self, request: HttpRequest) -> Rows:
        return Incident.objects.visible_to(request.user).order_by(*self.get_ordering(request))

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[queue.QueueList]:
        return queue.QueueList

    def get_paginator(self, request: HttpRequest, *rows: Any, **how: Any) -> queue.BoundedPaginator:
        is_search = bool(request.GET.get("q", "").strip())
        return (queue.SearchPaginator if is_search else queue.BoundedPaginator)(*rows, **how)

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
        if term.isascii() and any(char.isdigit() for char in term):
            seen = Incident.objects.visible_to(request.user).order_by().values_list("pk")
            ours = seen.filter(pk=parse_number(term) or 0)
            theirs = seen.filter(source_number=term)
            if ids := [pk for (pk,) in ours.union(theirs, all=True)]:
                return queryset.filter(pk__in=ids), False
        return search_incidents(queryset, term), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        now = timekeeping.now()
        if not policies.sees_internal(request.user):
            return super().changelist_view(request, extra_context)
        current = queue.view_of(request)
        tallies = queue.counts(user_of(request), at=now, current=current) if request.method == "GET" else {}
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
            "most": bounded.FEW,
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
    def state_cell(self, incident: Incident) -> SafeString:
        return row_cells.state_cell(state=incident.state, hold_reason=incident.hold_reason)

    @admin.display(description=gettext_lazy("Assigned"), ordering="team__name")
    def owner_cell(self, incident: object) -> SafeString:
        return row_cells.owner_cell(row=incident)

    @admin.display(description=gettext_lazy("SLA"), ordering=queue.NEXT_DUE)
    def sla_cell(self, incident: Any) -> SafeString:
        return row_cells.clock_cell(row=incident, clock=next_clock(incident.clocks.all()))

    @admin.display(description=gettext_lazy("Updated"), ordering="updated_at")
    def updated_cell(self, incident: Any) -> SafeString:
        kind = EntryKind(incident.last_kind).label if incident.last_kind else ""
        return row_cells.updated_cell(row=incident, what=kind, who=incident.last_by or "")

    def action_checkbox(self, obj: Any) -> SafeString:
        """The box, and which version of the row the person saw."""
        return format_html(
            '<input type="checkbox" class="action-select" name="{}" value="{}" aria-label="{}">'
            '<input type="hidden" name="version-{}" value="{}">',
            helpers.ACTION_CHECKBOX_NAME, obj.pk, _("Select %(number)s") % {"number": obj.number},
            obj.pk, obj.version,
        )  # fmt: skip
