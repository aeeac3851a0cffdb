"""Bytes of mails as text: whatever can be read is read, and nothing becomes a question mark."""

import codecs
import re

#: Labels read as browsers read them (the WHATWG table), where Python's own codec of that name reads less.
CODECS = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "l1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "ks-c-5601-1987": "cp949",
    "ks-c-5601-1989": "cp949",
    "ksc5601": "cp949",
    "ksc-5601": "cp949",
    "euc-kr": "cp949",
    "korean": "cp949",
    "windows-949": "cp949",
    "gb2312": "gb18030",
    "gb-2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "chinese": "gb18030",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms-kanji": "cp932",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "cn-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859_8",
    "macintosh": "mac_roman",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "unicode-1-1-utf-8": "utf-8",
}
#: Said of anything, so they say nothing: UTF-8, and what is not UTF-8 as Windows would have meant it.
SAYS_NOTHING = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "default", "x-unknown", "binary", "8bit"})
#: Python calls these text encodings too; they are other things, or ways round every check.
NO_CHARSETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7"})
CODE_PAGE = re.compile(r"(?:cp|ibm|dos)-?([0-9]{3,5})")
GUESS = "utf-8"
AS_WINDOWS = "desk.as_windows"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    odd = error.object[error.start : error.end]
    return "".join(WINDOWS[byte] for byte in odd), error.end


#: windows-1252 with the five places it leaves empty taken as they are.
WINDOWS = [bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1") for byte in range(256)]
codecs.register_error(AS_WINDOWS, _as_windows)


def decode(raw: bytes, label: str = "") -> str:
    return raw.decode(codec(label), AS_WINDOWS).removeprefix("\ufeff")


def codec(label: str) -> str:
    """The codec a label stands for; the guess where it stands for none."""
    name = label[:40].strip(" \t\"'").lower().replace("_", "-")
    if name in SAYS_NOTHING or name in NO_CHARSETS:
        return GUESS
    if name in CODECS:
        return CODECS[name]
    if page := CODE_PAGE.fullmatch(name):
        name = f"cp{page[1]}"
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return GUESS
    return found.name if found._is_text_encoding else GUESS  # noqa: SLF001 -- base64, zip and others are codecs too
