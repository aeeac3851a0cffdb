from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.enums import Channel, Impact, Priority, Urgency
from incidents.importers.cell import BadRow
from incidents.importers.reading import Line, NotALog
from incidents.importers.servicenow import Format, Row, localize
from tests.incidents.importers.conftest import HEADER, USUAL, line

BERLIN = ZoneInfo("Europe/Berlin")
LOG = Format(Line(1, HEADER, is_whole=True, is_ended=True))


def parse(content: str | bytes, log: Format = LOG) -> Row:
    raw = content.encode(errors="surrogateescape") if isinstance(content, str) else content
    whole = Line(7, raw.decode(errors="surrogateescape"), is_whole=True, is_ended=True)
    return log.row(next(log.records(iter([whole]))))


def test_a_row_is_read_into_typed_values() -> None:
    row = parse(line(opened_at="2/3/2016 01:16", caller_id="Caller 2403", opened_by="Opened by  8"))

    assert (row.line, row.number, row.raw_state) == (7, "INC0000001", "New")
    assert row.opened_at == datetime(2016, 3, 2, 1, 16)  # noqa: DTZ001 -- naive, and the day comes first
    assert (row.caller, row.opened_by, row.channel) == ("Caller 2403", "Opened by 8", Channel.PHONE)
    assert (row.impact, row.urgency, row.priority) == (Impact.MEDIUM, Urgency.MEDIUM, Priority.MODERATE)
    assert (row.assignee, row.resolved_at) == (None, None)
    assert row.rest["knowledge"] == "true"
    assert "rfc" not in row.rest


def test_columns_may_stand_in_any_order_with_blanks_around_their_names() -> None:
    names = HEADER.split(",")[::-1]
    log = Format(Line(1, " , ".join(names), is_whole=True, is_ended=True))

    row = parse(",".join(USUAL[name] for name in names), log)

    assert row.number == "INC0000001"


