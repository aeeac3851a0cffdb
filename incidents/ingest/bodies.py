"""A body as its sender could make it: whatever can be read is read.

Lenient where the REST interface is strict: a key may stand twice (the last counts), numbers may be
no numbers, characters may be half or of another encoding, and JSON may come inside a form.
"""

import codecs
from email.message import Message
from urllib.parse import parse_qsl

from incidents.parsers.alert import BadPayload
from incidents.parsers.reading import loads

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 500


def read_body(body: bytes, content_type: str) -> object:
    """The value that the body holds. Raises BadPayload when there is none."""
    header = Message()
    header["Content-Type"] = content_type
    words = _decode(body, header.get_content_charset())
    if header.get_content_type() == FORM and not words.lstrip().startswith(("{", "[")):
        return _form(words)
    return _json(words)


def _decode(body: bytes, said: str | None) -> str:
    """By its mark, as UTF-8, as it says, and last as what old tools on Windows send."""
    marked = [encoding for mark, encoding in BOMS if body.startswith(mark)]
    for encoding in (*marked, "utf-8", *([said] if said else ()), "windows-1252"):
        try:
            return body.decode(encoding)
        except (UnicodeError, LookupError, ValueError):
            continue
    return body.decode("latin-1")


def _form(words: str) -> object:
    """The field that holds JSON, whatever its name; without one the fields themselves."""
    try:
        fields = dict(parse_qsl(words, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise BadPayload(f"The form cannot be read: it has more than {MAX_FIELDS} fields.") from error
    for value in fields.values():
        if value.lstrip().startswith(("{", "[")):
            return _json(value)
    if not fields:
        raise BadPayload("The form is empty.")
    return fields


def _json(words: str) -> object:
    try:
        return loads(words)
    except RecursionError:
        raise BadPayload("The body is not valid JSON: it is nested too deeply.") from None
    except ValueError as error:
        raise BadPayload(f"The body is not valid JSON: {str(error)[:200]}") from error
