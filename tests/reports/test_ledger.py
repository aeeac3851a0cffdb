from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from reports import lifecycle
from reports.ledger import breaches
from reports.metrics.scope import Scope
from reports.models import Report
from reports.periods import iso_week
from tests.reports.rows import MONDAY, WEEK

DUE = MONDAY + WEEK + timedelta(hours=7)


@pytest.fixture
def ordered(db: None) -> Report:
    return lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), Scope(), at=DUE)


def test_report_in_the_making_is_in_order(ordered: Report) -> None:
    assert list(breaches(DUE + timedelta(minutes=10))) == []


def test_report_nobody_made_is_a_breach(ordered: Report) -> None:
    (line,) = breaches(DUE + timedelta(hours=1))

    assert line == f"report {ordered.pk} (Weekly 2026-W10): not made by 2026-03-09 08:00"


def test_report_given_up_is_a_breach(ordered: Report) -> None:
    Report.objects.update(tries=3)

    (line,) = breaches(DUE + timedelta(hours=1))

    assert line.endswith("given up after 3 tries")


def test_report_nobody_was_told_of_is_a_breach_until_they_are(ordered: Report) -> None:
    lifecycle.make(ordered.pk, at=DUE)

    in_time = list(breaches(DUE + timedelta(minutes=4)))
    untold = list(breaches(DUE + timedelta(minutes=6)))
    lifecycle.told(ordered.pk, at=DUE + timedelta(minutes=7))
    told = list(breaches(DUE + timedelta(hours=1)))

    assert in_time == []
    assert untold == [f"report {ordered.pk} (Weekly 2026-W10): made, and its readers not told"]
    assert told == []
