from typing import Any

import pytest

from reports.documents import findings
from reports.documents.findings import Line


def line(**facts: Any) -> Line:
    """One measure of a report, as much as usual."""
    return {
        "name": "opened", "label": "Incidents opened", "unit": "incidents", "now": 140, "before": 138,
        "n": 140, "verdict": "normal", "p": 0.9, "usual": 140.0, "usual_low": 105, "usual_high": 178,
        "amount": 0.0, "drift": None, **facts,
    }  # fmt: skip


def old(**facts: Any) -> Line:
    """One of a report that knew the period before only."""
    return {
        "name": "opened", "label": "Incidents opened", "unit": "incidents", "now": 104, "before": 100,
        "n": 104, "verdict": "normal", "p": 0.8, **facts,
    }  # fmt: skip


WAITED = line(
    name="waited_to_resolve", label="Time to resolve", unit="minutes", usual=30,
    usual_low=None, usual_high=None, ended=40, ended_usual=55.0, ended_low=41, ended_high=70, amount=-0.27,
)  # fmt: skip
REST = "The rest is within normal variation."
NOTHING = "Nothing really changed: all that could be compared is within normal variation."
TOO_YOUNG = "Records do not reach back far enough: at least four periods before this one are needed."
FOURFOLD = "Incidents opened +300\u00a0%, 560 instead of 140"
MISSING = line(verdict="no_past", p=None, usual=None, usual_low=None, usual_high=None, amount=None)


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (line(), "no change"),
        (line(now=560, amount=3.0), "+300\u00a0%"),
        (line(now=100, amount=-0.286), "−29\u00a0%"),
        (line(now=2000, amount=13.3), "14 times the usual"),
        (line(now=9, usual=0.2, amount=44.0), "usually none"),
        (line(drift=0.046, by="week"), "+4.6\u00a0% a week"),
        (line(drift=-0.046, by="month"), "−4.6\u00a0% a month"),
        (line(unit="share", amount=-0.089), "−8.9\u00a0points"),
        (WAITED, "27\u00a0% slower"),
        ({**WAITED, "amount": 0.5}, "50\u00a0% faster"),
        ({**WAITED, "amount": 0.001}, "usual pace"),
        (MISSING, "–"),
        (old(), "+4\u00a0%"),
        (old(now=100), "no change"),
        (old(before=0), "none before"),
        (old(unit="share", now=0.058, before=0.037), "+2.1\u00a0points"),
        (old(unit="minutes", now=None), "–"),
    ],
)
def test_change_says_by_how_much(measure: Line, text: str) -> None:
    assert findings.change(measure) == text


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (line(), "usual: 140 (105 to 178)"),
        (
            line(unit="share", usual=0.2, usual_low=0.11, usual_high=0.3),
            "usual: 20.0\u00a0% (11.0\u00a0% to 30.0\u00a0%)",
        ),
        (WAITED, "usual: 30 min; 40 ended, usual in this time: 41 to 70"),
        (MISSING, ""),
        (old(), ""),
    ],
)
def test_usual_comes_with_its_band(measure: Line, text: str) -> None:
    assert findings.usual(measure) == text


@pytest.mark.parametrize(
    ("measures", "text"),
    [
        ([line(), line()], "Nothing really changed: all is within normal variation."),
        (
            [line(), MISSING],
            f"{NOTHING} 1 number could not be compared.",
        ),
        (
            [MISSING, MISSING],
            f"Nothing could be compared. {TOO_YOUNG}",
        ),
        (
            [{**MISSING, "verdict": "too_few"}],
            "Nothing could be compared. There are too few cases to tell a change from chance.",
        ),
        (
            [
                line(verdict="worse", now=560, amount=3.0),
                {**WAITED, "verdict": "better", "amount": 0.5},
                line(),
            ],
            f"Worse: {FOURFOLD}. Better: Time to resolve 50\u00a0% faster. {REST}",
        ),
        ([line(verdict="worse", drift=0.046)], "Worse: Incidents opened +4.6\u00a0% a week."),
        (
            [line(verdict="worse", now=210, amount=0.5), MISSING, MISSING],
            "Worse: Incidents opened +50\u00a0%, 210 instead of 140. 2 numbers could not be compared.",
        ),
        (
            [old(verdict="better", now=60), old()],
            f"Better: Incidents opened −40\u00a0%, 60 instead of 100. {REST}",
        ),
    ],
)
def test_headline_names_each_change_with_its_amount(measures: list[Line], text: str) -> None:
    assert findings.headline(measures) == text


@pytest.mark.parametrize(
    ("facts", "part"),
    [
        ({"p": 0.0025}, "about 1 of 400"),
        ({"p": 0.0000001}, "fewer than 1 of 1,000"),
        ({"p": 0.8}, "more than every other"),
        ({"p": None, "verdict": "too_few"}, "no difference would show"),
        ({"p": None, "verdict": "no_past"}, "Records do not reach back"),
    ],
)
def test_chance_is_said_in_words(facts: dict[str, Any], part: str) -> None:
    assert part in findings.chance(line(**facts))


def test_backlog_grows_or_shrinks() -> None:
    assert findings.verdict("worse", "backlog_unresolved") == "Growing, a real change"
    assert findings.verdict("better", "backlog_unresolved") == "Shrinking, a real change"
    assert findings.verdict("normal", "backlog_unresolved") == "Within normal variation"
    assert findings.verdict("worse", "opened") == "Real change, worse"


def test_rate_of_false_findings_is_stated_as_it_was_when_the_report_was_made() -> None:
    assert "fewer than 1 of 100 comparable periods." in findings.rate({})
    stated = findings.rate({"rate": 0.05, "alpha": 0.05 / 11})
    assert "fewer than 1 of 220 comparable periods" in stated
    assert "at most 5.0\u00a0% of the reports on a desk where nothing changes" in stated
