"""Trends, kept reports and schedules in the admin."""

import csv
import re
from datetime import datetime, timedelta
from html import unescape
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from incidents.models import Team
from reports import lifecycle
from reports.metrics.scope import Scope
from reports.models import Report, Schedule
from reports.periods import iso_week
from tests.factories import AgentFactory, RequesterFactory
from tests.reports.rows import MONDAY, WEEK, after, row, save

TRENDS, KEEP = "/admin/reports/trends/", "/admin/reports/trends/keep/"
REPORTS, SCHEDULES = "/admin/reports/report/", "/admin/reports/schedule/"
LATER = MONDAY + WEEK + timedelta(hours=9)


@pytest.fixture
def manager(db: None) -> User:
    return AgentFactory.create(role="Incident manager", first_name="Mara", last_name="Moss")


@pytest.fixture
def desk(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


@pytest.fixture
def report(db: None) -> Report:
    save([row(resolved_at=after(90)), row()])
    ordered = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), Scope(), at=LATER)
    lifecycle.make(ordered.pk, at=LATER)
    return Report.objects.get(pk=ordered.pk)


# Who may read


@pytest.mark.parametrize("role", ["Team lead", "Incident manager", "Auditor", "Administrator"])
def test_roles_that_read_reports_open_all_pages(client: Client, report: Report, role: str) -> None:
    client.force_login(AgentFactory.create(role=role))

    found = [client.get(url).status_code for url in (TRENDS, REPORTS, f"{REPORTS}{report.pk}/change/",
                                                     f"{REPORTS}{report.pk}/csv/")]  # fmt: skip

    assert found == [200, 200, 200, 200]


def test_agent_without_the_right_gets_no_numbers(client: Client, report: Report, alice: User) -> None:
    client.force_login(alice)

    found = [client.get(url).status_code for url in (TRENDS, f"{TRENDS}?csv=1", REPORTS,
                                                     f"{REPORTS}{report.pk}/change/",
                                                     f"{REPORTS}{report.pk}/csv/")]  # fmt: skip
    kept = client.post(KEEP, {"period": "1w", "zone": "UTC"}).status_code

    assert (found, kept) == ([403] * 5, 403)
    assert Report.objects.count() == 1


@pytest.mark.parametrize("url", [TRENDS, REPORTS, KEEP, SCHEDULES])
def test_stranger_and_requester_are_sent_to_the_log_in(client: Client, carol: User, url: str) -> None:
    stranger = client.get(url)
    client.force_login(carol)
    requester = client.get(url)

    assert [(page.status_code, page["Location"].partition("?")[0]) for page in (stranger, requester)] == [
        (302, "/admin/login/")
    ] * 2


