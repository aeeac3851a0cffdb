"""Rules are told the time: only doors look at the clock, and the clock is the database's."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGES, ROOT, place, python_files, tree

RULES = (
    "incidents/models",
    "incidents/policies.py",
    "incidents/sla",
    "incidents/timeline.py",
    "incidents/workflow",
    "notifications/routing",
    "notifications/routing.py",
    "reports/metrics",
    "reports/metrics.py",
    "reports/periods",
    "reports/periods.py",
    "reports/content",
    "reports/trends",
)
CLOCKS = {"now", "utcnow", "today", "localdate", "localtime", "time", "time_ns"}
SOURCES = {"timezone", "datetime", "date", "time", "timekeeping"}
#: They may look at the clock of their own machine, and why.
BY_THEIR_OWN_CLOCK = {
    "itsm/timekeeping.py": "compares it with the database's",
    "incidents/api/throttling.py": "counts within minutes",
    "notifications/models/endpoint.py": "a default of a form",
    "notifications/models/subscription.py": "a default of a form",
}


def looks_at_the_clock(module: ast.Module, sources: set[str] = SOURCES) -> Iterator[int]:
    """`timezone.now` in any form: called, or handed over as a default."""
    for node in ast.walk(module):
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS and owner(node.value) in sources:
            if not is_plain_conversion(node, module):
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module == "django.utils.timezone":
            yield from (node.lineno for alias in node.names if alias.name in CLOCKS)


def owner(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def is_plain_conversion(attribute: ast.Attribute, module: ast.Module) -> bool:
    """`timezone.localtime(at)` and `localdate(at)` convert; without an argument they look at the clock.
    `datetime.time` is a type."""
    if attribute.attr == "time" and owner(attribute.value) == "datetime":
        return True
    return attribute.attr in {"localtime", "localdate"} and any(
        isinstance(node, ast.Call) and node.func is attribute and node.args for node in ast.walk(module)
    )


def test_rules_do_not_look_at_the_clock() -> None:
    offenders = [
        place(path, line) for path in python_files(*RULES) for line in looks_at_the_clock(tree(path))
    ]

    assert offenders == []


def test_doors_take_the_time_of_the_database() -> None:
    """`timekeeping.now()`, never `timezone.now()`: machines differ, and their database decides."""
    offenders = [
        place(path, line)
        for path in python_files(*PACKAGES)
        if str(path.relative_to(ROOT)) not in BY_THEIR_OWN_CLOCK
        for line in looks_at_the_clock(tree(path), SOURCES - {"timekeeping"})
    ]

    assert offenders == []


@pytest.mark.parametrize(
    "planted",
    [
        "at = timezone.now()",
        "at = timekeeping.now()",
        "at = datetime.now(UTC)",
        "at = datetime.datetime.now(UTC)",
        "day = date.today()",
        "at = models.DateTimeField(default=timezone.now)",
        "from django.utils.timezone import now",
        "seconds = time.time()",
        "day = timezone.localdate()",
    ],
)
def test_planted_look_is_found(planted: str) -> None:
    assert list(looks_at_the_clock(ast.parse(planted))) == [1]


def test_converting_a_given_time_is_allowed() -> None:
    assert list(looks_at_the_clock(ast.parse("day = timezone.localdate(at, zone)"))) == []
