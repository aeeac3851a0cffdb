"""The history of an incident, oldest first: ask again with `after_seq` to hear what is new."""

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incidents.api.filters import NamedFilters, TimelineFilters
from incidents.api.pagination import KeysetPagination
from incidents.api.serializers.timeline import EntrySerializer, PublicEntrySerializer
from incidents.api.views.base import IncidentDoor
from incidents.models import TimelineEntry


@extend_schema_view(get=extend_schema(operation_id="incidents_timeline", summary="Read the timeline"))
class Timeline(IncidentDoor, GenericAPIView[TimelineEntry]):
    serializer_class = EntrySerializer
    pagination_class = KeysetPagination
    filter_backends = [NamedFilters]
    filterset_class = TimelineFilters
    orderings = ("seq", "-seq")
    queryset = TimelineEntry.objects.none()

    def get(self, request: Request, number: str) -> Response:
        entries = self.bare_incident().entries.readable_by(self.person())
        shown = entries.select_related("actor").prefetch_related("attachments__entry")
        page = self.paginate_queryset(self.filter_queryset(shown))
        serializer_class = EntrySerializer if self.sees_internal() else PublicEntrySerializer
        return self.get_paginated_response(
            serializer_class(page, many=True, context={"request": request}).data
        )