def test_auditor_reads_and_orders_nothing(client: Client, report: Report) -> None:
    client.force_login(AgentFactory.create(role="Auditor"))
    schedule = Schedule.objects.create(name="Weekly", since=MONDAY)

    answers = [
        client.post(KEEP, {"period": "1w", "zone": "UTC"}),
        client.post(f"{SCHEDULES}{schedule.pk}/make/"),
        client.post(f"{SCHEDULES}add/", {"name": "Mine"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (Report.objects.count(), Schedule.objects.count()) == (1, 1)


# Trends


@time_machine.travel(LATER, tick=False)
def test_trends_show_the_weeks_before_this_one_with_definitions(desk: Client) -> None:
    save([row(resolved_at=after(90)), row(resolved_at=after(90))])

    page = desk.get(TRENDS, {"period": "1w", "zone": "UTC"}).content.decode()

    assert "2026-W10, 2 Mar to 8 Mar 2026" in page
    assert "1 h 30 min" in page
    assert "How it is counted" in page
    assert "Incidents whose opening time lies in the period." in page
    assert "style=" not in page.partition("<main")[2]


def weeks_of_records(count: int) -> None:
    """The first one begins that many weeks before the week of LATER."""
    save(row(opened_at=MONDAY + WEEK - WEEK * n) for n in range(1, count + 1))


@pytest.mark.parametrize(
    ("weeks", "shown", "said"),
    [
        (3, "4w", "Nothing could be compared"),
        (5, "1w", "“Last week” is shown because records are too young"),
        (10, "4w", "“4 weeks” is shown because records are too young"),
        (30, "13w", "compared with the usual of"),
    ],
)
@time_machine.travel(LATER, tick=False)
def test_trends_open_on_the_longest_period_that_can_be_compared(
    desk: Client, weeks: int, shown: str, said: str
) -> None:
    weeks_of_records(weeks)

    page = desk.get(TRENDS, {"zone": "UTC"})

    assert page.context["form"]["period"].value() == shown
    assert said in page.content.decode()
    assert page.context["reading"].lacks_past is (weeks == 3)


@time_machine.travel(LATER, tick=False)
def test_period_somebody_chose_stays_and_one_that_can_be_compared_is_offered(desk: Client) -> None:
    weeks_of_records(10)

    page = desk.get(TRENDS, {"zone": "UTC", "period": "13w"})
    words = page.content.decode()
    offered = re.search(r'href="([^"]*)">\s*Show “4 weeks”', words)

    assert page.context["form"]["period"].value() == "13w"
    assert "compared with nothing yet: records begin on 29 Dec 2025" in words
    assert "is shown because" not in words
    assert offered is not None
    followed = desk.get(TRENDS + unescape(offered[1])).context["reading"]
    assert followed.lacks_past is False


@time_machine.travel(LATER, tick=False)
def test_team_with_a_shorter_past_opens_on_a_shorter_period(desk: Client, network: Team) -> None:
    weeks_of_records(30)
    save(row(opened_at=MONDAY + WEEK - WEEK * n, team=network) for n in range(1, 6))

    page = desk.get(TRENDS, {"zone": "UTC", "team": network.pk})

    assert page.context["form"]["period"].value() == "1w"


@time_machine.travel(LATER, tick=False)
def test_count_of_a_period_that_records_do_not_cover_is_not_shown(desk: Client) -> None:
    weeks_of_records(14)  # the period before has one of its thirteen weeks

    young, known = (desk.get(TRENDS, {"zone": "UTC", "period": name}) for name in ("13w", "4w"))

    assert young.context["reading"].tiles[0].note == ""
    assert known.context["reading"].tiles[0].note == "before: 4"


@time_machine.travel(LATER, tick=False)
def test_trends_of_a_team_count_only_it(desk: Client, network: Team) -> None:
    save([row(team=network), row(), row()])

    page = desk.get(TRENDS, {"period": "1w", "zone": "UTC", "team": network.pk})

    assert page.context["reading"].tiles[0].value == "1"
    assert page.context["reading"].title == "Trend report, Network"


@time_machine.travel(LATER, tick=False)
def test_trends_of_an_empty_period_say_so(desk: Client) -> None:
    page = desk.get(TRENDS).content.decode()

    assert "No incident was opened, resolved or open in this period. Choose other days" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"zone": "Mars"}, "Mars is no time zone. Write one such as Europe/Berlin or UTC."),
        ({"period": "days", "first": "2026-03-02"}, "Give the first and the last day."),
        ({"period": "days", "first": "2026-03-09", "last": "2026-03-02"}, "Swap them."),
        ({"period": "days", "first": "2020-03-09", "last": "2026-03-02"}, "more than three years"),
        ({"period": "days", "first": "0001-01-01", "last": "0001-01-07"}, "Choose days from 1980 to 2199."),
        ({"period": "days", "first": "9999-12-01", "last": "9999-12-31"}, "Choose days from 1980 to 2199."),
        ({"period": "fortnight"}, "is not one of the available choices"),
    ],
)
def test_wrong_choice_says_what_to_do_and_keeps_what_was_typed(
    desk: Client, asked: dict[str, str], said: str
) -> None:
    page = desk.get(TRENDS, asked)

    assert said in page.content.decode()
    assert "reading" not in page.context
    assert all(page.context["form"][name].value() == value for name, value in asked.items())


@time_machine.travel(LATER, tick=False)
def test_trends_download_as_csv(desk: Client) -> None:
    save([row()])

    answer = desk.get(TRENDS, {"period": "1w", "zone": "UTC", "csv": "1"})

    sheet = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="trends-2026-W10.csv"'
    assert (sheet[0]["name"], sheet[0]["value"]) == ("opened", "1")


@time_machine.travel(LATER, tick=False)
@pytest.mark.parametrize("count", [1, 3])
def test_trends_take_as_many_queries_for_one_incident_as_for_three(
    desk: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    save(row(team=Team.objects.create(name=f"Team {n}")) for n in range(count))

    with django_assert_num_queries(26):
        desk.get(TRENDS, {"period": "1w", "zone": "UTC"})


@time_machine.travel(LATER, tick=False)
def test_keeping_orders_the_report_on_post_only(desk: Client, manager: User) -> None:
    looked = desk.get(KEEP)
    answer = desk.post(KEEP, {"period": "1w", "zone": "Europe/Berlin"})

    report = Report.objects.get()
    assert looked["Location"] == TRENDS
    assert answer["Location"] == f"{REPORTS}{report.pk}/change/"
    assert (report.period.name, report.zone, report.requested_by) == ("2026-W10", "Europe/Berlin", manager)


# Kept reports


def test_kept_report_shows_numbers_chart_and_table(desk: Client, report: Report) -> None:
    save([row()])  # opened later: the report stays as it was

    page = desk.get(f"{REPORTS}{report.pk}/change/").content.decode()

    assert "the numbers stay as they were then" in page
    assert '<svg class="chart' in page
    assert "Show as table" in page
    table = re.sub(r">\s+<", "><", page)
    assert '<th scope="row">2026-W10</th><td>2</td><td>1</td><td>1</td>' in table


def test_report_that_is_not_made_yet_says_so_and_looks_again(desk: Client) -> None:
    waiting = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), Scope(), at=LATER)

    page = desk.get(f"{REPORTS}{waiting.pk}/change/").content.decode()
    sheet = desk.get(f"{REPORTS}{waiting.pk}/csv/")

    assert "The report is being made." in page
    assert '<meta http-equiv="refresh" content="3">' in page
    assert sheet.status_code == 404


