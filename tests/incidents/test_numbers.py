"""A number of one thing is no number of another."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from incidents.models import Incident, Problem, parse_number
from tests.incidents.api.conftest import caller


@pytest.mark.parametrize("text", ["PRB0000001", "prb1", "PRBINC1", "INCPRB1", "INCINC1", "", "INC", "x1"])
def test_what_is_no_incident_number_finds_none(text: str) -> None:
    assert parse_number(text) is None


@pytest.mark.parametrize("text", ["INC0000001", "inc1", "INCPRB1", "PRBINC1", "PRBPRB1", ""])
def test_what_is_no_problem_number_finds_none(db: None, text: str) -> None:
    Problem.objects.create(pk=1, title="Cause")

    assert not Problem.objects.with_number(text).exists()


@pytest.mark.parametrize("text", ["PRB0000001", "prb1", " 0001 ", "1"])
def test_problem_is_found_by_its_number(db: None, text: str) -> None:
    problem = Problem.objects.create(pk=1, title="Cause")

    assert Problem.objects.with_number(text).get() == problem


def test_no_door_takes_an_incident_number_for_a_problem(
    client: Client, alice: User, incident: Incident
) -> None:
    Problem.objects.create(pk=incident.pk, title="Another matter")
    client.force_login(alice)

    page = client.post(
        f"/admin/incidents/incident/{incident.pk}/problem/",
        {"version": incident.version, "problem": incident.number},
    )
    answer = caller(alice).post(
        f"/api/v1/incidents/{incident.number}/link_problem/",
        {"problem": incident.number},
        headers={"If-Match": "*"},
        format="json",
    )

    incident.refresh_from_db()
    assert "There is no problem" in page.content.decode()
    assert answer.status_code == 400
    assert incident.problem is None


def test_problem_list_finds_a_problem_by_its_number(client: Client, alice: User) -> None:
    problem = Problem.objects.create(title="Session table full")
    Problem.objects.create(title="Another")
    client.force_login(alice)

    page = client.get("/admin/incidents/problem/", {"q": problem.number})

    assert list(page.context["cl"].queryset) == [problem]
