"""Incidents in the admin: the queue, the page of each, and a page a verb."""

from functools import partial
from typing import Any

from django.contrib import admin
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from incidents.admin import new_incident, review_page, transitions
from incidents.admin.access import incident_or_404, user_of
from incidents.admin.incident_page import IncidentPage
from incidents.admin.queue_page import QueuePage
from incidents.admin.verb_forms.pages import FORMS
from incidents.downloads import stream
from incidents.models import Attachment, Incident, TimelineEntry


@admin.register(Incident)
class IncidentAdmin(QueuePage, IncidentPage):
    """Reading is `visible_to`; writing is a page a verb. Nothing here saves a row."""

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
            path("<int:pk>/files/<int:file>/", wrap(download), name="incidents_incident_file"),
            path("<int:pk>/review/", wrap(partial(review_page.page, self)), name="incidents_incident_review"),
            *super().get_urls(),
        ]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return new_incident.page(self, request)


def download(request: HttpRequest, pk: int, file: int) -> FileResponse:
    incident = incident_or_404(request, str(pk))
    readable = TimelineEntry.objects.filter(incident=incident).readable_by(user_of(request))
    return stream(get_object_or_404(Attachment, pk=file, entry__in=readable.values("pk")))