def test_quoted_cells_are_understood() -> None:
    row = parse(line(location='"Berlin, ""Mitte"""'))

    assert row.location == 'Berlin, "Mitte"'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("INC0000001,New", "2 columns where the header has 36"),
        (line() + ",more", "37 columns where the header has 36"),
        (line(number="?"), "number is missing"),
        (line(number="I" * 101), "number is no name"),
        (line(caller_id="\u200b\u3164"), "caller_id is no name"),
        (line(incident_state="Parked"), "unknown state 'Parked'"),
        (line(incident_state="?"), "unknown state"),
        (line(sys_updated_at="?"), "sys_updated_at is missing"),
        (line(opened_at="2016-03-07 09:00"), "opened_at is no date of the form d/m/yyyy HH:MM"),
        (line(opened_at="31/2/2016 09:00"), "opened_at is no date of the calendar"),
        (line(opened_at="3/25/2016 09:00"), "opened_at is no date of the calendar"),
        (line(opened_at="1/1/0001 00:00"), "opened_at is not between 1970 and 2199"),
        (line(opened_at="٧/3/2016 09:00"), "opened_at is no date"),
        (line(closed_at="7/3/2016 9h"), "closed_at is no date"),
        (line(closed_at="7/3/2016 08:59"), "closed_at 7/3/2016 08:59 is before opened_at 7/3/2016 09:00"),
        (line(resolved_at="6/3/2016 09:00"), "resolved_at 6/3/2016 09:00 is before opened_at"),
        (line(contact_type="Pigeon"), "unknown contact_type 'Pigeon'"),
        (line(impact="9 - Cosmic"), "impact is no grade of 1 to 3"),
        (line(contact_type="Pigeon" * 20), f"unknown contact_type '{('Pigeon' * 20)[:40]}'"),
        (line(made_sla="maybe"), "made_sla is neither true nor false: 'maybe'"),
        (line(priority="High"), "priority is no grade of 1 to 5"),
        (line(location='"open'), "not comma-separated values"),
        (line(location="x" * 200_000), "not comma-separated values (field larger"),
        (line(location="a\x00b"), "NUL byte"),
        (line().encode("utf-16"), "NUL byte"),
        (line(location="Münster").encode("latin-1"), "is no text in this encoding"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(content: str | bytes, reason: str) -> None:
    with pytest.raises(BadRow) as refused:
        parse(content)

    assert reason in str(refused.value)
    assert len(str(refused.value)) < 160


def test_a_header_that_lacks_columns_names_some_of_them() -> None:
    header = HEADER.replace("incident_state", "status").replace("sys_updated_at", "when")

    with pytest.raises(
        NotALog, match="2 of the columns it must have, such as incident_state, sys_updated_at"
    ):
        Format(Line(1, header, is_whole=True, is_ended=True))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_bad_row_or_a_bad_header_and_nothing_worse(content: bytes) -> None:
    whole = Line(3, content.decode(errors="surrogateescape"), is_whole=True, is_ended=True)

    for record in LOG.records(iter([whole])):
        with pytest.raises(BadRow):
            LOG.row(record)
    with pytest.raises(NotALog):
        Format(whole)


@given(st.sampled_from(list(USUAL)), st.text(max_size=60))
def test_any_text_in_any_cell_is_read_or_refused(column: str, text: str) -> None:
    content = line(**{column: text}).encode(errors="surrogatepass")

    try:
        row = parse(content)
    except BadRow:
        return
    assert row.number
    assert localize(row.opened_at, BERLIN).tzinfo is UTC


def test_a_time_is_read_in_the_zone_of_the_log() -> None:
    assert localize(datetime(2016, 7, 1, 12, 0), BERLIN) == datetime(2016, 7, 1, 10, 0, tzinfo=UTC)  # noqa: DTZ001


def test_an_hour_that_the_zone_skipped_is_read_as_if_clocks_had_not_been_put_forward() -> None:
    assert localize(datetime(2016, 3, 27, 2, 30), BERLIN) == datetime(2016, 3, 27, 1, 30, tzinfo=UTC)  # noqa: DTZ001


def test_an_hour_that_happened_twice_is_the_first_unless_order_asks_for_the_second() -> None:
    naive = datetime(2016, 10, 30, 2, 10)  # noqa: DTZ001
    first, second = (datetime(2016, 10, 30, hour, 10, tzinfo=UTC) for hour in (0, 1))

    assert localize(naive, BERLIN) == first
    assert localize(naive, BERLIN, not_before=datetime(2016, 10, 30, 0, 50, tzinfo=UTC)) == second
    # A log that steps back by more than the hour is kept as it is.
    assert localize(naive, BERLIN, not_before=datetime(2016, 10, 30, 5, 0, tzinfo=UTC)) == first


def test_rows_of_one_minute_are_of_one_hour_also_where_that_hour_happened_twice() -> None:
    naive = datetime(2016, 10, 30, 2, 10)  # noqa: DTZ001
    for hour in (0, 1):
        at = datetime(2016, 10, 30, hour, 10, tzinfo=UTC)
        assert localize(naive, BERLIN, not_before=at) == at


def test_what_ends_in_the_minute_it_began_is_possible() -> None:
    row = parse(line(opened_at="7/3/2016 09:00", resolved_at="7/3/2016 09:00", closed_at="7/3/2016 09:00"))

    assert row.opened_at == row.resolved_at == row.closed_at


def test_a_grade_that_is_not_told_is_the_middle_one() -> None:
    row = parse(line(impact="?", urgency="?", priority="?"))

    assert (row.impact, row.urgency, row.priority) == (Impact.MEDIUM, Urgency.MEDIUM, None)


def test_a_number_of_eighty_characters_fits() -> None:
    assert parse(line(number="I" * 80)).number == "I" * 80


@pytest.mark.parametrize("missing", ["", "?"])
def test_who_does_not_say_how_they_came_came_directly(missing: str) -> None:
    assert parse(line(contact_type=missing)).channel == Channel.DIRECT


def test_a_log_need_not_say_whether_targets_were_kept() -> None:
    cells = {name: value for name, value in USUAL.items() if name != "made_sla"}
    log = Format(Line(1, ",".join(cells), is_whole=True, is_ended=True))

    assert parse(line(made_sla="TRUE")).met_sla is True
    assert parse(",".join(cells.values()), log).met_sla is None
