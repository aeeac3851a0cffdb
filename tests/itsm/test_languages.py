"""A language is offered once every text of ours has been put into it."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
ROOMS = ("itsm", "incidents", "notifications", "reports")
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
#: What a template's tags become when they are made into code: the text in quotes.
IN_TEMPLATE = re.compile(r"""\bn?gettext\(u?(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""")


class Nothing(gettext.NullTranslations):
    """Asked for what a catalogue lacks."""

    def gettext(self, _message: str) -> str:
        return ""


def texts_of_code(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def texts_of_template(source: str) -> Iterator[str]:
    code = re.sub(r"\b_\(", "gettext(", templatize(source))
    for found in IN_TEMPLATE.finditer(code):
        yield ast.literal_eval(found["text"])


def our_texts() -> set[str]:
    texts: set[str] = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            texts.update(texts_of_code(path.read_text()))
    for path in (ROOT / "templates").rglob("*.*"):
        texts.update(texts_of_template(path.read_text()))
    return texts


def missing(language: str, folders: list[Path], texts: set[str]) -> set[str]:
    """The texts that no catalogue in these folders has in that language."""
    known: set[str] = set()
    for folder in folders:
        path = folder / language / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as file:
                catalogue = gettext.GNUTranslations(file)
            catalogue.add_fallback(Nothing())
            known.update(text for text in texts if catalogue.gettext(text))
    return texts - known


def test_texts_are_found_in_code_and_templates() -> None:
    texts = our_texts()

    assert {"In progress", "Report an incident", "You may simply answer this mail."} <= texts
    assert len(texts) > 1000


def test_offered_languages_are_whole() -> None:
    source, folders = settings.LANGUAGE_CODE, [Path(path) for path in settings.LOCALE_PATHS]
    texts = our_texts()

    gaps = {code: missing(code, folders, texts) for code, _name in settings.LANGUAGES if code != source}

    assert {code: len(texts) for code, texts in gaps.items() if texts} == {}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_language_without_a_catalogue_is_not_whole(language: str, tmp_path: Path) -> None:
    assert missing(language, [tmp_path], {"Open"}) == {"Open"}
