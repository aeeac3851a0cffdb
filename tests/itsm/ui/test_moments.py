"""Date and time typed by people: also in the hour that comes twice in autumn. No database."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import ValidationError

from incidents.api.serializers.forms import MomentField
from itsm.ui.moments import Moment, readings

TWICE, LEFT_OUT, ONCE = "2026-10-25T02:30", "2026-03-29T02:30", "2026-10-26T02:30"


class Form(forms.Form):
    at = Moment()


@pytest.fixture(autouse=True)
def berlin() -> Iterator[None]:
    with timezone.override("Europe/Berlin"):
        yield


def typed(text: str, offset: str = "") -> Form:
    return Form({"at": text, "at_offset": offset})


def utc(day: int, hour: int, minute: int = 30) -> datetime:
    return datetime(2026, 10, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "offset", "at"),
    [
        (ONCE, "", utc(26, 1)),
        (TWICE, "+02:00", utc(25, 0)),
        (TWICE, "+01:00", utc(25, 1)),
        (f"{TWICE}+01:00", "", utc(25, 1)),
        (f"{TWICE}Z", "", utc(25, 2)),
        (ONCE, "+02:00", utc(26, 1)),  # the day was changed after the choice
        ("", "+02:00", None),
    ],
)
def test_a_time_is_the_one_that_was_meant(text: str, offset: str, at: datetime | None) -> None:
    form = typed(text, offset)

    assert form.is_valid()
    assert form.cleaned_data["at"] == at


@pytest.mark.parametrize("offset", ["", "+05:00", "+01:00\n"])
def test_an_hour_that_comes_twice_asks_which_and_keeps_what_was_typed(offset: str) -> None:
    form = typed(TWICE, offset)

    (error,) = form.errors["at"]
    assert error.startswith("25 Oct 2026, 02:30 comes twice in Europe/Berlin: clocks go back. Choose")
    page = str(form["at"])
    assert f'value="{TWICE}"' in page
    assert '<option value="+02:00">the first, CEST (UTC+02:00)</option>' in page
    assert '<option value="+01:00">the second, CET (UTC+01:00)</option>' in page


def test_an_hour_that_is_left_out_says_so() -> None:
    form = typed(LEFT_OUT)

    (error,) = form.errors["at"]
    assert error.startswith("29 Mar 2026, 02:30 is left out in Europe/Berlin: clocks go forward over it.")
    assert "<select" not in str(form["at"])


@pytest.mark.parametrize(("hour", "chosen"), [(0, "+02:00"), (1, "+01:00")])
def test_a_form_that_shows_the_second_hour_gives_it_back(hour: int, chosen: str) -> None:
    page = str(Form(initial={"at": utc(25, hour)})["at"])

    assert f'value="{TWICE}"' in page
    assert f'<option value="{chosen}" selected>' in page
    assert page.count(" selected") == 1
    assert f'<option value="{chosen}" selected>' in str(typed(TWICE, chosen)["at"])


def test_other_times_are_asked_for_nothing_more() -> None:
    assert "<select" not in str(Form(initial={"at": utc(26, 1)})["at"])
    assert "<select" not in str(Form()["at"])
    assert 'value="nonsense"' in str(typed("nonsense")["at"])
    assert typed("nonsense").errors["at"] == ["Enter a valid date/time."]


@pytest.mark.parametrize(
    ("zone", "naive", "count"),
    [
        ("Australia/Lord_Howe", datetime(2026, 4, 5, 1, 45), 2),  # noqa: DTZ001
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15), 0),  # noqa: DTZ001
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), 0),  # noqa: DTZ001
        ("UTC", datetime(2026, 10, 25, 2, 30), 1),  # noqa: DTZ001
    ],
)
def test_hours_are_counted_as_clocks_show_them(zone: str, naive: datetime, count: int) -> None:
    assert len(readings(naive, ZoneInfo(zone))) == count


@pytest.mark.django_db
def test_every_time_that_the_admin_lets_people_type_is_of_this_field(
    rf: RequestFactory, admin_user: User
) -> None:
    request: Any = rf.get("/")
    request.user = admin_user
    fields = {
        f"{model._meta.label}.{name}": field
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_add_permission(request)
        for name, field in model_admin.get_form(request).base_fields.items()
        if isinstance(field, forms.DateTimeField | forms.SplitDateTimeField)
    }

    assert {name for name, field in fields.items() if not isinstance(field, Moment)} == set()
    assert "incidents.MaintenanceWindow.starts_at" in fields


def test_the_rest_interface_asks_for_the_offset() -> None:
    assert MomentField().run_validation(f"{TWICE}:00+01:00") == utc(25, 1)
    with pytest.raises(ValidationError, match="This time has no offset"):
        MomentField().run_validation(f"{TWICE}:00")
