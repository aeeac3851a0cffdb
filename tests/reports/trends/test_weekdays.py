from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.periods import Period, day_start, month_of, past_of, so_far, week_of
from reports.trends.spread import spread
from reports.trends.weekdays import Weekdays

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = week_of(date(2026, 3, 2), ZoneInfo("UTC"))
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def openings(first: date, days: int, *, zone: ZoneInfo, hour: int = 9) -> np.ndarray:  # type: ignore[type-arg]
    """100 at that hour of each weekday, 15 of each day of a weekend."""
    found = []
    for n in range(days):
        day = first + timedelta(days=n)
        at = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
        found += [int(at.timestamp())] * (15 if day.weekday() > 4 else 100)
    return np.array(found)


def learned(period: Period, hour: int = 9) -> Weekdays:
    past = past_of(period, LONG_AGO)
    days = (period.first - past[0].first).days
    return Weekdays.of(openings(past[0].first, days, zone=period.zone, hour=hour), past)


def test_week_is_a_week_and_its_workdays_nearly_all_of_it() -> None:
    weekdays = learned(WEEK)
    friday = so_far(WEEK, WEEK.start + timedelta(days=5))

    assert weekdays.weeks(WEEK) == pytest.approx(1)
    assert weekdays.weeks(friday) == pytest.approx(500 / 530, abs=1e-3)


@pytest.mark.parametrize(("hour", "passed"), [(8, 0), (10, 1)])
def test_last_day_counts_by_its_usual_hours(hour: int, passed: int) -> None:
    tuesday = so_far(WEEK, WEEK.start + timedelta(days=1, hours=hour))

    assert learned(WEEK).weeks(tuesday) == pytest.approx((100 + passed * 100) / 530, abs=1e-3)


def test_hours_are_those_of_the_clock_on_the_wall() -> None:
    """Nine o'clock stays nine o'clock across the change to summer time."""
    week = week_of(date(2026, 3, 30), BERLIN)
    before, after = (so_far(week, datetime(2026, 3, 31, hour, 30, tzinfo=BERLIN)) for hour in (8, 9))

    weekdays = learned(week)

    assert weekdays.weeks(before) == pytest.approx(100 / 530, abs=1e-3)
    assert weekdays.weeks(after) == pytest.approx(200 / 530, abs=1e-3)


def test_months_are_as_long_as_their_weekdays_make_them() -> None:
    march, february = (month_of(date(2026, number, 1), ZoneInfo("UTC")) for number in (3, 2))
    weekdays = learned(march)

    # 22 workdays and 9 days of weekends, against 20 and 8.
    assert weekdays.weeks(march) == pytest.approx((2200 + 135) / 530, abs=1e-3)
    assert weekdays.weeks(february) == pytest.approx((2000 + 120) / 530, abs=1e-3)


def test_weekday_seldom_seen_is_doubtful() -> None:
    weekdays = learned(WEEK)
    monday, weekend = (
        so_far(WEEK, WEEK.start + timedelta(days=1)),
        Period("", date(2026, 3, 7), date(2026, 3, 9), WEEK.zone),
    )

    assert weekdays.doubt(WEEK) == pytest.approx(1 / (12 * 530), rel=0.01)
    assert weekdays.doubt(monday) == pytest.approx(1 / (12 * 100), rel=0.01)
    assert weekdays.doubt(weekend) == pytest.approx(1 / (12 * 30), rel=0.05)


def test_storm_on_one_weekday_does_not_make_it_a_busy_one() -> None:
    past = past_of(WEEK, LONG_AGO)
    storm = int(datetime(2026, 1, 7, 9, tzinfo=UTC).timestamp())
    times = np.sort(np.concatenate([openings(past[0].first, 84, zone=WEEK.zone), [storm] * 2000]))

    wednesday = Weekdays.of(times, past).shares[2]

    assert wednesday == pytest.approx(100 / 530, rel=0.03)


def test_weekday_never_seen_is_taken_to_be_like_the_others() -> None:
    days = [
        Period("", WEEK.first + timedelta(days=n), WEEK.first + timedelta(days=n + 1), WEEK.zone)
        for n in range(3)
    ]

    shares = Weekdays.of(openings(WEEK.first, 3, zone=WEEK.zone), days).shares

    assert list(shares) == pytest.approx([1 / 7] * 7)


def test_without_any_hours_the_day_passes_evenly() -> None:
    noon = so_far(WEEK, WEEK.start + timedelta(days=1, hours=12))

    weekdays = Weekdays.of(np.zeros(0, dtype=np.int64), past_of(WEEK, LONG_AGO))

    assert weekdays.weeks(noon) == pytest.approx(1.5 / 7)


