"""Titles and names show what they are, whatever they come through."""

import unicodedata

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.lines import Line, one_line
from incidents.models import Location, Profile, Source, Target, Team
from incidents.models.sla import LONGEST_TARGET, Calendar
from incidents.zones import ZoneField

OURS = ("incidents", "notifications", "reports")
NAMES = ("name", "title", "reason")
#: Written by one function each, which cleans them by the same rule.
CLEANED_BY = {
    "incidents.Incident.title": "workflow: open_incident, edit",
    "incidents.Alert.title": "ingest.placing",
    "incidents.Attachment.name": "workflow.attaching.clean_name",
    "incidents.StagedFile.name": "workflow.attaching.clean_name",
    "notifications.Enclosure.name": "our own files",
    "notifications.Worker.name": "our own words",
    "notifications.OptOut.reason": "a choice",
    "notifications.Delivery.reason": "a choice",
    "notifications.InboundMail.reason": "our own words",
    "notifications.ChannelPause.reason": "our own words",
}


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Printer \t on\r\nfire ", "Printer on fire"),
        ("in\u200bvis\u00adi\ufeffble", "invisible"),
        ("\u202egnp.exe\u202c report", "gnp.exe report"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("a\x00b\x1b[31m\x7fc\x85d", "a b [31m c d"),
        ("\u115f\u3164\uffa0\u2800", ""),
        ("\u200b\u2060\u00a0\u3000", ""),
        ("\u0301\u0308", ""),
        ("\U000e0041\ufff9\ufdd0\ue000x", "x"),
        ("\ud800x", "x"),
        ("e\u200b\u0301", "\u00e9"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d💻 ❤\ufe0f 1\ufe0f\u20e3"),
        ("pass\u200dword\ufe0f \u200cx", "password x"),
        ("می\u200c", "می"),
    ],
)
def test_a_line_holds_what_is_seen(typed: str, shown: str) -> None:
    assert one_line(typed) == shown


@given(st.text(max_size=40))
@example("e\u200b\u0301")
def test_a_line_is_clean_whatever_it_was_made_of(words: str) -> None:
    line = one_line(words)

    assert one_line(line) == line
    assert line == line.strip()
    assert not {unicodedata.category(char) for char in line} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert {char for char in line if unicodedata.category(char) == "Cf"} <= {"\u200c", "\u200d"}
    assert not line or any(unicodedata.category(char)[0] in "LNPS" for char in line)


def test_every_name_and_title_is_a_line_or_cleaned_by_one_function() -> None:
    other = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model.__name__.startswith("Historical")
        for field in model._meta.concrete_fields
        if field.name in NAMES and isinstance(field, models.CharField) and not isinstance(field, Line)
    }

    assert other == set(CLEANED_BY)


def test_every_time_zone_is_checked_by_its_model() -> None:
    zones = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS and not model.__name__.startswith("Historical")
        for field in model._meta.concrete_fields
        if "zone" in field.name and not isinstance(field, ZoneField)
    }

    assert zones == {"reports.Report.zone"}  # a copy of what its schedule or reader had


@pytest.mark.parametrize("row", [Location(name="a"), Calendar(name="a"), Profile(), Source(name="a")])
@pytest.mark.parametrize("zone", ["Mars/Olympus", "../UTC", "europe/berlin"])
def test_a_zone_that_nobody_knows_is_refused_with_what_to_write(row: models.Model, zone: str) -> None:
    row.time_zone = zone  # type: ignore[attr-defined]

    with pytest.raises(ValidationError) as refused:
        row.clean_fields()

    assert refused.value.message_dict["time_zone"] == [
        f"{zone} is no time zone. Write one such as Europe/Berlin or UTC."
    ]


def test_a_target_has_an_end() -> None:
    Target(minutes=LONGEST_TARGET).clean()

    with pytest.raises(ValidationError, match="at most 527040 minutes"):
        Target(minutes=LONGEST_TARGET + 1).clean()


@pytest.mark.django_db
def test_names_are_cleaned_whichever_way_they_are_written() -> None:
    saved = Team.objects.create(name="Net\u200bwork\u202e")
    Team.objects.bulk_create([Team(name=" Server\u2066s ")])
    Team.objects.filter(pk=saved.pk).update(name="Net\u00adworks")

    assert set(Team.objects.values_list("name", flat=True)) == {"Networks", "Servers"}
    assert saved.name == "Network"


def test_a_name_of_which_nothing_is_seen_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValidationError) as refused:
        Team(name="\u3164\u200b").clean_fields()

    assert refused.value.message_dict == {"name": ["Nothing of this can be seen. Write it in letters."]}
