"""What import-linter does for Python, for templates: which loads, extends, includes or links what."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

FOLDER = ROOT / "templates"
#: Whom the templates of a room may know. The desk is the top; the design system knows nobody.
MAY_KNOW = {
    "ui": {"ui"},
    "incidents": {"ui", "incidents"},
    "notifications": {"ui", "incidents", "notifications"},
    "reports": {"ui", "incidents", "reports"},
    "desk": {"ui", "incidents", "notifications", "reports", "desk"},
}
#: The frame of every page has the name that Django's own pages extend.
FRAME = re.compile(r"admin/(?:import_export/)?\w+\.html")
KNOWN = re.compile(
    r"\{% (?P<how>load|extends|include|url) (?P<what>[^%]+)%\}",
)


def room_of(template: str) -> str:
    """By its folder; what stands in none, or in one of Django's, is the desk's."""
    folders = template.removeprefix("admin/").split("/")
    return folders[0] if len(folders) > 1 and folders[0] in MAY_KNOW else "desk"


def room_of_library(name: str) -> str | None:
    """None for one that is not ours."""
    found = next((path for path in ROOT.rglob(f"templatetags/{name}.py") if ".venv" not in path.parts), None)
    if found is None:
        return None
    folders = found.relative_to(ROOT).parts
    return folders[1] if folders[0] == "itsm" else folders[0]


def room_of_address(name: str) -> str | None:
    """None for pages of Django's admin that belong to no room."""
    space, _, page = name.partition(":")
    if space == "portal":
        return "incidents"
    owner = page.split("_")[0] if space == "admin" else space
    return owner if owner in MAY_KNOW else None


def known(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a room and by what a template knows of it."""
    for found in KNOWN.finditer(text):
        how, what = found["how"], found["what"]
        quoted = re.findall(r"""^["']([^"']+)["']""", what)
        if how == "load":
            rooms = {name: room_of_library(name) for name in what.split()}
        elif how == "url":
            rooms = {name: room_of_address(name) for name in quoted}
        else:
            rooms = {name: room_of(name) for name in quoted if not FRAME.fullmatch(name)}
        yield from ((room, f"{how} {name}") for name, room in rooms.items() if room)


def trespasses(template: str, text: str) -> list[str]:
    room = room_of(template)
    return [f"{template}: {how}" for other, how in known(text) if other not in MAY_KNOW[room]]


def templates() -> Iterator[Path]:
    yield from (path for path in FOLDER.rglob("*") if path.is_file())


def test_templates_know_only_the_rooms_below_them() -> None:
    found = [
        line
        for path in templates()
        for line in trespasses(path.relative_to(FOLDER).as_posix(), path.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("ui/panel.html", "{% load badges %}"),
        ("incidents/desk/panel.html", "{% load i18n suppressions ui %}"),
        ("incidents/portal/home.html", '{% include "notifications/follow.html" %}'),
        ("admin/incidents/incident/change_form.html", "{% url 'admin:reports_report_changelist' as all %}"),
        ("reports/mail/report.html", '{% extends "notifications/mail/base.html" %}'),
        ("notifications/stop.html", '{% include "desk/keys.html" %}'),
    ],
)
def test_planted_trespass_is_found(template: str, text: str) -> None:
    assert len(trespasses(template, text)) == 1


def test_what_is_below_may_be_known() -> None:
    text = """{% extends "admin/base_site.html" %}{% load i18n ui badges %}{% url 'portal:home' as home %}
    {% include "ui/logo.html" %}{% url 'admin:index' as index %}"""

    assert trespasses("reports/trends.html", text) == []
