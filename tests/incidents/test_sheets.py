"""What leaves as CSV runs nowhere and comes back as it was."""

import csv
import io
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidents import sheets
from incidents.sheets import NoSheet, as_typed, defused

NASTY = st.text(st.sampled_from("=+-@＝'\";,\t\r\n a|\\1é"), max_size=8)


@pytest.mark.parametrize("start", [*"=+-@\t\r＝＋－＠", "'=", "x;=", 'x"=', "x\n=", "x\r=", "x,+", "x\t@"])
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_parts_it(start: str) -> None:
    cell = defused(f"{start}1+1")

    pieces = [piece for part in (";", ",", "\t", '"', "\n", "\r") for piece in cell.split(part)]
    assert not [piece for piece in (cell, *pieces) if piece[:1] and piece[0] in "=+-@＝＋－＠"]
    assert as_typed(cell) == f"{start}1+1"


@given(NASTY)
@example("''=")
@example("\r\t=")
def test_what_was_defused_comes_back(cell: str) -> None:
    assert as_typed(defused(cell)) == cell


@given(st.lists(st.lists(NASTY, min_size=2, max_size=2).filter(any), min_size=1, max_size=4))
def test_a_table_comes_back_as_it_went(rows: list[list[str]]) -> None:
    text = sheets.MARK + sheets.written([["name", "team"], *rows])

    assert sheets.read(text.encode()) == [["name", "team"], *rows]


def test_numbers_stay_numbers() -> None:
    assert next(csv.reader(io.StringIO(sheets.written([[-5, 2.5, None, True]])))) == ["-5", "2.5", "", "True"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_a_spreadsheet_saves_is_read(encoding: str, delimiter: str) -> None:
    text = " name ,team\r\nZürich,'=x\r\n\r\n".replace(",", delimiter)

    assert sheets.read(text.encode(encoding)) == [["name", "team"], ["Zürich", "=x"]]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "nothing below"),
        (b"name,team\n", "nothing below"),
        (b"name\n\0", "NUL bytes"),
        (b"PK\x03\x04\0\0", "NUL bytes"),
        (b"name,team\nx\n", "Row 2 has 1 cells where the first row has 2"),
        (b"name\n" + b"x" * 200_000, "cannot be read as CSV: field larger"),
        (b"name\n\x81\xfe", "in no known encoding"),
        (b"name\n" + b"x\n" * sheets.MOST_ROWS, "more than 10000 rows"),
        (b"x" * (sheets.MOST_BYTES + 1), "larger than 4 MB"),
    ],
)
def test_what_is_no_table_is_named_in_a_sentence(content: bytes, why: str) -> None:
    with pytest.raises(NoSheet, match=why):
        sheets.read(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_of_one_length_or_named(content: bytes) -> None:
    try:
        rows = sheets.read(content)
    except NoSheet:
        return
    assert len({len(row) for row in rows}) == 1


def test_long_runs_of_what_is_looked_for_take_no_time() -> None:
    begun = time.process_time()

    for cell in ("'" * 200_000, ";'" * 100_000, "\t" * 200_000, "=" * 200_000):
        assert as_typed(defused(cell)) == cell

    assert time.process_time() - begun < 2
