"""Stylesheets that a person can read: one declaration a line, short rules aside, and nothing unused."""

import re
from collections.abc import Iterator
from pathlib import Path

import django
import import_export

from tests.architecture.sources import PACKAGES, ROOT

FOLDER = ROOT / "itsm" / "ui" / "static" / "ui"
LONGEST_LINE, LONGEST_FILE = 120, 400
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
SELECTOR = re.compile(r"[^{};]+(?=\{)")
CLASS = re.compile(r"[.#]([A-Za-z_][\w-]*)")
#: Put together by Django, by Select2 or by a tag of ours from a name and a prefix.
MADE = re.compile(r"(?:column|field)-\w+|s-[\w-]+|a[1-5]|select2-[\w-]+|profile-group")
#: What gives names to classes, and by which endings its files go.
SOURCES = {
    ROOT / "templates": ("html",),
    **{ROOT / package: ("py", "js") for package in PACKAGES},
    Path(django.__file__).parent / "contrib" / "admin": ("html", "py", "js"),
    Path(django.__file__).parent / "forms": ("html", "py"),
    Path(import_export.__file__).parent: ("html", "py"),
}


def walls(text: str) -> Iterator[int]:
    """Numbers of lines that hold more than a short rule, or more than a person reads at once."""
    for number, line in enumerate(text.splitlines(), start=1):
        declarations = line.count(";") > 1 and "{" not in line
        if len(line) > LONGEST_LINE or line.count("{") > 1 or declarations:
            yield number


def used_words() -> set[str]:
    texts = (
        path.read_text(errors="ignore")
        for folder, endings in SOURCES.items()
        for ending in endings
        for path in folder.rglob(f"*.{ending}")
    )
    return {word for text in texts for word in re.findall(r"[\w-]+", text)}


def test_stylesheets_can_be_read() -> None:
    texts = {path.name: path.read_text() for path in FOLDER.glob("*.css")}

    assert {f"{name}:{number}" for name, text in texts.items() for number in walls(text)} == set()
    assert [name for name, text in texts.items() if text.count("\n") > LONGEST_FILE] == []
    assert len(texts) > 5


def test_every_selector_is_of_something_there_is() -> None:
    """Of the names that no page gives, those of another program's document are left out."""
    rules = "\n".join(path.read_text() for path in FOLDER.glob("*.css") if path.name != "api-docs.css")
    named = set(CLASS.findall("".join(SELECTOR.findall(COMMENT.sub("", rules)))))

    assert {name for name in named - used_words() if not MADE.fullmatch(name)} == set()
    assert len(named) > 200


def test_a_wall_is_found() -> None:
    assert list(walls("a { b: c }\na { b: c; & d { e: f } }\n  b: c; d: e;\n")) == [2, 3]
