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


def test_numbers_follow_the_readers_language() -> None:
    with translation.override("de"):
        assert (words.whole(14209), words.percent(0.367)) == ("14.209", "36,7\u00a0%")
    with translation.override("en"):
        assert (words.whole(14209), words.percent(0.367)) == ("14,209", "36.7\u00a0%")
