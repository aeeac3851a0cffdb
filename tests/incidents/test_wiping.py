"""Words are found in every shape in which they are kept."""

from typing import Any

import pytest

from incidents.wiping import MARK, Words
from notifications.rendering.words import plain, prose

SAID = "Joe O'Hara <joe@home.org>, PIN 4711"


@pytest.mark.parametrize("write", [str, str.upper, plain, lambda text: text.replace(" ", "\n\t")])
def test_words_go_whatever_their_case_spaces_and_joiners(write: Any) -> None:
    assert Words(SAID).without(f"Dear {write(SAID)}!") == f"Dear {MARK}!"


def test_words_copied_from_a_mail_of_ours_are_the_same_words() -> None:
    assert Words(plain(SAID)).without(SAID) == MARK


@pytest.mark.parametrize("words", ["joe@home.org", "<joe@home.org>", "http://home.org/?a=1&b=2"])
def test_words_go_from_the_markup_of_our_mails(words: str) -> None:
    assert Words(words).without_in_html(prose(plain(f"It is {words} here"))) == f"<p>It is {MARK} here</p>"


def test_markup_goes_whole_where_they_stand_across_tags() -> None:
    assert Words(SAID).without_in_html("<p>Joe O&#x27;Hara &lt;joe@home.org&gt;,<br> PIN <b>4711</b>") == ""


def test_other_words_stay() -> None:
    assert Words("joe@home.org").without("joe@homesorg joes@home.org") == "joe@homesorg joes@home.org"


def test_data_of_others_loses_them_in_names_numbers_and_under_any_name() -> None:
    sent = {"impact": "PIN 4711", "pin": 4711, "4711": [{"state": 0.4711}], "on": True, "off": None, "n": 1}

    left = Words("4711").without_in(sent)

    expected = {
        "impact": f"PIN {MARK}",
        "pin": MARK,
        MARK: [{"state": MARK}],
        "on": True,
        "off": None,
        "n": 1,
    }
    assert left == expected
    assert Words("True").without_in(sent) == sent
    assert Words("None").without_in(sent) == sent


def test_data_of_ours_keeps_what_machines_read() -> None:
    kept = {"evidence": {"kind": "log file"}, "note": "a log file", "changes": {"title": ["log file", "x"]}}

    left = Words("log file").without_in_ours(kept)

    assert left["evidence"] == {"kind": "log file"}
    assert (left["note"], left["changes"]) == (f"a {MARK}", {"title": [MARK, "x"]})