def weekly(counts: dict[int, int], hour: int) -> list[int]:
    """So many openings at that hour of weekdays of the twelve weeks before."""
    first = WEEK.start - timedelta(weeks=12)
    return [
        int((first + timedelta(days=weekday + 7 * (n % 12), hours=hour)).timestamp())
        for weekday, count in counts.items()
        for n in range(count)
    ]


@pytest.mark.parametrize(("count", "passed"), [(19, 19 / 619), (20, 1)])
def test_weekday_goes_by_its_own_hours_from_twenty_openings_on(count: int, passed: float) -> None:
    """Tuesdays open in the morning, all others in the afternoon."""
    others = weekly(dict.fromkeys((0, 2, 3, 4, 5, 6), 100), hour=15)
    weekdays = Weekdays.of(np.sort([*weekly({1: count}, hour=9), *others]), past_of(WEEK, LONG_AGO))
    monday, noon = (so_far(WEEK, WEEK.start + timedelta(days=1, hours=hour)) for hour in (0, 12))

    on_tuesday = weekdays.weeks(noon) - weekdays.weeks(monday)

    assert on_tuesday == pytest.approx(passed * weekdays.shares[1])


@pytest.mark.parametrize(("count", "passed"), [(19, 0.5), (20, 1)])
def test_fewer_than_twenty_openings_tell_no_hours_at_all(count: int, passed: float) -> None:
    morning = weekly({0: count // 2, 1: count - count // 2}, hour=9)
    weekdays = Weekdays.of(np.sort(morning), past_of(WEEK, LONG_AGO))
    monday, noon = (so_far(WEEK, WEEK.start + timedelta(days=1, hours=hour)) for hour in (0, 12))

    assert weekdays.weeks(noon) - weekdays.weeks(monday) == pytest.approx(passed * weekdays.shares[1])


def slow(times: list[int], parts: Sequence[Period]) -> tuple[list[float], list[float], list[list[int]]]:
    """Cases, shares and hours by weekday, one opening after the other."""
    zone = parts[0].zone
    walls = [datetime.fromtimestamp(second, zone) for second in times]
    by_day = [[at for at in walls if part.first <= at.date() < part.after] for part in parts]
    weights = spread(
        [len(those) for those in by_day], [(part.after - part.first).days for part in parts]
    ).weights
    cases, looks = [0.5] * 7, [0.0] * 7
    hours: list[list[int]] = [[] for _ in range(7)]
    for part, found, weight in zip(parts, by_day, weights, strict=True):
        for n in range((part.after - part.first).days):
            looks[(part.first + timedelta(days=n)).weekday()] += weight
        for at in found:
            cases[at.weekday()] += weight
            since = day_start(at.date(), zone)
            hours[at.weekday()].append(int((at - since) / timedelta(seconds=1)))
    rates = [case / look for case, look in zip(cases, looks, strict=True)]
    return cases, [rate / sum(rates) for rate in rates], [sorted(those) for those in hours]


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    count=st.sampled_from([0, 6, 60, 900]),
    zone=st.sampled_from([ZoneInfo("UTC"), BERLIN]),
    ahead=st.integers(0, 7 * 86_400 + 3600),
)
def test_what_is_learned_and_looked_at_equals_a_loop(
    seed: int, count: int, zone: ZoneInfo, ahead: int
) -> None:
    week = week_of(date(2026, 4, 13), zone)
    past = past_of(week, LONG_AGO)
    span = int((week.start - past[0].start).total_seconds())
    drawn = np.sort(np.random.default_rng(seed).integers(0, span, count)) + int(past[0].start.timestamp())
    now = so_far(week, week.start + timedelta(seconds=ahead))

    weekdays = Weekdays.of(drawn, past)

    cases, shares, hours = slow([int(second) for second in drawn], past)
    assert [list(those) for those in weekdays.hours] == hours
    assert (list(weekdays.cases), list(weekdays.shares)) == (pytest.approx(cases), pytest.approx(shares))
    looked = [0.0] * 7
    for n in range(7):
        begins = day_start(week.first + timedelta(days=n), zone)
        gone = int((now.end - begins) / timedelta(seconds=1))
        usual = hours[n] if len(hours[n]) >= 20 else sorted(chain.from_iterable(hours))
        passed = sum(hour < gone for hour in usual) / len(usual) if len(usual) >= 20 else gone / 86_400
        looked[n] = shares[n] * (1 if gone >= 86_400 else passed if gone >= 0 else 0)
    assert weekdays.weeks(now) == pytest.approx(sum(looked), abs=1e-10)
    if sum(looked) > 1e-6:
        unsure = sum(part**2 / case for part, case in zip(looked, cases, strict=True)) / sum(looked) ** 2
        assert weekdays.doubt(now) == pytest.approx(unsure, rel=1e-4)
