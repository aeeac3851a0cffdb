"""One cell of a log: text in, a name, a number, a grade or a moment out. None where it is missing."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from incidents.lines import one_line

Value = TypeVar("Value")

MISSING = frozenset({"", "?"})
LONGEST_NAME = 100
LONGEST_NUMBER = 80
#: The same names and times come again and again.
REMEMBERED = 20_000
#: So much of a value is quoted in the reason why it is refused.
QUOTED = 40
#: What a date may say: zones are known and sums do not overflow.
YEARS = range(1970, 2200)
DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d{2})", re.ASCII)


class BadRow(Exception):
    """This row cannot be taken over. The message says why."""


def required(value: Value | None, column: str) -> Value:
    if value is None:
        raise BadRow(f"{column} is missing")
    return value


def name(text: Mapping[str, str], column: str) -> str | None:
    return None if text[column] in MISSING else _tidy(text[column], column)


@lru_cache(REMEMBERED)
def _tidy(value: str, column: str) -> str:
    """`Opened by  8` has two spaces in the log and one among people."""
    tidy = one_line(value)
    if not tidy or len(tidy) > LONGEST_NAME:
        raise BadRow(f"{column} is no name: {quoted(value)}")
    return tidy


def number(text: Mapping[str, str]) -> str:
    told = required(name(text, "number"), "number")
    if not is_number(told):
        raise BadRow(f"number is longer than {LONGEST_NUMBER} characters: {quoted(told)}")
    return told


def is_number(text: str) -> bool:
    return text not in MISSING and len(text) <= LONGEST_NUMBER


def grade(text: Mapping[str, str], column: str, lowest: int) -> int | None:
    """`2 - Medium` is 2."""
    value = text[column]
    if value in MISSING:
        return None
    digit, dash, label = value.partition(" - ")
    if not (dash and label and digit in {str(known) for known in range(1, lowest + 1)}):
        raise BadRow(f"{column} is no grade of 1 to {lowest}: {quoted(value)}")
    return int(digit)


def moment(text: Mapping[str, str], column: str) -> datetime | None:
    return None if text[column] in MISSING else _date(text[column], column)


@lru_cache(REMEMBERED)
def _date(value: str, column: str) -> datetime:
    match = DATE.fullmatch(value)
    if match is None:
        raise BadRow(f"{column} is no date of the form d/m/yyyy HH:MM: {quoted(value)}")
    day, month, year, hour, minute = map(int, match.groups())
    if year not in YEARS:
        raise BadRow(f"{column} is not between {YEARS[0]} and {YEARS[-1]}: {value!r}")
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 -- the log is naive; `localize` knows its zone
    except ValueError as error:
        raise BadRow(f"{column} is no date of the calendar: {value!r}") from error


def quoted(text: str) -> str:
    """As much as tells which it is."""
    return repr(text[:QUOTED])