def test_report_that_failed_says_where_to_look(desk: Client) -> None:
    failed = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), Scope(), at=LATER)
    Report.objects.update(tries=3)

    page = desk.get(f"{REPORTS}{failed.pk}/change/").content.decode()

    assert "This report could not be made." in page
    assert "http-equiv" not in page


@pytest.mark.parametrize("number", ["999999", "abc"])
def test_report_that_is_not_there_is_not_found(desk: Client, number: str) -> None:
    assert desk.get(f"{REPORTS}{number}/change/").status_code == 404


def test_report_is_never_changed_added_or_deleted_by_a_form(desk: Client, report: Report) -> None:
    answers = [
        desk.get(f"{REPORTS}add/"),
        desk.post(f"{REPORTS}add/", {"kind": "weekly"}),
        desk.post(f"{REPORTS}{report.pk}/delete/", {"post": "yes"}),
    ]
    desk.post(f"{REPORTS}{report.pk}/change/", {"zone": "Asia/Tokyo"})

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Report.objects.get().zone == "UTC"


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_reports_takes_as_many_queries_for_one_as_for_three(
    desk: Client, manager: User, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        team = Team.objects.create(name=f"Team {number}")
        schedule = Schedule.objects.create(name=f"Schedule {number}", since=MONDAY, team=team)
        lifecycle.order_slot(schedule, LATER.date(), at=LATER)
        Report.objects.update(requested_by=manager)

    with django_assert_num_queries(8):
        page = desk.get(REPORTS)

    assert page.context["cl"].result_count == count


def test_empty_list_of_reports_says_what_to_do(desk: Client) -> None:
    assert "No report yet." in desk.get(REPORTS).content.decode()


# Schedules


def schedule_form(**fields: object) -> dict[str, object]:
    return {
        "name": "For the board", "kind": "weekly", "weekday": "0", "day": "1", "hour": "7",
        "zone": "Europe/Berlin", "is_active": "on", **fields,
    }  # fmt: skip


def test_new_schedule_owes_nothing_for_the_time_before(desk: Client, manager: User) -> None:
    answer = desk.post(f"{SCHEDULES}add/", schedule_form(readers=[manager.pk]))

    schedule = Schedule.objects.get()
    assert answer.status_code == 302
    assert timezone.now() - schedule.since < timedelta(minutes=1)
    assert list(schedule.readers.all()) == [manager]
    assert lifecycle.due_slot(Schedule.objects.get(), at=timezone.now()) is None


def test_schedule_with_a_new_name_still_owes_what_it_owed(desk: Client) -> None:
    since = datetime(2026, 1, 1, tzinfo=LATER.tzinfo)
    schedule = Schedule.objects.create(name="Weekly", zone="Europe/Berlin", since=since)

    desk.post(f"{SCHEDULES}{schedule.pk}/change/", schedule_form(name="Weekly, renamed"))
    renamed = Schedule.objects.get()
    desk.post(f"{SCHEDULES}{schedule.pk}/change/", schedule_form(name="Weekly, renamed", hour="9"))
    moved = Schedule.objects.get()

    assert (renamed.name, renamed.since) == ("Weekly, renamed", since)
    assert moved.since > since


@pytest.mark.parametrize(
    ("field", "value"), [("zone", "Mars/Olympus"), ("day", "31"), ("hour", "24"), ("weekday", "7")]
)
def test_schedule_that_cannot_be_is_refused(desk: Client, field: str, value: str) -> None:
    page = desk.post(f"{SCHEDULES}add/", schedule_form(**{field: value}))

    assert field in page.context["adminform"].form.errors
    assert Schedule.objects.count() == 0


def test_make_it_now_orders_the_latest_slot_once(desk: Client) -> None:
    schedule = Schedule.objects.create(name="Weekly", since=timezone.now())

    looked = desk.get(f"{SCHEDULES}{schedule.pk}/make/")
    first = desk.post(f"{SCHEDULES}{schedule.pk}/make/")
    again = desk.post(f"{SCHEDULES}{schedule.pk}/make/")

    report = Report.objects.get()
    assert looked["Location"] == f"{SCHEDULES}{schedule.pk}/change/"
    assert first["Location"] == again["Location"] == f"{REPORTS}{report.pk}/change/"
    assert (report.schedule, report.slot) == (schedule, schedule.latest_slot(timezone.now()))


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_schedules_takes_as_many_queries_for_one_as_for_three(
    desk: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for number in range(count):
        team = Team.objects.create(name=f"Team {number}")
        made = Schedule.objects.create(name=f"Schedule {number}", since=MONDAY, team=team)
        made.readers.add(RequesterFactory.create())

    with django_assert_num_queries(8):
        page = desk.get(SCHEDULES)

    assert page.context["cl"].result_count == count
