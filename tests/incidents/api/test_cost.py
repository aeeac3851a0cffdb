"""What a write costs. Reads are counted beside their lists."""

from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents.models import Service


def test_opening_costs_few_statements(
    as_alice: APIClient, vpn: Service, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Token, rights, matrix, targets, calendars, default team; incident, clocks, entry; both ends of it."""
    as_alice.get("/api/v1/teams/")

    with django_assert_num_queries(14):
        answer = as_alice.post("/api/v1/incidents/", {"title": "VPN drops"})

    assert answer.status_code == 201
