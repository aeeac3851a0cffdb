"""Nothing is offered, drawn or listened for without its other half."""

import re
from collections.abc import Iterator
from pathlib import Path

from django.contrib import admin
from django.urls import reverse

from incidents.enums import Metric
from incidents.sla.clocks import MEASURED
from itsm.celery import app
from itsm.desk.navigation import SECTIONS
from itsm.ui.templatetags.icons import ICONS
from tests.architecture.sources import PACKAGES, ROOT

SCRIPTS = ROOT / "itsm" / "ui" / "static" / "ui"


def sources(*endings: str) -> Iterator[Path]:
    for folder in (*PACKAGES, "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in endings and "migrations" not in path.parts:
                yield path


def markup() -> str:
    pages = [path for path in sources(".html", ".py") if path.name != "icons.py"]
    return "\n".join(path.read_text() for path in pages)


def hooks(script: str) -> set[str]:
    """The data attributes a script asks for, written as in markup."""
    asked = set(re.findall(r"\[data-([a-z-]+)", script))
    read = re.findall(r"(?:target|link|text|button|group|extra|form|el|zone)\.dataset\.(\w+)", script)
    return asked | {re.sub(r"([A-Z])", lambda found: f"-{found[1].lower()}", name) for name in read}


def test_every_hook_of_a_script_stands_in_a_page() -> None:
    pages = markup()
    scripts = {path.name: path.read_text() for path in SCRIPTS.glob("*.js")}

    missing = {
        name: lost
        for name, script in scripts.items()
        if (
            lost := {
                hook
                for hook in hooks(script)
                if not re.search(rf"\bdata-{hook}\b", pages + script_made(script))
            }
        )
    }

    assert not missing


def script_made(script: str) -> str:
    """Attributes that the script itself writes into a page."""
    written = re.findall(r"dataset\.(\w+) = ", script)
    return " ".join(f"data-{name}" for name in written)


def test_every_icon_is_drawn_somewhere() -> None:
    pages = markup() + "\n".join(path.read_text() for path in SCRIPTS.glob("*.js"))

    assert not [name for name in ICONS if not re.search(rf"""["'](?:#i-|i-)?{name}["']""", pages)]


def test_every_line_of_the_navigation_leads_somewhere() -> None:
    lists = {model._meta.label_lower for model in admin.site._registry}

    for section in SECTIONS:
        for place in section.places:
            if "." in place.target:
                assert place.target in lists, place.target
            else:
                assert reverse(place.target)


def test_every_queue_is_written_to() -> None:
    written = {route["queue"] for route in app.conf.task_routes.values()} | {app.conf.task_default_queue}

    assert {queue.name for queue in app.conf.task_queues} == written


def test_every_metric_offered_is_measured() -> None:
    """A target for a clock that nobody starts would be a promise nobody keeps."""
    assert set(MEASURED) == set(Metric)
