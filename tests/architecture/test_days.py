"""A day begins somewhere: no moment becomes a day before it is put into a zone."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import place, python_files, tree

PLACED = {"astimezone", "localtime"}
#: The database cut these moments to weeks in the zone of the period.
IN_A_ZONE_ALREADY = {"reports/metrics/volume.py:59"}


def days_of_nowhere(module: ast.Module) -> Iterator[int]:
    """`at.date()`, unless `at` is `at.astimezone(zone)` or `timezone.localtime(at, zone)`."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date":
            moment = node.func.value
            is_placed = (
                isinstance(moment, ast.Call)
                and isinstance(moment.func, ast.Attribute)
                and moment.func.attr in PLACED
            )
            if not (node.args or is_placed):
                yield node.lineno


def test_days_are_taken_in_a_zone() -> None:
    files = python_files("incidents", "notifications", "reports")

    offenders = {place(path, line) for path in files for line in days_of_nowhere(tree(path))}

    assert offenders - IN_A_ZONE_ALREADY == set()


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("day = at.date()", [1]),
        ("day = incident.opened_at.date()", [1]),
        ("day = at.astimezone(zone).date()", []),
        ("day = timezone.localtime(at, zone).date()", []),
    ],
)
def test_planted_day_is_found(planted: str, found: list[int]) -> None:
    assert list(days_of_nowhere(ast.parse(planted))) == found
