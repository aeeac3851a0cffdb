"""Business time against an oracle that walks minute by minute, on the days clocks change too."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.models import Calendar, CalendarHours
from incidents.sla.calendar import BusinessCalendar, Day, Hours

OFFICE: Day = ((540, 1020),)
WEEKDAYS = (OFFICE, OFFICE, OFFICE, OFFICE, OFFICE, (), ())
MINUTE = timedelta(minutes=1)

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]
#: Days on which one of the zones changes its clocks, or skips a day.
CHANGES = [
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2018, 11, 4),
    date(2019, 2, 16),
    date(2026, 4, 5),
    date(2026, 10, 4),
    date(2011, 12, 30),
    date(2024, 2, 29),
]


def office(zone: str = "Europe/Berlin", **extra: object) -> BusinessCalendar:
    return BusinessCalendar(ZoneInfo(zone), [Hours(date(2000, 1, 1), WEEKDAYS)], **extra)  # type: ignore[arg-type]


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def is_open(calendar: BusinessCalendar, at: datetime) -> bool:
    """The definition, read off the wall clock."""
    local = at.astimezone(calendar.zone)
    in_force = [hours for hours in calendar.hours if hours.valid_from <= local.date()] or calendar.hours[:1]
    minute = local.hour * 60 + local.minute
    if local.date() in calendar.closed_days:
        return False
    return any(opens <= minute < closes for opens, closes in in_force[-1].on(local.date()))


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    def day() -> Day:
        points = draw(st.lists(st.integers(0, 24).map(lambda n: n * 60), unique=True, max_size=4))
        points = sorted(points)[: len(points) // 2 * 2]
        return tuple(zip(points[::2], points[1::2], strict=True))

    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    sets = [Hours(date(2000, 1, 1), tuple(day() for _ in range(7)))]  # type: ignore[arg-type]
    around = draw(st.sampled_from(CHANGES))
    later = draw(st.lists(st.sampled_from([around, *CHANGES]), unique=True, max_size=2))
    sets += [Hours(from_day, tuple(day() for _ in range(7))) for from_day in later]  # type: ignore[arg-type]
    closed = frozenset({around + timedelta(days=1)}) if draw(st.booleans()) else frozenset()
    return BusinessCalendar(zone, sets, closed)


moments = st.builds(
    lambda day, minutes: datetime.combine(day, time.min, UTC) + timedelta(minutes=minutes),
    st.sampled_from(CHANGES),
    st.integers(-2880, 2880),
)


@given(calendars(), moments, st.integers(0, 2880))
def test_time_between_equals_the_open_minutes_counted_one_by_one(
    calendar: BusinessCalendar, start: datetime, length: int
) -> None:
    counted = sum(is_open(calendar, start + n * MINUTE) for n in range(length))

    assert calendar.between(start, start + length * MINUTE) == counted * MINUTE


SHUT: Day = ()
#: Open from 29 March 2026 on only: more than ten years after some of the moments.
OPENS_LATE = BusinessCalendar(
    ZoneInfo("Europe/Berlin"),
    [Hours(date(2000, 1, 1), (SHUT,) * 7), Hours(date(2026, 3, 29), (OFFICE,) * 7)],  # type: ignore[arg-type]
)
#: A minute a week: 900 of them take seventeen years.
SELDOM = BusinessCalendar(
    ZoneInfo("Europe/Berlin"),
    [Hours(date(2000, 1, 1), (((600, 601),), SHUT, SHUT, SHUT, SHUT, SHUT, SHUT))],
)


@example(OPENS_LATE, datetime(2011, 12, 30, tzinfo=UTC), 1)
@example(SELDOM, datetime(2011, 12, 30, tzinfo=UTC), 900)
@given(calendars(), moments, st.integers(1, 900))
def test_added_time_ends_where_exactly_so_much_lies_between(
    calendar: BusinessCalendar, start: datetime, minutes: int
) -> None:
    end = calendar.add(start, minutes * MINUTE)

    if end is None:
        last = calendar.hours[-1]
        assert not any(last.week)
        begun = datetime.combine(last.valid_from, time.max, UTC)
        assert calendar.between(start, max(start, begun) + timedelta(days=7)) < minutes * MINUTE
    else:
        assert calendar.between(start, end) == minutes * MINUTE
        assert calendar.between(start, end - MINUTE) < minutes * MINUTE


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02T12:00", "2026-03-02T13:30", 1.5),
        ("2026-03-06T16:00", "2026-03-09T10:00", 2),
        ("2026-03-07T00:00", "2026-03-08T23:00", 0),
        ("2026-03-27T09:00", "2026-03-30T17:00", 16),
    ],
)
def test_office_hours_skip_nights_and_weekends(start: str, end: str, hours: float) -> None:
    assert office().between(berlin(start), berlin(end)) == timedelta(hours=hours)


def test_a_closed_day_moves_the_due_time_to_the_next_one() -> None:
    calendar = office(closed_days=frozenset({date(2026, 3, 3)}))

    due = calendar.add(berlin("2026-03-02T16:00"), timedelta(hours=2))

    assert due == berlin("2026-03-04T10:00")


def test_old_days_keep_the_hours_of_their_time() -> None:
    late = tuple(((600, 1080),) if day else () for day in WEEKDAYS)
    calendar = BusinessCalendar(
        BERLIN,
        [Hours(date(2026, 3, 3), late), Hours(date(2000, 1, 1), WEEKDAYS)],  # type: ignore[arg-type]
    )

    assert calendar.is_open(berlin("2026-03-02T09:30"))
    assert not calendar.is_open(berlin("2026-03-03T09:30"))
    assert calendar.next_opening(berlin("2026-03-03T09:30")) == berlin("2026-03-03T10:00")


def test_a_calendar_that_never_opens_has_no_due_time() -> None:
    never = BusinessCalendar(BERLIN, [Hours(date(2000, 1, 1), ((),) * 7)])  # type: ignore[arg-type]

    assert never.add(berlin("2026-03-02T12:00"), MINUTE) is None


def test_hours_that_begin_later_are_waited_for() -> None:
    asked = datetime(2011, 12, 30, tzinfo=UTC)

    assert OPENS_LATE.add(asked, MINUTE) == berlin("2026-03-29T09:01")
    assert OPENS_LATE.next_opening(asked) == berlin("2026-03-29T09:00")


def test_hours_that_holidays_keep_shut_are_given_up_for_the_next_ones() -> None:
    class EveryDay(frozenset[date]):
        def __contains__(self, day: object) -> bool:
            return True

    shut = Hours(date(2000, 1, 1), WEEKDAYS, EveryDay())
    calendar = BusinessCalendar(BERLIN, [shut, Hours(date(2026, 3, 30), WEEKDAYS)])

    assert BusinessCalendar(BERLIN, [shut]).add(berlin("2011-12-30T00:00"), MINUTE) is None
    assert calendar.add(berlin("2011-12-30T00:00"), MINUTE) == berlin("2026-03-30T09:01")


def test_a_calendar_that_opens_a_minute_a_week_gets_there_in_the_end() -> None:
    due = SELDOM.add(berlin("2026-03-02T00:00"), 600 * MINUTE)

    assert due == berlin("2037-08-24T10:01")


def test_a_target_of_centuries_is_given_up_without_counting_them() -> None:
    assert office().add(berlin("2026-03-02T00:00"), timedelta(minutes=2**31)) is None


def test_around_the_clock_counts_every_second_of_a_year() -> None:
    whole: Day = ((0, 1440),)
    always = BusinessCalendar(ZoneInfo("UTC"), [Hours(date(2000, 1, 1), (whole,) * 7)])  # type: ignore[arg-type]
    start = datetime(2026, 1, 1, tzinfo=UTC)

    assert always.always_open
    assert always.between(start, start.replace(year=2027)) == timedelta(days=365)


@pytest.mark.parametrize(
    ("country", "region", "field"),
    [("QQ", "", "holiday_country"), ("DE", "ZZ", "holiday_region"), ("", "HH", "holiday_country")],
)
def test_holidays_nobody_knows_are_refused(country: str, region: str, field: str) -> None:
    hours = CalendarHours(valid_from=date(2026, 1, 1), holiday_country=country, holiday_region=region)

    with pytest.raises(ValidationError) as refusal:
        hours.clean()

    assert set(refusal.value.message_dict) == {field}


def test_holidays_of_a_known_region_are_taken() -> None:
    CalendarHours(valid_from=date(2026, 1, 1), holiday_country="DE", holiday_region="HH").clean()


def test_a_zone_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError) as refusal:
        Calendar(name="Office", time_zone="Europe/Atlantis").clean_fields()

    assert set(refusal.value.message_dict) == {"time_zone"}


def test_a_week_no_clock_can_read_is_refused() -> None:
    hours = CalendarHours(valid_from=date(2026, 1, 1), week={"mon": [["17:00", "09:00"]]})

    with pytest.raises(ValidationError) as refusal:
        hours.clean()

    assert set(refusal.value.message_dict) == {"week"}
