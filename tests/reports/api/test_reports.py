from collections.abc import Iterator, Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from incidents.api import throttling
from incidents.models import ApiToken, Scope, Team
from reports import lifecycle
from reports.metrics.scope import Scope as ReportScope
from reports.models import Report, Schedule
from reports.periods import iso_week
from tests.factories import AgentFactory
from tests.reports.rows import MONDAY, WEEK, row, save

LATER = MONDAY + WEEK + timedelta(hours=9)
URL = "/api/v1/reports/"


def caller(user: User, scopes: Sequence[str] = tuple(Scope.values)) -> APIClient:
    _, key = ApiToken.objects.create(user=user, name="test", scopes=list(scopes))
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return api


@pytest.fixture(autouse=True)
def _fresh_throttles(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In one long window, so that no minute ends while statements are counted."""
    monkeypatch.setitem(throttling.PERIODS, "m", 100_000_000)
    throttling.reset()
    cache.clear()
    yield
    throttling.reset()


@pytest.fixture
def api() -> APIClient:
    return caller(AgentFactory.create(role="Auditor"))


@pytest.fixture
def report(db: None) -> Report:
    save([row()])
    ordered = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), ReportScope(), at=LATER)
    lifecycle.make(ordered.pk, at=LATER)
    return Report.objects.get(pk=ordered.pk)


def test_list_names_reports_without_their_numbers(api: APIClient, report: Report) -> None:
    (found,) = api.get(URL).json()["results"]

    assert (found["id"], found["kind"], found["name"], found["last"]) == (
        report.pk, "weekly", "2026-W10", "2026-03-08",
    )  # fmt: skip
    assert "content" not in found


def test_one_holds_every_number_with_its_definition(api: APIClient, report: Report) -> None:
    content = api.get(f"{URL}{report.pk}/").json()["content"]

    assert (content["measures"][0]["name"], content["measures"][0]["now"]) == ("opened", 1)
    assert all(line["definition"] and line["population"] for line in content["measures"])
    assert content["compared"] == 0


def test_one_says_its_headline(api: APIClient, report: Report) -> None:
    waiting = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), ReportScope(), at=LATER)

    said = [api.get(f"{URL}{pk}/").json()["headline"] for pk in (report.pk, waiting.pk)]

    assert said[0].startswith("Nothing could be compared.")
    assert said[1] == ""


def test_sheet_is_csv(api: APIClient, report: Report) -> None:
    answer = api.get(f"{URL}{report.pk}/csv/")

    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content.decode().splitlines()[1].startswith("measure,opened,2026-W10,1,incidents")


def test_report_that_waits_to_be_made_has_no_sheet(api: APIClient) -> None:
    waiting = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), ReportScope(), at=LATER)

    assert api.get(f"{URL}{waiting.pk}/csv/").status_code == 404
    assert api.get(f"{URL}{waiting.pk}/").json()["made_at"] is None


def test_without_the_right_there_are_no_reports(report: Report, alice: User, carol: User) -> None:
    for person in (alice, carol):
        stranger = caller(person)

        assert stranger.get(URL).json()["results"] == []
        assert [stranger.get(f"{URL}{report.pk}/{part}").status_code for part in ("", "csv/")] == [404, 404]


def test_nobody_writes_reports_here(api: APIClient, report: Report) -> None:
    url = f"{URL}{report.pk}/"

    assert [api.post(URL, {}).status_code, api.patch(url, {}).status_code, api.delete(url).status_code] == [
        405, 405, 405,
    ]  # fmt: skip


def test_stranger_is_asked_who_it_is(report: Report) -> None:
    assert APIClient().get(URL).status_code == 401


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_as_many_queries_for_one_as_for_three(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        team = Team.objects.create(name=f"Team {number}")
        schedule = Schedule.objects.create(name=f"Schedule {number}", since=MONDAY, team=team)
        lifecycle.order_slot(schedule, LATER.date(), at=LATER)

    api.get(URL)  # draws what the throttle then spends

    with django_assert_num_queries(3):
        found = api.get(URL).json()["results"]

    assert len(found) == count
