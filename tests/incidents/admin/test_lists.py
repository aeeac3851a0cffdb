"""Every list: the same number of queries for one row and for three, and words where there is none."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from incidents.models import Location, PriorityRule
from tests.factories.desk_rows import add_rows
from tests.incidents.admin.conftest import Entered

#: Six of each: session, person, two of permissions, two of the navigation. The rest is the list's own.
LISTS = {
    "incidents_team": 8,
    "incidents_service": 9,
    "incidents_configurationitem": 9,
    "incidents_category": 9,
    "incidents_location": 9,
    "incidents_calendar": 8,
    "incidents_target": 9,
    "incidents_priorityrule": 8,
    "incidents_source": 8,
    "incidents_alert": 9,
    "incidents_ingestevent": 9,
    "incidents_maintenancewindow": 9,
    "incidents_problem": 8,
    "incidents_review": 8,
    "incidents_followup": 8,
    "auth_user": 12,
    "auth_group": 8,
}


@pytest.mark.parametrize(("name", "queries"), LISTS.items())
def test_list_asks_as_often_for_three_rows_as_for_one(
    name: str,
    queries: int,
    administrator: User,
    entered: Entered,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = entered(administrator)
    address = reverse(f"admin:{name}_changelist")
    add_rows(1)

    with django_assert_num_queries(queries):
        one = client.get(address)
    add_rows(2)
    add_rows(3)
    with django_assert_num_queries(queries):
        three = client.get(address)

    assert len(three.context["cl"].result_list) >= len(one.context["cl"].result_list)
    assert three.status_code == 200


def test_empty_list_says_what_to_do_next(administrator: User, entered: Entered) -> None:
    page = entered(administrator).get(reverse("admin:incidents_location_changelist")).content.decode()

    assert "No locations yet" in page
    assert "People read all times in the zone of their location." in page
    assert reverse("admin:incidents_location_add") in page


def test_list_that_nothing_fits_offers_the_way_back(administrator: User, entered: Entered) -> None:
    Location.objects.create(name="Porto")

    page = entered(administrator).get(reverse("admin:incidents_location_changelist"), {"q": "zzz"})

    assert "Nothing fits" in page.content.decode()


def test_lists_are_headed_by_what_is_in_them(administrator: User, entered: Entered) -> None:
    page = entered(administrator).get(reverse("admin:auth_user_changelist"))

    assert page.context["title"] == "People"


def test_matrix_shows_the_rules_in_force_today(administrator: User, entered: Entered) -> None:
    PriorityRule.objects.create(impact=3, urgency=3, priority=1, valid_from="2999-01-01")
    PriorityRule.objects.create(impact=3, urgency=3, priority=4, valid_from="2020-01-01")

    page = entered(administrator).get(reverse("admin:incidents_priorityrule_changelist"))

    matrix = {
        (impact.value, urgency.value): int(level)
        for impact, cells in page.context["matrix"]
        for urgency, level in cells
    }
    assert matrix == {
        (1, 1): 1, (1, 2): 2, (1, 3): 3,
        (2, 1): 2, (2, 2): 3, (2, 3): 4,
        (3, 1): 3, (3, 2): 4, (3, 3): 4,
    }  # fmt: skip


def test_list_says_how_many_were_found_only_where_something_was_looked_for(
    administrator: User, entered: Entered
) -> None:
    add_rows(1)
    client, address = entered(administrator), reverse("admin:incidents_service_changelist")

    whole, found = client.get(address), client.get(address, {"q": "nothing of the kind"})

    assert re.search(r"\d+ results?\b", whole.content.decode()) is None
    assert re.search(r"\d+ results?\b", found.content.decode())
