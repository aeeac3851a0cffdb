"""CSV for and from spreadsheets: nothing runs as a formula, and what comes back is what went out."""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

#: By it spreadsheets know UTF-8.
MARK = "\ufeff"
#: Where a formula may begin: at the start of a cell, also for a program that takes another delimiter or loses
#: count of the quotation marks. The signs are there in the width of Chinese letters, too.
RISKY = re.compile(r"""(?:^|(?<=[;,\t\r\n"]))(?='*[=+\-@\t\r＝＋－＠])""")
DEFUSED = re.compile(r"""(?:^|(?<=[;,\t\r\n"]))'(?='*[=+\-@\t\r＝＋－＠])""")
ENCODINGS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITERS = ",;\t|"
MOST_BYTES = 4 * 1024 * 1024
MOST_ROWS = 10_000


class NoSheet(ValueError):
    """What was given is no table. The message says why, to the person who gave it."""


def defused(cell: object) -> object:
    """Text with an apostrophe before each formula, as a person would type it; other values as they are."""
    return RISKY.sub("'", cell) if isinstance(cell, str) else cell


def as_typed(cell: str) -> str:
    """The reverse of `defused`."""
    return DEFUSED.sub("", cell)


def written(rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue()


def read(content: bytes) -> list[list[str]]:
    """Rows of equal length, the first with the names of the columns. Raises NoSheet.

    UTF-8, UTF-16 with its mark, else windows-1252; between the delimiter of which the first row has most.
    """
    if len(content) > MOST_BYTES:
        raise NoSheet(_("The file is larger than %(most)d MB. Split it.") % {"most": MOST_BYTES >> 20})
    text = _decoded(content)
    if "\0" in text:
        raise NoSheet(_("The file holds NUL bytes: it is no CSV. Save it as “CSV UTF-8” and try again."))
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise NoSheet(_("The file cannot be read as CSV: %(why)s.") % {"why": error}) from error
    if len(rows) < 2:
        raise NoSheet(_("There is nothing below a first row with the names of the columns."))
    if len(rows) > MOST_ROWS:
        raise NoSheet(_("The file has more than %(most)d rows. Split it.") % {"most": MOST_ROWS})
    for number, row in enumerate(rows, start=1):
        if len(row) != len(rows[0]):
            raise NoSheet(
                _("Row %(row)d has %(cells)d cells where the first row has %(columns)d. Mend that row.")
                % {"row": number, "cells": len(row), "columns": len(rows[0])}
            )
    names = [name.strip() for name in rows[0]]
    return [names, *([as_typed(cell) for cell in row] for row in rows[1:])]


def _decoded(content: bytes) -> str:
    marked = [encoding for mark, encoding in ENCODINGS if content.startswith(mark)]
    for encoding in (*marked, "utf-8", "windows-1252"):
        try:
            return content.decode(encoding)
        except UnicodeError:
            continue
    raise NoSheet(_("The file is in no known encoding. Save it as “CSV UTF-8” and try again."))
