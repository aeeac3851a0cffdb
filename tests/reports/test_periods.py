from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import periods

BERLIN, SYDNEY, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Sydney"), ZoneInfo("Pacific/Apia")
SAO_PAULO, LORD_HOWE, UTC_ZONE = (
    ZoneInfo("America/Sao_Paulo"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("UTC"),
)

zones = st.sampled_from([UTC_ZONE, BERLIN, SYDNEY, APIA, SAO_PAULO, LORD_HOWE, ZoneInfo("Asia/Kathmandu")])
instants = st.datetimes(datetime(2005, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("day", "clock", "zone", "expected"),
    [
        # An ordinary day.
        (date(2026, 11, 23), time(7), BERLIN, datetime(2026, 11, 23, 6, tzinfo=UTC)),
        # 02:30 does not exist on 29 March: the first valid minute is 03:00 summer time.
        (date(2026, 3, 29), time(2, 30), BERLIN, datetime(2026, 3, 29, 1, tzinfo=UTC)),
        # 02:30 comes twice on 25 October: the first counts, in summer time.
        (date(2026, 10, 25), time(2, 30), BERLIN, datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        # Midnight itself was skipped in Brazil.
        (date(2018, 11, 4), time(0), SAO_PAULO, datetime(2018, 11, 4, 3, tzinfo=UTC)),
        # Half an hour is skipped on Lord Howe Island, 02:00 to 02:30.
        (date(2026, 10, 4), time(2, 15), LORD_HOWE, datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        # A whole day was skipped in Samoa: it begins when the next one does.
        (date(2011, 12, 30), time(7), APIA, datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_wall_clock_is_the_first_valid_instant(
    day: date, clock: time, zone: ZoneInfo, expected: datetime
) -> None:
    assert periods.wall_clock(day, clock, zone) == expected


def test_week_across_the_end_of_summer_time_is_an_hour_longer() -> None:
    week = periods.iso_week("2026-W43", BERLIN)

    assert (week.first, week.last) == (date(2026, 10, 19), date(2026, 10, 25))
    assert week.end - week.start == timedelta(days=7, hours=1)


def test_iso_week_of_the_turn_of_the_year_has_its_own_year() -> None:
    week = periods.week_of(date(2027, 1, 2), UTC_ZONE)

    assert (week.name, week.first) == ("2026-W53", date(2026, 12, 28))


@pytest.mark.parametrize("name", ["2026-W54", "2026-53", "26-W05", "2026-W5", "W05", "", "2025-W53"])
def test_week_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- datetime's words
        periods.iso_week(name, UTC_ZONE)


def test_previous_of_a_month_is_the_month_before_it_whatever_its_length() -> None:
    march = periods.month("2026-03", BERLIN)

    before = periods.previous(march)

    assert (before.name, before.first, before.last) == ("2026-02", date(2026, 2, 1), date(2026, 2, 28))


def test_previous_of_any_days_is_as_many_days_before() -> None:
    days = periods.span(date(2026, 3, 5), date(2026, 3, 15), UTC_ZONE)

    before = periods.previous(days)

    assert (before.first, before.after) == (date(2026, 2, 23), date(2026, 3, 5))


def test_weeks_in_days_are_cut_to_them_and_leave_no_gap() -> None:
    days = periods.span(date(2026, 3, 5), date(2026, 3, 17), UTC_ZONE)

    weeks = periods.weeks_in(days)

    assert [(week.name, week.first, week.after) for week in weeks] == [
        ("2026-W10", date(2026, 3, 5), date(2026, 3, 9)),
        ("2026-W11", date(2026, 3, 9), date(2026, 3, 16)),
        ("2026-W12", date(2026, 3, 16), date(2026, 3, 17)),
    ]


@given(day=st.dates(date(2000, 1, 1), date(2035, 1, 1)), zone=zones, count=st.integers(1, 20))
def test_periods_follow_each_other_without_gap_or_overlap(day: date, zone: ZoneInfo, count: int) -> None:
    for period in (periods.week_of(day, zone), periods.month_of(day, zone)):
        run = periods.run_up(period, count)

        assert len(run) == count
        assert run[-1] == period
        assert all(earlier.end == later.start for earlier, later in pairwise(run))


@given(at=instants, weekday=st.integers(0, 6), hour=st.integers(0, 23), zone=zones)
def test_weekly_slot_is_the_last_that_came(at: datetime, weekday: int, hour: int, zone: ZoneInfo) -> None:
    slot = periods.latest_weekly_slot(at, weekday=weekday, hour=hour, zone=zone)

    following = slot + timedelta(days=7)
    assert slot.weekday() == weekday
    assert periods.wall_clock(slot, time(hour), zone) <= at < periods.wall_clock(following, time(hour), zone)


@given(at=instants, day=st.integers(1, 28), hour=st.integers(0, 23), zone=zones)
def test_monthly_slot_is_the_last_that_came(at: datetime, day: int, hour: int, zone: ZoneInfo) -> None:
    slot = periods.latest_monthly_slot(at, day=day, hour=hour, zone=zone)

    following = (slot.replace(day=1) + timedelta(days=32)).replace(day=day)
    assert slot.day == day
    assert periods.wall_clock(slot, time(hour), zone) <= at < periods.wall_clock(following, time(hour), zone)


def test_week_is_cut_at_the_same_hour_on_the_wall_as_the_one_it_is_compared_with() -> None:
    week = periods.iso_week("2026-W14", BERLIN)  # the first of summer time
    at = datetime(2026, 3, 31, 9, 30, tzinfo=BERLIN)

    now, before = periods.so_far(week, at), periods.so_far(periods.previous(week), at, like=week)

    assert now.end == at
    assert before.end == datetime(2026, 3, 24, 9, 30, tzinfo=BERLIN)
    assert periods.so_far(week, week.end) == week
    assert periods.so_far(week, week.start - timedelta(days=3)).end == week.start


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "count", "first", "length"),
    [
        (periods.iso_week("2026-W10", BERLIN), 12, date(2025, 12, 8), 7),
        (periods.month("2026-03", BERLIN), 12, date(2025, 3, 1), 31),
        # Ten days: twelve weeks, cut where the ten days before begin.
        (periods.span(date(2026, 3, 4), date(2026, 3, 14), BERLIN), 13, date(2025, 12, 10), 7),
        # A quarter: a year by four weeks each.
        (periods.span(date(2026, 1, 1), date(2026, 4, 1), BERLIN), 14, date(2025, 1, 2), 28),
    ],
)
def test_past_is_twelve_of_a_kind_or_a_year(
    period: periods.Period, count: int, first: date, length: int
) -> None:
    past = periods.past_of(period, LONG_AGO)

    assert (len(past), past[0].first, (past[0].after - past[0].first).days) == (count, first, length)
    assert past[-1].after == period.first
    assert all(earlier.after == later.first for earlier, later in pairwise(past))
    assert any(part.first == periods.previous(period).first for part in past)


def test_past_begins_with_the_records_and_of_a_young_desk_is_by_weeks() -> None:
    week, month = periods.iso_week("2026-W10", UTC_ZONE), periods.month("2026-03", UTC_ZONE)
    since = datetime(2026, 1, 12, 0, 0, tzinfo=UTC)

    assert [part.name for part in periods.past_of(week, since)] == [f"2026-W{n:02d}" for n in range(3, 10)]
    assert len(periods.past_of(week, since + timedelta(seconds=1))) == 6
    parts = periods.past_of(month, since)
    assert (parts[0].first, parts[-1].after) == (date(2026, 1, 18), date(2026, 3, 1))
    assert date(2026, 2, 1) in {part.first for part in parts}


def test_same_times_are_those_of_the_clock_on_the_wall() -> None:
    week = periods.iso_week("2026-W14", BERLIN)
    now = periods.so_far(week, datetime(2026, 3, 31, 9, 30, tzinfo=BERLIN))

    times = periods.same_times(now, periods.past_of(week, LONG_AGO))

    assert len(times) == 12
    assert {(at.astimezone(BERLIN).weekday(), at.astimezone(BERLIN).time()) for at in times} == {
        (1, time(9, 30))
    }
    assert periods.same_times(now, []) == []


def test_same_times_of_long_parts_lie_four_weeks_apart() -> None:
    march = periods.month("2026-03", UTC_ZONE)

    times = periods.same_times(march, periods.past_of(march, LONG_AGO))

    assert (times[-1], len(times)) == (datetime(2026, 3, 4, tzinfo=UTC), 13)
    assert times[0] >= datetime(2025, 3, 1, tzinfo=UTC)


def test_pieces_lie_wholly_in_or_out_of_each_spell() -> None:
    spells = [periods.span(date(2026, 3, a), date(2026, 3, b), UTC_ZONE) for a, b in ((1, 9), (5, 12))]

    pieces = periods.pieces(spells)

    assert [(piece.first.day, piece.after.day) for piece in pieces] == [(1, 5), (5, 9), (9, 12)]
    assert [[periods.is_in(piece, spell) for piece in pieces] for spell in spells] == [
        [True, True, False], [False, True, True],
    ]  # fmt: skip
