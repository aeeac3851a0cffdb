"""Kept reports, read only. Without the right to read reports there are none."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from reports.api.serializers import ReportSerializer, WholeReportSerializer
from reports.documents.sheet import csv_text
from reports.models import Report


class Reports(GenericAPIView[Any]):
    queryset = Report.objects.none()

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.visible_to(self.request.user).select_related("team", "service", "schedule")

    def one(self, pk: int) -> Report:
        report = self.get_queryset().filter(pk=pk).first()
        if report is None:
            raise NotFound
        return report


class ReportList(Reports):
    serializer_class = ReportSerializer
    orderings = ("-requested_at", "requested_at", "id", "-id")

    @extend_schema(operation_id="reports_list", summary="List kept reports")
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().defer("content")))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class ReportDetail(Reports):
    serializer_class = WholeReportSerializer

    @extend_schema(operation_id="reports_read", summary="Read a report with all its numbers")
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.one(pk)).data)


class ReportSheet(Reports):
    @extend_schema(
        operation_id="reports_csv",
        summary="Read the numbers of a report as CSV",
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        report = self.one(pk)
        if report.made_at is None:
            raise NotFound
        return HttpResponse(csv_text(report.content), content_type="text/csv; charset=utf-8")
