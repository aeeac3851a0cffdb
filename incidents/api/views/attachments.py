"""Files of an incident: listed, added, fetched. Whoever may read the entry may read its files."""

from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import policies, workflow
from incidents.api import concurrency
from incidents.api.filters import NamedFilters
from incidents.api.idempotency import idempotent
from incidents.api.pagination import KeysetPagination
from incidents.api.parsers import Multipart
from incidents.api.schema import IDEMPOTENCY_KEY, IF_MATCH
from incidents.api.serializers.forms import AttachmentsSerializer
from incidents.api.serializers.timeline import AttachmentSerializer, EntrySerializer, PublicEntrySerializer
from incidents.api.views.base import IncidentDoor
from incidents.downloads import stream
from incidents.enums import Visibility
from incidents.models import Attachment, Incident, TimelineEntry


class AttachmentDoor(IncidentDoor):
    def readable(self, incident: Incident) -> QuerySet[Attachment]:
        entries = TimelineEntry.objects.filter(incident=incident).readable_by(self.person())
        return Attachment.objects.filter(entry__in=entries.values("pk")).select_related("entry")


@extend_schema_view(
    get=extend_schema(operation_id="attachments_list", summary="List attachments"),
    post=extend_schema(
        operation_id="attachments_add",
        summary="Attach files",
        description=(
            "As a reply (public) or an internal note: one timeline entry for all of them. "
            "A reply to a duplicate, or to an incident that is over, lands as `comment` says."
        ),
        request={"multipart/form-data": AttachmentsSerializer},
        responses={201: EntrySerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    ),
)
class AttachmentList(AttachmentDoor, GenericAPIView[Attachment]):
    serializer_class = AttachmentSerializer
    pagination_class = KeysetPagination
    filter_backends = [NamedFilters]
    parser_classes = [Multipart]
    orderings = ("id", "-id")
    queryset = Attachment.objects.none()

    def get(self, request: Request, number: str) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.readable(self.bare_incident())))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def post(self, request: Request, number: str) -> Response:
        self.bare_incident()
        form = AttachmentsSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        sent = dict(form.validated_data)
        with workflow.stored(sent.pop("file")) as files:
            return self.add(request, number=number, files=files, **sent)

    @idempotent
    def add(
        self, request: Request, *, number: str, files: list[workflow.StoredFile], **said: Any
    ) -> Response:
        incident = self.bare_incident()
        concurrency.expect_match(request, incident)
        entry = self.say(incident, files=files, **said)
        serializer_class = EntrySerializer if self.sees_internal() else PublicEntrySerializer
        shown = serializer_class(entry, context={"request": request}).data
        return Response(shown, status=201, headers={"ETag": concurrency.etag(entry.incident)})

    def say(
        self,
        incident: Incident,
        *,
        files: list[workflow.StoredFile],
        text: str,
        visibility: str | None = None,
    ) -> TimelineEntry:
        default = Visibility.INTERNAL if policies.is_agent(self.person()) else Visibility.PUBLIC
        is_public = (visibility or default) == Visibility.PUBLIC
        verb = workflow.answer if is_public else workflow.note
        return verb(incident, text=text, attachments=files, **self.doing())


class WhateverIsThere(BaseContentNegotiation):
    """A file comes as what it is, whatever the caller says it accepts."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next(iter(parsers), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> object:
        return renderers[0], renderers[0].media_type


class AttachmentDownload(AttachmentDoor):
    content_negotiation_class = WhateverIsThere

    @extend_schema(
        operation_id="attachments_download",
        summary="Fetch a file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, number: str, pk: int) -> FileResponse:
        attachment = self.readable(self.bare_incident()).filter(pk=pk).first()
        if attachment is None:
            raise NotFound(_("There is no such incident, or it is not yours to see."))
        return stream(attachment)
