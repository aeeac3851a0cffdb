"""What stands in one line: titles, and the names of things. One rule for every door.

Marks that nobody sees come along with copied words, so they are taken out and not refused; what holds
nothing else is empty, and each door says so as it does of an empty field.
"""

import unicodedata
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    Column = models.CharField[str, str]
else:
    Column = models.CharField

#: Letters and signs that are drawn as nothing: Hangul fillers, the braille pattern without a dot.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
#: What is "default ignorable" for Unicode beside the format characters, which have a category.
IGNORABLE = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065") | {
    chr(code) for code in (*range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))
}
#: They say how the character before them is drawn or joined: needed in Persian, in Indic scripts, in emoji.
JOINERS = frozenset("\u200c\u200d") | {chr(code) for code in range(0xFE00, 0xFE10)}
JOINED = frozenset({"Lo", "Mn", "Mc", "So", "Sk", "Sm"})
KEYCAPS = frozenset("0123456789#*")
#: Letters, numbers, punctuation and symbols: a line of none of them shows nothing.
SEEN = frozenset("LNPS")


def one_line(words: str) -> str:
    """`words` in one line without what cannot be seen: control, direction and zero-width characters.

    Empty when nothing is left to see.
    """
    if words.isascii() and words.isprintable():
        return " ".join(words.split())
    line = ""
    for char in words:
        line += _shown(char, line[-1:])
    line = unicodedata.normalize("NFC", " ".join(line.rstrip("\u200c\u200d").split()))
    return line if any(unicodedata.category(char)[0] in SEEN for char in line) else ""


def _shown(char: str, before: str) -> str:
    if char in JOINERS:
        return char if before in KEYCAPS or (before and unicodedata.category(before) in JOINED) else ""
    category = unicodedata.category(char)
    if char in IGNORABLE or category == "Cf":
        return ""
    nothing = char in BLANK or category[0] == "Z" or category in {"Cc", "Cs", "Co"} or _is_no_character(char)
    return " " if nothing else char


def _is_no_character(char: str) -> bool:
    code = ord(char)
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


class Line(Column):
    """A name or title. Cleaned wherever it is checked or written; for migrations a plain text column."""

    default_error_messages = {"blank": _("Nothing of this can be seen. Write it in letters.")}

    def to_python(self, value: object) -> object:
        found = super().to_python(value)
        return one_line(found) if isinstance(found, str) else found

    def pre_save(self, model_instance: models.Model, add: bool) -> object:  # noqa: FBT001 -- Django's signature
        value = self.to_python(super().pre_save(model_instance, add))
        if isinstance(value, str):
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: object, connection: Any) -> object:
        return super().get_db_prep_save(one_line(value) if isinstance(value, str) else value, connection)

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
