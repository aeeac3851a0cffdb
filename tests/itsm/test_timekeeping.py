"""Each process writes the database's time, whatever its own clock says."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from incidents.models import Incident, Problem
from itsm import timekeeping
from tests.clocks import MINUTE, needs_a_server, own_clock
from tests.factories import NOON, make_incident

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("databases_time")]


@needs_a_server
@pytest.mark.parametrize("by", [10 * MINUTE, -10 * MINUTE])
def test_time_is_the_databases_and_the_difference_is_known(by: timedelta) -> None:
    true = datetime.now(UTC)

    with own_clock(by):
        assert abs(timekeeping.now() - true) < timedelta(seconds=5)
        assert abs(timekeeping.off_by() - by) < timedelta(seconds=5)
        assert timekeeping.is_wrong() is True


@needs_a_server
def test_wall_clock_set_back_while_a_process_runs_changes_nothing() -> None:
    true = datetime.now(UTC)
    before = timekeeping.now()

    with own_clock(-60 * MINUTE):
        assert abs(timekeeping.now() - before) < timedelta(seconds=5)
        assert timekeeping.off_by() < -59 * MINUTE

    assert abs(timekeeping.now() - true) < timedelta(seconds=5)
    assert timekeeping.is_wrong() is False


@needs_a_server
def test_time_costs_one_query_a_minute(
    django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    with django_assert_num_queries(1):
        times = [timekeeping.now() for _ in range(3)]
    monkeypatch.setattr(timekeeping, "MEASURED_EACH", 0)
    with django_assert_num_queries(1):
        timekeeping.now()

    assert times == sorted(times)


@needs_a_server
def test_entry_of_a_machine_that_is_ahead_is_not_from_the_future(
    client: Client, incident: Incident, alice: User
) -> None:
    with own_clock(10 * MINUTE):
        client.force_login(alice)
        page = f"/admin/incidents/incident/{incident.pk}/acknowledge/"
        client.post(page, {"version": incident.version}, follow=True)

    entry = incident.entries.latest("seq")
    assert entry.seq == 2
    assert abs(entry.at - datetime.now(UTC)) < MINUTE


def test_no_process_says_when_an_entry_was_recorded() -> None:
    with own_clock(10 * MINUTE):
        incident = make_incident()

    kept = [entry.recorded_at for entry in incident.entries.all()]
    assert kept
    assert all(abs(recorded - datetime.now(UTC)) < MINUTE for recorded in kept)


def test_no_process_says_when_a_problem_was_opened() -> None:
    with own_clock(10 * MINUTE):
        problem = Problem.objects.create(title="Old driver")

    assert abs(problem.opened_at - datetime.now(UTC)) < MINUTE


@needs_a_server
def test_form_of_a_subscription_begins_at_the_databases_time(admin_client: Client) -> None:
    with own_clock(10 * MINUTE):
        page = admin_client.get("/admin/notifications/subscription/add/")
        form = page.context["adminform"].form
        offered = form.get_initial_for_field(form.fields["valid_from"], "valid_from")

    assert abs(offered - datetime.now(UTC)) < MINUTE


def test_process_whose_database_does_not_answer_goes_on_by_its_own_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "vendor", "postgresql")
    monkeypatch.setattr(connection, "cursor", refuse)

    with time_machine.travel(NOON, tick=False):
        assert timekeeping.now() == NOON
        assert timekeeping.is_wrong() is False


def refuse(*_: object) -> Callable[[], None]:
    raise DatabaseError("away")
