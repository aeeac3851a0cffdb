"""What incidents refer to: read here, kept in the admin."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from incidents import policies
from incidents.api.filters import CatalogueFilters, NamedFilters, PlaceFilters
from incidents.api.pagination import KeysetPagination
from incidents.api.serializers.catalogue import (
    CategorySerializer,
    ConfigurationItemSerializer,
    LocationSerializer,
    ProblemRecordSerializer,
    ServiceSerializer,
    TeamSerializer,
)
from incidents.models import Category, ConfigurationItem, Location, Problem, Service, Team


class CatalogueList(GenericAPIView[Any]):
    pagination_class = KeysetPagination
    filter_backends = [NamedFilters]
    filterset_class: object = CatalogueFilters
    orderings: tuple[str, ...] = ("name", "-name", "id", "-id")

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


@extend_schema_view(get=extend_schema(operation_id="teams_list", summary="List teams"))
class TeamList(CatalogueList):
    queryset = Team.objects.all()
    serializer_class = TeamSerializer


@extend_schema_view(get=extend_schema(operation_id="services_list", summary="List services"))
class ServiceList(CatalogueList):
    queryset = Service.objects.select_related("team").prefetch_related("depends_on")
    serializer_class = ServiceSerializer


@extend_schema_view(get=extend_schema(operation_id="categories_list", summary="List categories"))
class CategoryList(CatalogueList):
    queryset = Category.objects.all()
    serializer_class = CategorySerializer


@extend_schema_view(get=extend_schema(operation_id="locations_list", summary="List locations"))
class LocationList(CatalogueList):
    queryset = Location.objects.all()
    serializer_class = LocationSerializer
    filterset_class = PlaceFilters


class DeskList(CatalogueList):
    """For the desk; an empty list for everybody else."""

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        return rows if policies.sees_internal(self.request.user) else rows.none()


@extend_schema_view(
    get=extend_schema(operation_id="configuration_items_list", summary="List configuration items")
)
class ConfigurationItemList(DeskList):
    queryset = ConfigurationItem.objects.select_related("service", "location")
    serializer_class = ConfigurationItemSerializer


@extend_schema_view(get=extend_schema(operation_id="problems_list", summary="List problems"))
class ProblemList(DeskList):
    queryset = Problem.objects.all()
    serializer_class = ProblemRecordSerializer
    filterset_class = None
    orderings = ("-id", "id")


@extend_schema_view(get=extend_schema(operation_id="problems_read", summary="Read a problem"))
class ProblemDetail(GenericAPIView[Problem]):
    queryset = Problem.objects.all()
    serializer_class = ProblemRecordSerializer

    def get(self, request: Request, number: str) -> Response:
        problem = Problem.objects.with_number(number).first()
        if problem is None or not policies.sees_internal(request.user):
            raise NotFound
        return Response(self.get_serializer(problem).data)
