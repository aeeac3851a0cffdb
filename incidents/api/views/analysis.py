"""What the desk found out and did about an incident. Nothing here is for the requester's side."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import workflow
from incidents.api import concurrency
from incidents.api.filters import NamedFilters
from incidents.api.idempotency import idempotent
from incidents.api.pagination import KeysetPagination
from incidents.api.parsers import Multipart, StrictJSONParser
from incidents.api.schema import IDEMPOTENCY_KEY, IF_MATCH, IF_MATCH_REVIEW, IF_NONE_MATCH_REVIEW
from incidents.api.serializers import forms
from incidents.api.serializers.analysis import (
    ActionSerializer,
    EvidenceSerializer,
    HypothesisSerializer,
    ReviewSerializer,
)
from incidents.api.serializers.verb_bodies import body_of
from incidents.api.views.base import IncidentDoor
from incidents.api.views.verbs import record_action
from incidents.enums import Verb
from incidents.models import Action, Evidence, Hypothesis, Incident, Review


class Findings(IncidentDoor, GenericAPIView[Any]):
    """Rows of the desk's own under one incident."""

    pagination_class = KeysetPagination
    filter_backends = [NamedFilters]
    orderings = ("id", "-id")

    def desk_incident(self) -> Incident:
        """404 for everybody who may not read internal entries: for them there is nothing here."""
        if not self.sees_internal():
            raise NotFound(_("There is no such incident, or it is not yours to see."))
        return self.bare_incident()

    def rows(self, incident: Incident) -> QuerySet[Any]:
        raise NotImplementedError

    def get(self, request: Request, number: str) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.rows(self.desk_incident())))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def added(self, incident: Incident) -> Response:
        """The row that a verb has just made."""
        row = self.rows(incident).order_by("-pk")[0]
        return Response(
            self.get_serializer(row).data, status=201, headers={"ETag": concurrency.etag(incident)}
        )


@extend_schema_view(
    get=extend_schema(operation_id="evidence_list", summary="List evidence"),
    post=extend_schema(
        operation_id="evidence_add",
        summary="Add evidence",
        request={
            "application/json": body_of(Verb.ADD_EVIDENCE),
            "multipart/form-data": forms.EvidenceUploadSerializer,
        },
        responses={201: EvidenceSerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    ),
)
class EvidenceList(Findings):
    serializer_class = EvidenceSerializer
    parser_classes = [StrictJSONParser, Multipart]
    queryset = Evidence.objects.none()

    def rows(self, incident: Incident) -> QuerySet[Evidence]:
        return Evidence.objects.filter(incident=incident).select_related("collected_by")

    def post(self, request: Request, number: str) -> Response:
        self.desk_incident()
        form = forms.EvidenceUploadSerializer(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        sent = dict(form.validated_data)
        file = sent.pop("attachment", None)
        with workflow.stored([file] if file else []) as files:
            return self.add(request, number=number, attachment=next(iter(files), None), **sent)

    @idempotent
    def add(self, request: Request, *, number: str, **evidence: Any) -> Response:
        incident = self.desk_incident()
        concurrency.expect_match(request, incident)
        workflow.add_evidence(incident, **evidence, **self.doing())
        return self.added(incident)


@extend_schema_view(get=extend_schema(operation_id="hypotheses_list", summary="List hypotheses"))
class HypothesisList(Findings):
    serializer_class = HypothesisSerializer
    queryset = Hypothesis.objects.none()

    def rows(self, incident: Incident) -> QuerySet[Hypothesis]:
        return Hypothesis.objects.filter(incident=incident).select_related("proposed_by")


@extend_schema_view(
    get=extend_schema(operation_id="actions_list", summary="List actions"),
    post=extend_schema(
        operation_id="actions_record",
        summary="Record an action",
        description="What was done and how it went. What is only planned goes to `…/plan_action/`.",
        request=body_of(Verb.RECORD_ACTION),
        responses={201: ActionSerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    ),
)
class ActionList(Findings):
    serializer_class = ActionSerializer
    queryset = Action.objects.none()

    def rows(self, incident: Incident) -> QuerySet[Action]:
        return Action.objects.filter(incident=incident).select_related("recorded_by", "configuration_item")

    @idempotent
    def post(self, request: Request, number: str) -> Response:
        incident = self.desk_incident()
        concurrency.expect_match(request, incident)
        form = body_of(Verb.RECORD_ACTION)(data=request.data, context={"request": request})
        form.is_valid(raise_exception=True)
        record_action(incident, **form.validated_data, **self.doing())
        return self.added(incident)


@extend_schema_view(
    get=extend_schema(operation_id="review_read", summary="Read the review"),
    put=extend_schema(
        operation_id="review_save",
        summary="Save the draft of the review",
        description="Fields left out stay. `…/publish_review/` publishes it. The first draft is sent with "
        "`If-None-Match: *`, each later one with the ETag of the review in `If-Match`.",
        request=forms.ReviewFormSerializer,
        responses=ReviewSerializer,
        parameters=[IF_MATCH_REVIEW, IF_NONE_MATCH_REVIEW],
    ),
)
class ReviewDetail(Findings):
    serializer_class = ReviewSerializer
    queryset = Review.objects.none()
    pagination_class = None  # type: ignore[assignment]  # one, not a list
    filter_backends = []

    def get(self, request: Request, number: str) -> Response:
        review = Review.objects.filter(incident=self.desk_incident()).select_related("written_by").first()
        if review is None:
            raise NotFound(_("This incident has no review yet."))
        return self.tagged(review)

    def put(self, request: Request, number: str) -> Response:
        incident = self.desk_incident()
        version = concurrency.version_of_review(request, Review.objects.filter(incident=incident).first())
        form = forms.ReviewFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor = self.doing()["actor"]
        return self.tagged(
            workflow.save_review(incident, actor=actor, fields=form.validated_data, version=version)
        )

    def tagged(self, review: Review) -> Response:
        return Response(self.get_serializer(review).data, headers={"ETag": concurrency.etag(review)})
