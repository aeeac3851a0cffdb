"""Calendars, targets and matrix rules: written as people write them, and not rewritten once in force."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.urls import reverse

from incidents.admin.week import WeekField
from incidents.models import Calendar, CalendarHours, PriorityRule, Target
from tests.incidents.admin.conftest import Entered

WEEK = {"mon": [["09:00", "12:00"], ["13:00", "17:00"]], "sat": [["00:00", "24:00"]]}


@pytest.fixture
def office(db: None) -> Calendar:
    calendar = Calendar.objects.create(name="Office", time_zone="Europe/Berlin")
    CalendarHours.objects.create(calendar=calendar, valid_from="2025-01-01", week=WEEK)
    return calendar


def hours_form(office: Calendar, *rows: dict[str, Any]) -> dict[str, Any]:
    kept = office.hours.count()
    form: dict[str, Any] = {
        "name": "Office",
        "time_zone": "Europe/Berlin",
        "hours-TOTAL_FORMS": len(rows),
        "hours-INITIAL_FORMS": kept,
        "closed_days-TOTAL_FORMS": 0,
        "closed_days-INITIAL_FORMS": 0,
    }
    for index, row in enumerate(rows):
        form |= {f"hours-{index}-{name}": value for name, value in row.items()}
    return form


def as_kept(office: Calendar) -> dict[str, Any]:
    row = office.hours.get()
    text = WeekField().prepare_value(row.week)
    return {"id": row.pk, "calendar": office.pk, "valid_from": "2025-01-01", "week": text}


def test_week_is_read_as_people_write_it() -> None:
    week = WeekField().clean("Mon 9:00-12:00, 13:00–17:00\n\nsaturday: 00:00-24:00")

    assert week == WEEK


def test_week_comes_back_as_it_was_written() -> None:
    text = WeekField().prepare_value(WEEK)

    assert text == "mon 09:00-12:00, 13:00-17:00\nsat 00:00-24:00"
    assert WeekField().clean(text) == WEEK


@pytest.mark.parametrize(
    "line", ["someday 09:00-17:00", "mon 09:00", "mon 17:00-09:00", "mon 09:00-12:00, 11:00-13:00"]
)
def test_week_refuses_what_makes_no_sense(line: str) -> None:
    with pytest.raises(ValidationError):
        WeekField().clean(line)


def test_hours_in_force_are_not_rewritten(administrator: User, office: Calendar, entered: Entered) -> None:
    changed = {**as_kept(office), "week": "mon 10:00-11:00"}

    page = entered(administrator).post(
        reverse("admin:incidents_calendar_change", args=[office.pk]), hours_form(office, changed)
    )

    assert "add a row with a later day" in page.content.decode()
    assert "mon 10:00-11:00" in page.content.decode()
    assert office.hours.get().week == WEEK


def test_hours_in_force_are_not_removed(administrator: User, office: Calendar, entered: Entered) -> None:
    page = entered(administrator).post(
        reverse("admin:incidents_calendar_change", args=[office.pk]),
        hours_form(office, {**as_kept(office), "DELETE": "on"}),
    )

    assert page.status_code == 200
    assert office.hours.count() == 1


def test_newer_hours_follow_the_old_ones(administrator: User, office: Calendar, entered: Entered) -> None:
    newer = {"id": "", "calendar": office.pk, "valid_from": "2999-01-01", "week": "tue 08:00-16:00"}

    answer = entered(administrator).post(
        reverse("admin:incidents_calendar_change", args=[office.pk]),
        hours_form(office, as_kept(office), newer),
    )

    assert answer.status_code == 302
    assert [row.week for row in office.hours.order_by("valid_from")] == [WEEK, {"tue": [["08:00", "16:00"]]}]


def test_calendar_refuses_an_unknown_zone(administrator: User, office: Calendar, entered: Entered) -> None:
    form = {**hours_form(office, as_kept(office)), "time_zone": "Europe/Atlantis"}

    page = entered(administrator).post(reverse("admin:incidents_calendar_change", args=[office.pk]), form)

    assert "Europe/Atlantis is no time zone. Write one such as" in page.content.decode()


@time_machine.travel("2026-03-02T12:00:00Z", tick=False)
def test_target_in_force_can_only_be_ended(administrator: User, office: Calendar, entered: Entered) -> None:
    target = Target.objects.create(metric="resolve", minutes=60, calendar=office, valid_from="2026-01-01")

    entered(administrator).post(
        reverse("admin:incidents_target_change", args=[target.pk]),
        {"minutes": 5, "valid_until": "2026-03-31"},
    )

    target.refresh_from_db()
    assert (target.minutes, target.valid_until) == (60, date(2026, 3, 31))


@time_machine.travel("2026-03-02T12:00:00Z", tick=False)
def test_target_is_not_ended_in_the_past(administrator: User, office: Calendar, entered: Entered) -> None:
    target = Target.objects.create(metric="resolve", minutes=60, calendar=office, valid_from="2026-01-01")

    page = entered(administrator).post(
        reverse("admin:incidents_target_change", args=[target.pk]), {"valid_until": "2026-02-01"}
    )

    assert "End it today or later" in page.content.decode()


def test_matrix_rule_in_force_is_read_only(administrator: User, entered: Entered, db: None) -> None:
    rule = PriorityRule.objects.get(impact=1, urgency=1)

    answer = entered(administrator).post(
        reverse("admin:incidents_priorityrule_change", args=[rule.pk]),
        {"impact": 1, "urgency": 1, "priority": 5, "valid_from": "2000-01-01"},
    )

    rule.refresh_from_db()
    assert answer.status_code == 403
    assert rule.priority == 1


def test_matrix_rule_is_added_with_the_day_it_begins(administrator: User, entered: Entered, db: None) -> None:
    answer = entered(administrator).post(
        reverse("admin:incidents_priorityrule_add"),
        {"impact": 1, "urgency": 1, "priority": 2, "valid_from": "2999-01-01"},
    )

    assert answer.status_code == 302
    assert PriorityRule.objects.filter(impact=1, urgency=1).count() == 2


def test_history_says_who_changed_what(administrator: User, office: Calendar, entered: Entered) -> None:
    client = entered(administrator)
    form = {**hours_form(office, as_kept(office)), "name": "Head office"}
    client.post(reverse("admin:incidents_calendar_change", args=[office.pk]), form)

    page = client.get(reverse("admin:incidents_calendar_history", args=[office.pk])).content.decode()

    assert "Ada Min" in page
    assert "<del>Office</del> → <ins>Head office</ins>" in page
