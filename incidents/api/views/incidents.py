"""Incidents: list, open, read, correct."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import policies, workflow
from incidents.api import concurrency
from incidents.api.filters import IncidentFilters, NamedFilters, RequesterFilters
from incidents.api.idempotency import idempotent
from incidents.api.pagination import KeysetPagination
from incidents.api.schema import FIELDS, IDEMPOTENCY_KEY, IF_MATCH, IF_NONE_MATCH
from incidents.api.serializers.forms import EditSerializer, ReportSerializer, RequesterReportSerializer
from incidents.api.serializers.incident import IncidentSerializer
from incidents.api.views.base import IncidentDoor
from incidents.enums import Channel, Verb
from incidents.models import Incident

REPORT_EXAMPLE = OpenApiExample(
    "A report",
    value={
        "title": "Payments fail with error 502",
        "description": "Since 09:40, for everybody.",
        "impact": 1,
        "urgency": 1,
    },
    request_only=True,
)


@extend_schema_view(
    get=extend_schema(
        operation_id="incidents_list",
        summary="List incidents",
        description="Requesters narrow by what they may read: not by severity, configuration_item, parent "
        "or breached.",
        parameters=[FIELDS],
    ),
    post=extend_schema(
        operation_id="incidents_open",
        summary="Open an incident",
        description="Requesters open incidents for themselves, and may send title, description, impact, "
        "urgency, service, category, location, started_at and follows_up.",
        request=ReportSerializer,
        responses={201: IncidentSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[REPORT_EXAMPLE],
    ),
)
class IncidentList(IncidentDoor, GenericAPIView[Incident]):
    serializer_class = IncidentSerializer
    pagination_class = KeysetPagination
    filter_backends = [NamedFilters]
    filterset_class = IncidentFilters
    parameters = ("fields",)
    orderings = (
        "-opened_at", "opened_at", "-updated_at", "updated_at", "-priority", "priority", "-id", "id",
    )  # fmt: skip
    queryset = Incident.objects.none()

    def get(self, request: Request) -> Response:
        if not self.sees_internal():
            self.filterset_class = RequesterFilters
        page = self.paginate_queryset(self.filter_queryset(self.visible_incidents()))
        return self.get_paginated_response(self.shown(page or [], many=True))

    @idempotent
    def post(self, request: Request) -> Response:
        is_agent = policies.is_agent(self.person())
        form = (ReportSerializer if is_agent else RequesterReportSerializer)(
            data=request.data, context={"request": request}
        )
        form.is_valid(raise_exception=True)
        sent: dict[str, Any] = form.validated_data
        if not is_agent:
            sent["requester"] = self.person()
        incident = workflow.open_incident(workflow.Report(channel=Channel.API, **sent), **self.doing())
        place = reverse("api:incident", kwargs={"number": incident.number})
        return self.answer(incident, status=201, headers={"Location": request.build_absolute_uri(place)})


@extend_schema_view(
    get=extend_schema(
        operation_id="incidents_read",
        summary="Read an incident",
        responses={200: IncidentSerializer, 304: None},
        parameters=[FIELDS, IF_NONE_MATCH],
    ),
    patch=extend_schema(
        operation_id="incidents_edit",
        summary="Correct an incident",
        request=EditSerializer,
        responses={200: IncidentSerializer, 204: None},
        parameters=[IF_MATCH],
    ),
)
class IncidentDetail(IncidentDoor, GenericAPIView[Incident]):
    serializer_class = IncidentSerializer
    queryset = Incident.objects.none()
    pagination_class = None
    filter_backends = []

    def get(self, request: Request, number: str) -> Response:
        incident = self.incident()
        if concurrency.is_unchanged(request, incident):
            return Response(status=304, headers={"ETag": concurrency.etag(incident)})
        return self.answer(incident)

    def patch(self, request: Request, number: str) -> Response:
        incident = self.bare_incident()
        self.check_may(Verb.EDIT, incident)
        concurrency.expect_match(request, incident)
        form = EditSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        workflow.edit(incident, changes=form.validated_data, **self.doing())
        return self.answer_afresh(incident)
