"""Whatever form a log comes in, the same rows are gathered by incident, oldest first. No database."""

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from incidents.importers import gathering, records
from incidents.importers.blocks import Block
from incidents.importers.gathering import Gathering, survey
from incidents.importers.reading import BrokenOff, Line, LogFile, NotALog
from incidents.importers.records import header_of
from incidents.importers.servicenow import Format
from tests.incidents.importers.conftest import HEADER, USUAL, WriteLog, line

STATES = ("New", "Active", "Resolved", "Closed")
ROWS = [
    line(number=f"INC000000{number}", incident_state=state, sys_updated_at=f"{7 + day}/3/2016 09:00",
         sys_mod_count=str(day), location="Zürich")
    for number in (1, 2, 3)
    for day, state in enumerate(STATES)
]  # fmt: skip
WHOLE = {f"INC000000{number}": list(STATES) for number in (1, 2, 3)}


def blocks(path: Path, encoding: str = "utf-8") -> list[Block]:
    with LogFile(path, encoding) as log:
        found = survey(log)
    with LogFile(path, found.encoding) as log:
        lines = log.lines()
        log_format = Format(header_of(lines), now=datetime(2016, 12, 1))  # noqa: DTZ001 -- the log's wall clock
        return list(Gathering(log_format, found.scattered).blocks(lines))


def stories(path: Path, encoding: str = "utf-8") -> dict[str, list[str]]:
    found = blocks(path, encoding)
    assert not [block.faults for block in found if block.faults]
    return {block.number: [row.raw_state for row in block.oldest_first()] for block in found}


