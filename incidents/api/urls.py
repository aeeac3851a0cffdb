"""The REST interface, version 1: everything under /api/v1/."""

from django.urls import URLPattern, URLResolver, path, re_path

from incidents.api.views import analysis, attachments, catalogue, documentation, incidents, intake, timeline
from incidents.api.views.verbs import OFFERED, verb_view

app_name = "api"
ONE = "incidents/<str:number>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", documentation.Schema.as_view(), name="schema"),
    path("docs/", documentation.Docs.as_view(), name="docs"),
    path("incidents/", incidents.IncidentList.as_view(), name="incidents"),
    path(ONE, incidents.IncidentDetail.as_view(), name="incident"),
    path(f"{ONE}timeline/", timeline.Timeline.as_view(), name="timeline"),
    path(f"{ONE}attachments/", attachments.AttachmentList.as_view(), name="attachments"),
    path(f"{ONE}attachments/<int:pk>/", attachments.AttachmentDownload.as_view(), name="attachment-download"),
    path(f"{ONE}evidence/", analysis.EvidenceList.as_view(), name="evidence"),
    path(f"{ONE}hypotheses/", analysis.HypothesisList.as_view(), name="hypotheses"),
    path(f"{ONE}actions/", analysis.ActionList.as_view(), name="actions"),
    path(f"{ONE}review/", analysis.ReviewDetail.as_view(), name="review"),
    *(path(f"{ONE}{verb.value}/", verb_view(verb), name=f"verb-{verb.value}") for verb in OFFERED),
    path("intake/<str:key>/", intake.Intake.as_view(), name="intake"),
    path("intake/<str:key>", intake.Intake.as_view(schema=None), name="intake-bare"),
    path("teams/", catalogue.TeamList.as_view(), name="teams"),
    path("services/", catalogue.ServiceList.as_view(), name="services"),
    path("categories/", catalogue.CategoryList.as_view(), name="categories"),
    path("locations/", catalogue.LocationList.as_view(), name="locations"),
    path("configuration-items/", catalogue.ConfigurationItemList.as_view(), name="configuration-items"),
    path("problems/", catalogue.ProblemList.as_view(), name="problems"),
    re_path(r"^problems/(?P<number>PRB\d{1,18})/$", catalogue.ProblemDetail.as_view(), name="problem"),
    path("problems/<slug:slug>/", documentation.ProblemTypeDetail.as_view(), name="problem-type"),
]
