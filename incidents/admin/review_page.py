"""The review of a major incident as a page to read, print and keep."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import quote
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from incidents import rights
from incidents.admin.access import incident_or_404, user_of
from incidents.admin.entries import lines_of
from incidents.entry_kinds import kinds_where
from incidents.models import (
    Incident,
    Review,
)
from itsm import timekeeping
from itsm.ui.texts import StrOrPromise

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

#: What a review retells, minute by minute.
STEPS = kinds_where(lambda kind: kind.in_review)


def sections_of(review: Review) -> list[tuple[StrOrPromise, str]]:
    written = (
        (_("Summary"), review.summary),
        (_("Impact"), review.impact),
        (_("Root cause"), review.root_cause),
        (_("What made it worse"), review.contributing_factors),
        (_("What went well"), review.went_well),
        (_("What did not"), review.went_badly),
    )
    return [(title, text) for title, text in written if text.strip()]


def facts_of(incident: Incident) -> list[tuple[StrOrPromise, datetime | None, float | None]]:
    """Moments and the spans between two of them; what has no start or no end is left out."""
    began = incident.started_at or incident.detected_at or incident.opened_at
    rows: list[tuple[StrOrPromise, datetime | None, float | None]] = [
        (_("Started"), incident.started_at, None),
        (_("Detected"), incident.detected_at, None),
        (_("Opened"), incident.opened_at, None),
        (_("Acknowledged"), incident.acknowledged_at, None),
        (_("Service was back"), incident.mitigated_at, None),
        (_("Resolved"), incident.resolved_at, None),
        (_("Started until detected"), None, span(incident.started_at, incident.detected_at)),
        (_("Opened until acknowledged"), None, span(incident.opened_at, incident.acknowledged_at)),
        (_("Began until service was back"), None, span(began, incident.mitigated_at)),
        (_("Opened until resolved"), None, span(incident.opened_at, incident.resolved_at)),
    ]
    return [row for row in rows if row[1] is not None or row[2] is not None]


def span(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def page(model_admin: "ModelAdmin[Any]", request: HttpRequest, pk: int) -> HttpResponse:
    incident = incident_or_404(request, str(pk))
    review = getattr(incident, "review", None)
    if review is None:
        if not user_of(request).has_perm(rights.LEAD_MAJOR):
            raise Http404
        messages.info(request, _("There is no review yet. Write the first draft here."))
        return HttpResponseRedirect(f"{reverse('admin:incidents_review_add')}?incident={quote(incident.pk)}")
    request.current_app = model_admin.admin_site.name
    steps = incident.entries.filter(kind__in=STEPS).select_related("actor").order_by("seq")[:100]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Review of %(number)s") % {"number": incident.number},
        "subtitle": None,
        "opts": model_admin.opts,
        "incident": incident,
        "review": review,
        "sections": sections_of(review),
        "facts": facts_of(incident),
        "steps": lines_of(incident, list(steps), user_of(request)),
        "follow_ups": review.follow_ups.select_related("owner").order_by("due_on", "pk"),
        "may_write": user_of(request).has_perm(rights.LEAD_MAJOR) and review.published_at is None,
        "now": timekeeping.now(),
    }
    return TemplateResponse(request, "admin/incidents/incident/review.html", context)