def faults(path: Path) -> list[tuple[int, str]]:
    return [fault for block in blocks(path) for fault in block.faults]


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-16-le", "utf-8"),
        ("utf-16-be", "utf-8"),
        ("utf-32", "utf-8"),
        ("windows-1252", "utf-8"),
        ("mac-roman", "mac-roman"),
    ],
)
def test_a_log_is_read_whatever_its_encoding(tmp_path: Path, written: str, named: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("\n".join([HEADER, *ROWS, ""]).encode(written))

    found = blocks(path, named)

    assert {row.location for block in found for row in block.rows} == {"Zürich"}
    assert stories(path, named) == WHOLE


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("hint", ["", "sep={}\r\n"])
def test_a_log_is_read_whatever_parts_its_cells(tmp_path: Path, delimiter: str, hint: str) -> None:
    path = tmp_path / "log.csv"
    text = "\r\n".join([HEADER, *ROWS, ""]).replace(",", delimiter)
    path.write_bytes((hint.format(delimiter) + text).encode())

    assert stories(path) == WHOLE


@pytest.mark.parametrize(
    "arranged",
    [
        lambda rows: rows[::-1],
        lambda rows: sorted(rows, key=lambda row: row.split(",")[HEADER.split(",").index("sys_mod_count")]),
        lambda rows: random.Random(3).sample(rows, len(rows)),  # noqa: S311 -- an order, no secret
        lambda rows: rows + rows,
    ],
    ids=["newest first", "by time", "shuffled", "twice"],
)
def test_rows_are_sorted_and_counted_once(
    write_log: WriteLog, arranged: Callable[[list[str]], list[str]]
) -> None:
    assert stories(write_log(arranged(ROWS))) == WHOLE


@pytest.mark.parametrize("column", ["sys_mod_count", "sys_updated_at"])
def test_rows_without_a_count_are_sorted_by_time_and_those_of_one_time_by_count(
    write_log: WriteLog, column: str
) -> None:
    place = HEADER.split(",").index(column)
    same = USUAL["sys_updated_at"] if column == "sys_updated_at" else "?"
    rows = [
        ",".join((*cells[:place], same, *cells[place + 1 :])) for cells in (row.split(",") for row in ROWS)
    ]

    assert stories(write_log([rows[2], rows[0], rows[3], rows[1], *rows[4:]])) == WHOLE


def test_counts_that_stand_twice_leave_rows_as_time_orders_them(write_log: WriteLog) -> None:
    told = [(7, 9), (1, 11), (2, 12), (7, 17)]
    rows = [line(incident_state=state, sys_mod_count=str(count), sys_updated_at=f"7/3/2016 {hour}:00")
            for state, (count, hour) in zip(STATES, told, strict=True)]  # fmt: skip

    assert stories(write_log(rows)) == {"INC0000001": list(STATES)}
    assert stories(write_log(rows[::-1])) == {"INC0000001": list(STATES)}


def test_counts_that_never_fall_keep_the_order_of_the_file_whatever_its_times(write_log: WriteLog) -> None:
    told = [("New", 1, "11:10"), ("Active", 1, "9:52"), ("Resolved", 2, "11:03")]
    rows = [line(incident_state=state, sys_mod_count=str(count), sys_updated_at=f"7/3/2016 {at}")
            for state, count, at in told]  # fmt: skip

    assert stories(write_log(rows)) == {"INC0000001": [state for state, *_ in told]}


def test_of_rows_too_short_to_hold_a_number_nobody_is_said_to_be_the_owner() -> None:
    last = Format(Line(1, ",".join(HEADER.split(",")[::-1]), is_whole=True, is_ended=True))
    short = ",".join("x" * (last.width - 1))
    (record,) = last.records(iter([Line(2, short, is_whole=True, is_ended=True)]))

    assert last.number_of(record) is None


def test_an_hour_back_is_the_end_of_summer_time_and_no_other_order(write_log: WriteLog) -> None:
    at = ("30/10/2016 02:50", "30/10/2016 02:10", "30/10/2016 02:20")
    rows = [line(incident_state=state, sys_updated_at=time, sys_mod_count="?")
            for state, time in zip(STATES, at, strict=False)]  # fmt: skip

    assert stories(write_log(rows)) == {"INC0000001": ["New", "Active", "Resolved"]}


@pytest.mark.parametrize(
    ("second", "told"),
    [("08:05", ["New", "Closed"]), ("08:04", ["Closed", "New"])],
    ids=["an hour back", "more than an hour back"],
)
def test_clocks_are_put_back_by_an_hour_and_no_more(
    second: str, told: list[str], write_log: WriteLog
) -> None:
    rows = [line(sys_mod_count="?"), line(incident_state="Closed", sys_mod_count="?",
            sys_updated_at=f"7/3/2016 {second}", opened_at="7/3/2016 08:00")]  # fmt: skip

    assert stories(write_log(rows)) == {"INC0000001": told}


def test_counts_from_nought_on_say_more_than_time(write_log: WriteLog) -> None:
    rows = [line(incident_state=state, sys_mod_count=str(count), sys_updated_at=f"{9 - count}/3/2016 09:05")
            for count, state in enumerate(("New", "Closed"))]  # fmt: skip

    assert stories(write_log(rows[::-1])) == {"INC0000001": ["New", "Closed"]}


def test_a_row_without_a_count_among_others_is_where_time_puts_it(write_log: WriteLog) -> None:
    told = [("Resolved", "?", 15), ("New", "2", 9), ("Active", "3", 12)]
    rows = [line(incident_state=state, sys_mod_count=count, sys_updated_at=f"7/3/2016 {hour}:00")
            for state, count, hour in told]  # fmt: skip

    assert stories(write_log(rows)) == {"INC0000001": ["New", "Active", "Resolved"]}


def test_a_quoted_cell_may_hold_line_ends_and_quotation_marks(write_log: WriteLog) -> None:
    notes = '"First\nINC0000009,""second""\n\nthird"'
    header = HEADER + ",comments"

    (block, other) = blocks(write_log([f"{line()},{notes}", f"{line(number='INC0000002')},"], header=header))

    assert block.rows[0].rest["comments"] == 'First\nINC0000009,"second"\n\nthird'
    assert (block.records[0].line, other.records[0].line, other.faults) == (2, 6, [])


def test_a_quotation_mark_that_nothing_closes_costs_its_own_line_only(write_log: WriteLog) -> None:
    path = write_log([line(location='"open'), *ROWS[4:]])

    assert faults(path) == [(2, "not comma-separated values (a quotation mark is not closed)")]
    assert [len(block.rows) for block in blocks(path)] == [0, 4, 4]


def test_what_no_cell_may_hold_is_found_below_its_first_line_too(write_log: WriteLog) -> None:
    path = write_log([line(location='"a\n\0\nb"'), line(number="INC0000002")])

    assert {number for number, _ in faults(path)} == {2, 3, 4}
    assert (3, "it holds a NUL byte") in faults(path)
    assert [block.number for block in blocks(path) if not block.faults] == []


def test_a_quoted_cell_ends_where_a_record_is_too_long(write_log: WriteLog) -> None:
    for lines, is_read in ((records.LONGEST_RECORD - 1, True), (records.LONGEST_RECORD, False)):
        path = write_log([line(location=f'"a{chr(10) * lines}b"'), line(number="INC0000002")])

        assert (faults(path) == []) is is_read


def test_columns_without_a_name_are_no_column_twice(write_log: WriteLog) -> None:
    path = write_log([f"{row},," for row in ROWS], header=HEADER + ",,")

    assert stories(path) == WHOLE


def test_no_quoted_cell_is_longer_than_a_record_may_be(
    write_log: WriteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "LONGEST_RECORD", 3)
    path = write_log([line(location='"a\n\n\n\nb"'), line(number="INC0000002")])

    assert [reason for _, reason in faults(path)][:1] == [
        "not comma-separated values (a quotation mark is not closed)"
    ]


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (HEADER + ",location", "names the column location twice"),
        (HEADER + ',"open', "is no list of column names: not comma-separated values"),
        (HEADER.replace("number", "num\0ber"), "is no list of column names: it holds a NUL byte"),
    ],
)
def test_a_header_that_cannot_be_relied_on_is_named(write_log: WriteLog, header: str, reason: str) -> None:
    with pytest.raises(NotALog, match=reason):
        blocks(write_log(ROWS, header=header))


