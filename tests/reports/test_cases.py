"""Small histories on which a report is easily wrong, each with what is right, through the whole report."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.enums import Metric
from incidents.models import Calendar, Clock, Incident
from reports.content.compose import compose
from reports.documents.reading import Reading
from reports.metrics.scope import Scope
from reports.periods import Period, month, span
from tests.reports.rows import MONDAY, WEEK, row, save
from tests.reports.test_content import LATER, WEEK_10, measure

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def spread_over(first: datetime, length: timedelta, count: int, **facts: Any) -> list[Incident]:
    return [row(opened_at=first + length * n / count, **facts) for n in range(count)]


def weeks_before(counts: Sequence[int]) -> list[Incident]:
    """So many in each of the weeks before week 10, the last one last; resolved in an hour."""
    begun = [(MONDAY - WEEK * (len(counts) - i), count) for i, count in enumerate(counts)]
    return [
        case
        for first, count in begun
        for n in range(count)
        for opened_at in [first + WEEK * n / count]
        for case in [row(opened_at=opened_at, resolved_at=opened_at + HOUR)]
    ]


def headline(period: Period, at: datetime = LATER) -> str:
    return Reading(compose(period, Scope(), at=at)).headline


def test_week_of_four_times_the_usual_is_real_though_a_storm_lies_behind() -> None:
    save(weeks_before([14] * 5 + [90] + [14] * 6))
    save(spread_over(MONDAY, WEEK, 56))

    content = compose(WEEK_10, Scope(), at=LATER)

    opened = measure(content, "opened")
    assert (opened["verdict"], opened["now"], round(opened["usual"])) == ("worse", 56, 14)
    assert "Incidents opened +293\u00a0%, 56 instead of 14" in Reading(content).headline


def office_week(first: datetime, days: int = 7) -> list[Incident]:
    return [
        row(opened_at=first + DAY * day + timedelta(hours=8, minutes=n))
        for day in range(days)
        for n in range(10 if day < 5 else 2)
    ]


def test_five_workdays_are_compared_with_five_workdays() -> None:
    for week in range(1, 13):
        save(office_week(MONDAY - WEEK * week))
    save(office_week(MONDAY, days=5))

    content = compose(WEEK_10, Scope(), at=MONDAY + DAY * 5)

    opened = measure(content, "opened")
    assert (opened["verdict"], opened["now"], opened["before"]) == ("normal", 50, 50)
    assert opened["usual"] == pytest.approx(50, abs=0.3)
    assert Reading(content).tiles[0].change == "no change"


def test_part_of_a_day_is_compared_with_the_same_hours() -> None:
    for week in range(1, 13):
        save(office_week(MONDAY - WEEK * week))
    save(office_week(MONDAY, days=1))

    early, late = (
        measure(compose(WEEK_10, Scope(), at=MONDAY + timedelta(hours=hour)), "opened") for hour in (8, 12)
    )

    assert (early["now"], early["usual"]) == (0, pytest.approx(0, abs=0.1))
    assert (late["now"], late["before"], late["usual"]) == (10, 10, pytest.approx(10, abs=0.3))


def test_verdict_and_percentage_of_a_month_that_is_not_over_have_one_sign() -> None:
    """The first days of this March hold more workdays than those of the February before."""
    for week in range(14):
        save(office_week(MONDAY - WEEK * (week + 1)))
    save(office_week(MONDAY, days=7))

    opened = measure(compose(month("2026-03", ZoneInfo("UTC")), Scope(), at=MONDAY + DAY * 7), "opened")

    # Sunday the 1st and a whole week.
    assert (opened["now"], opened["usual"]) == (56, pytest.approx(56, abs=0.5))
    assert (opened["verdict"], round(opened["amount"], 2)) == ("normal", 0)


def test_nothing_to_compare_with_is_said_in_the_headline() -> None:
    save(spread_over(MONDAY, WEEK, 50))

    assert headline(WEEK_10).startswith("Nothing could be compared. Records do not reach back far enough")


def test_backlog_that_grows_by_nine_each_week_is_growing() -> None:
    """40 come a week and 31 are resolved: no week of that alone would be told."""
    open_before = 5
    for week in range(4, -1, -1):
        first = MONDAY - WEEK * week
        cases = spread_over(first, WEEK, 40)
        save(cases[:9])
        save(row(opened_at=case.opened_at, resolved_at=case.opened_at + HOUR) for case in cases[9:])
    save(row(opened_at=MONDAY - WEEK * 9) for _ in range(open_before))

    content = compose(WEEK_10, Scope(), at=LATER)

    left = measure(content, "backlog_unresolved")
    tile = Reading(content).tiles[1]
    assert (left["now"], left["before"], left["trend"][-3:]) == (50, 41, [32, 41, 50])
    assert (left["verdict"], tile.verdict_text) == ("worse", "Growing, a real change")
    assert "Open at the end" in Reading(content).headline


def test_backlog_of_a_thursday_is_compared_with_thursdays() -> None:
    """What comes in on workdays is done on Fridays: a Thursday's backlog is no growth."""
    for week in range(13):
        first = MONDAY - WEEK * week
        save(
            row(opened_at=first + DAY * day + HOUR * n, resolved_at=first + DAY * 4 + HOUR * 20)
            for day in range(4)
            for n in range(12)
        )

    content = compose(WEEK_10, Scope(), at=MONDAY + DAY * 4)

    left = measure(content, "backlog_unresolved")
    assert (left["now"], left["verdict"], round(left["usual"])) == (48, "normal", 48)


def test_empty_week_of_a_busy_desk_is_told() -> None:
    save(weeks_before([30] * 12))

    assert "Incidents opened −100\u00a0%, 0 instead of 30" in headline(WEEK_10)


def test_days_that_are_a_week_are_drawn_like_one() -> None:
    save(weeks_before([5] * 12))
    days = span(WEEK_10.first, WEEK_10.after, WEEK_10.zone)

    content = compose(days, Scope(), at=LATER)

    assert content["slots"][-1]["name"] == "2026-W10"
    assert Reading(content).labels[-1] == "W10"


def test_span_is_compared_with_a_year_before_it_by_parts_of_four_weeks() -> None:
    save(weeks_before([5] * 66))
    quarter = span(MONDAY.date() - WEEK * 12, WEEK_10.after, WEEK_10.zone)
    save(spread_over(MONDAY, WEEK, 5))

    content = compose(quarter, Scope(), at=LATER)

    opened = measure(content, "opened")
    assert (opened["now"], opened["usual"], opened["verdict"]) == (65, pytest.approx(65, abs=1), "normal")
    assert (content["usual"]["first"], content["usual"]["last"]) == ("2024-12-09", "2025-12-07")


def test_clock_still_in_time_is_not_missed_because_the_week_is_not_over() -> None:
    due = [MONDAY + DAY, MONDAY + DAY * 4]
    for case, due_at in zip(save(row() for _ in due), due, strict=True):
        Clock.objects.create(
            incident=case, metric=Metric.RESOLVE, target_minutes=60, calendar=Calendar.objects.get(),
            started_at=MONDAY, due_at=due_at,
        )  # fmt: skip

    midweek, over = (
        measure(compose(WEEK_10, Scope(), at=at), "resolve_target_met") for at in (MONDAY + DAY * 2, LATER)
    )

    assert (midweek["part"], midweek["n"]) == (0, 1)
    assert (over["part"], over["n"]) == (0, 2)
