from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import ResolutionCode, Via
from incidents.models import Category, Incident, Service
from incidents.policies import Actor
from reports.content.compose import compose
from reports.content.measures import Content
from reports.metrics.scope import Scope
from reports.periods import iso_week, month, span
from tests.factories import NOON, agent_actor, make_incident
from tests.reports.rows import MONDAY, WEEK, after, row, save

ZONE = ZoneInfo("UTC")
WEEK_10 = iso_week("2026-W10", ZONE)
LATER = WEEK_10.end + timedelta(days=30)
#: Whatever the number of incidents, teams, categories and weeks.
QUERIES = 15


def measure(content: Content, name: str) -> Content:
    return next(line for line in content["measures"] if line["name"] == name)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [10, 300])
def test_report_takes_as_many_queries_for_ten_incidents_as_for_hundreds(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    categories = [Category.objects.create(name=f"Category {n}") for n in range(count // 10)]
    save(
        row(category=categories[n % len(categories)], resolved_at=after(n), priority=1 + n % 4)
        for n in range(count)
    )

    save(row(opened_at=MONDAY - WEEK * n) for n in range(14))

    with django_assert_num_queries(QUERIES):
        content = compose(WEEK_10, Scope(), at=LATER)

    assert measure(content, "opened")["now"] == count + 1
    assert measure(content, "opened")["verdict"] != "no_past"


@pytest.mark.django_db
def test_week_is_counted_as_it_was_worked(alice: User, vpn: Service) -> None:
    actor = agent_actor(alice)
    for number in range(4):
        case = make_incident(at=NOON, service=vpn)
        if number < 3:
            workflow.acknowledge(case, actor=actor, at=NOON + timedelta(minutes=10))
            done = NOON + timedelta(hours=number + 1)
            workflow.resolve(case, actor=actor, at=done, code=ResolutionCode.FIXED, text="Done.")
    make_incident(at=NOON - WEEK, service=vpn)

    content = compose(WEEK_10, Scope(), at=LATER)

    opened, left = measure(content, "opened"), measure(content, "backlog_unresolved")
    waited, answered = measure(content, "waited_to_resolve"), measure(content, "waited_to_acknowledge")
    assert (opened["now"], opened["before"]) == (4, 1)
    assert (left["now"], left["before"]) == (2, 1)
    assert (waited["n"], waited["waiting"], waited["now"], waited["p90"]) == (4, 1, 120, None)
    assert (answered["n"], answered["waiting"], answered["now"]) == (4, 1, 10)
    assert measure(content, "reopened_share")["now"] == 0
    (listed,) = content["services"]
    assert (listed["name"], listed["now"], listed["before"], listed["verdict"]) == ("VPN", 4, 1, "no_past")
    assert [slot["opened"] for slot in content["slots"]] == [*([0] * 11), 1, 4]


@pytest.mark.django_db
def test_desk_of_fewer_than_four_weeks_has_nothing_to_compare_with() -> None:
    save(row(opened_at=MONDAY + timedelta(hours=n)) for n in range(60))
    save(row(opened_at=MONDAY - WEEK * 4 + timedelta(hours=8 * n + 1)) for n in range(84))

    fresh = compose(WEEK_10, Scope(), at=LATER)
    save([row(opened_at=MONDAY - WEEK * 4)])
    settled = compose(WEEK_10, Scope(), at=LATER)

    assert {line["verdict"] for line in fresh["measures"]} == {"no_past"}
    assert (fresh["compared"], fresh["usual"]["first"]) == (0, None)
    assert measure(settled, "opened")["verdict"] == "worse"
    assert measure(settled, "opened")["usual"] == pytest.approx(21, abs=0.3)
    assert (settled["usual"]["first"], settled["usual"]["last"]) == ("2026-02-02", "2026-03-01")


@pytest.mark.django_db
def test_scope_leaves_out_other_teams(vpn: Service) -> None:
    save([row(service=vpn, team=vpn.team), row()])

    assert measure(compose(WEEK_10, Scope(), at=LATER), "opened")["now"] == 2
    assert measure(compose(WEEK_10, Scope(team=vpn.team), at=LATER), "opened")["now"] == 1
    assert measure(compose(WEEK_10, Scope(service=vpn), at=LATER), "opened")["now"] == 1


@pytest.mark.django_db
def test_made_later_or_at_once_the_week_has_the_same_numbers_of_waiting() -> None:
    """What was resolved after the week was still waiting at its end."""
    save([row(resolved_at=after(60)), row(resolved_at=WEEK_10.end + timedelta(days=1))])

    content = compose(WEEK_10, Scope(), at=LATER)

    assert measure(content, "waited_to_resolve")["waiting"] == 1
    assert measure(content, "backlog_unresolved")["now"] == 1


@pytest.mark.django_db
def test_period_without_any_incident_has_no_numbers_and_no_verdicts() -> None:
    content = compose(WEEK_10, Scope(), at=LATER)

    assert [line["now"] for line in content["measures"]] == [0, 0, None, None, None, None, None, None]
    assert {line["verdict"] for line in content["measures"]} <= {"too_few", "no_past"}
    assert (content["services"], content["categories"], content["priorities"]) == ([], [], [])


@pytest.mark.django_db
def test_charts_run_up_to_a_week_or_month_and_divide_a_span() -> None:
    quarter = span(WEEK_10.first - WEEK * 12, WEEK_10.after, ZONE)
    year = span(month("2025-04", ZONE).first, month("2026-03", ZONE).after, ZONE)

    names = [
        [slot["name"] for slot in compose(period, Scope(), at=LATER)["slots"]]
        for period in (WEEK_10, month("2026-03", ZONE), quarter, year)
    ]

    assert (len(names[0]), names[0][0], names[0][-1]) == (13, "2025-W50", "2026-W10")
    assert (len(names[1]), names[1][0], names[1][-1]) == (13, "2025-03", "2026-03")
    assert names[2] == names[0]
    assert (len(names[3]), names[3][0], names[3][-1]) == (12, "2025-04", "2026-03")


@pytest.mark.django_db
def test_content_names_no_incident_and_no_person(alice: User) -> None:
    case = make_incident(at=NOON, title="Payroll of the board leaked", is_confidential=True)
    workflow.assign(case, actor=Actor(None, Via.SYSTEM), at=NOON, team=None, assignee=alice)

    content = compose(WEEK_10, Scope(with_confidential=True), at=LATER)

    text = str(content)
    assert measure(content, "opened")["now"] == Incident.objects.count() == 1
    assert "leaked" not in text
    assert "Alice" not in text
    assert case.number not in text