def test_letters_of_two_encodings_are_bad_rows_and_no_guess(write_log: WriteLog) -> None:
    latin = line(number="INC0000009", location="Zürich").encode("latin-1")

    assert [number for number, _ in faults(write_log([*ROWS, latin]))] == [14]


@pytest.mark.parametrize("column", ["opened_at", "sys_updated_at", "resolved_at", "closed_at"])
def test_what_has_not_happened_yet_is_named_as_impossible(write_log: WriteLog, column: str) -> None:
    path = write_log(
        [line(**{column: "1/12/2016 02:01"}), line(number="INC0000002", **{column: "1/12/2016 02:00"})]
    )

    assert faults(path) == [(2, f"{column} 1/12/2016 02:01 lies in the future: impossible")]


def test_a_row_that_does_not_say_whose_it_is_goes_with_both_neighbours_also_where_rows_stand_apart(
    write_log: WriteLog,
) -> None:
    first, second, third = ROWS[0], ROWS[4], ROWS[8]
    path = write_log([second, third, "\0", first, ROWS[9], ROWS[1], "\0", ROWS[2]])

    assert {block.number: len(block.faults) for block in blocks(path)} == {
        "INC0000001": 2, "INC0000002": 0, "INC0000003": 1,
    }  # fmt: skip


def test_rows_that_say_of_nobody_are_set_aside_too(write_log: WriteLog) -> None:
    assert faults(write_log(["\0"])) == [(2, "it holds a NUL byte")]


def test_no_more_rows_of_one_incident_are_held_than_fit(
    write_log: WriteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LONGEST_BLOCK", 2)

    found = blocks(write_log([*ROWS[:4], ROWS[4]]))

    assert [(block.number, len(block.records), len(block.faults)) for block in found] == [
        ("INC0000001", 2, 1), ("INC0000001", 2, 1), ("INC0000002", 1, 0),
    ]  # fmt: skip


def test_of_a_log_cut_short_no_incident_is_taken_whose_rows_stand_apart(write_log: WriteLog) -> None:
    path = write_log([ROWS[0], ROWS[4], ROWS[1], ROWS[8]])
    path.write_bytes(path.read_bytes()[:-40])
    seen: list[str] = []

    with LogFile(path) as log:
        lines = log.lines()
        found = Gathering(Format(header_of(lines)), frozenset({"INC0000001"})).blocks(lines)
        with pytest.raises(BrokenOff, match="line 5: the last line is not whole"):
            seen.extend(block.number for block in found)

    assert seen == []


def test_numbers_of_any_form_are_known_again_and_too_long_ones_named(write_log: WriteLog) -> None:
    path = write_log(
        [line(number=number) for number in ("Case 7/a", "INC0000001", "Case 7/a", "INC0000002", "I" * 81)]
    )

    assert sorted(block.number for block in blocks(path) if not block.faults) == ["Case 7/a", "INC0000001"]
    assert faults(path)[0] == (6, f"number is longer than 80 characters: '{'I' * 40}'")
