"""A smaller run of `python -m tests.benchmarks.findings`, with bounds that hold by a wide margin."""

import pytest

from reports.periods import Period
from reports.trends.chances import REPORT_RATE
from tests.benchmarks.steady_desk import MONTH, OFFICE, WEEK, Desk, growth_told, tally, week_found

#: Reports a case. At the stated rate more than so many of them would name a change once in a thousand runs.
RUNS, MOST = 24, 5


@pytest.mark.parametrize(
    ("rate", "period", "unfinished"),
    [(20, WEEK, False), (20, WEEK, True), (20, MONTH, True), (2, WEEK, True), (0.3, MONTH, False)],
)
def test_reports_of_a_desk_where_nothing_changes_seldom_name_a_change(
    rate: float, period: Period, *, unfinished: bool
) -> None:
    seen = tally(Desk(rate, 2, OFFICE), period, runs=RUNS, unfinished=unfinished)

    assert REPORT_RATE == 0.05
    assert seen.named <= MOST


def test_week_of_half_as_many_again_is_found_nine_times_in_ten() -> None:
    assert week_found(Desk(20), 1.5, runs=60) >= 54


def test_growth_of_five_percent_a_week_is_told_within_eight_weeks() -> None:
    assert growth_told(Desk(20, weekdays=OFFICE), 0.05, 8, runs=20) >= 19
