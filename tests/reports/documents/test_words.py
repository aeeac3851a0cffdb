from typing import Any

import pytest
from django.utils import translation

from reports.documents import words


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0 min"),
        (59.4, "59 min"),
        (60, "1 h 00 min"),
        (370, "6 h 10 min"),
        (1440, "1 d 0 h"),
        (22_893, "15 d 21 h"),
    ],
)
def test_duration_has_the_two_largest_units(minutes: float, text: str) -> None:
    assert words.duration(minutes) == text


def test_percentile_that_was_not_reached_says_what_is_known() -> None:
    assert words.waited(None, 9420) == "over 6 d 13 h"
    assert words.waited(None, None) == "–"


def measure(**facts: Any) -> dict[str, Any]:
    return {"unit": "incidents", "now": 104, "before": 100, "n": 104, **facts}


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, "+4\u00a0%"),
        ({"now": 82}, "−18\u00a0%"),
        ({"now": 100}, "no change"),
        ({"before": 0}, "none before"),
        ({"unit": "share", "now": 0.058, "before": 0.037}, "+2.1\u00a0points"),
        ({"unit": "minutes", "now": None}, "–"),
    ],
)
def test_change_is_in_percent_and_of_shares_in_points(facts: dict[str, Any], text: str) -> None:
    assert words.change(measure(**facts)) == text


def test_numbers_follow_the_readers_language() -> None:
    with translation.override("de"):
        assert (words.whole(14209), words.percent(0.367)) == ("14.209", "36,7\u00a0%")
    with translation.override("en"):
        assert (words.whole(14209), words.percent(0.367)) == ("14,209", "36.7\u00a0%")


@pytest.mark.parametrize(
    ("verdicts", "text"),
    [
        (["normal", "too_few"], "Nothing really changed: all is within normal variation."),
        (
            ["worse", "worse", "better", "normal"],
            "2 things got worse, 1 thing got better; the rest is within normal variation.",
        ),
    ],
)
def test_headline_counts_what_really_changed(verdicts: list[str], text: str) -> None:
    assert words.headline(verdicts) == text


@pytest.mark.parametrize(
    ("verdict", "p", "part"),
    [
        ("worse", 0.0025, "about 1 of 400"),
        ("worse", 0.0000001, "fewer than 1 of 1,000"),
        ("normal", 0.8, "more than every other"),
        ("too_few", None, "no difference would show"),
        ("no_past", None, "first incident on record"),
    ],
)
def test_chance_is_said_in_words(verdict: str, p: float | None, part: str) -> None:
    assert part in words.chance(verdict, p)
