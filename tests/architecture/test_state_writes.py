"""An incident's state is written in incidents/workflow and nowhere else."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import PACKAGES, place, python_files, tree

WRITING_METHODS = {"update", "create", "get_or_create", "update_or_create", "acreate", "aupdate"}
BULK_METHODS = {"bulk_update", "save"}


def state_writes(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        if is_assignment(node) or (isinstance(node, ast.Call) and is_writing_call(node)):
            yield node.lineno  # type: ignore[attr-defined]


def is_assignment(node: ast.AST) -> bool:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = [part for target in node.targets for part in ast.walk(target) if isinstance(part, ast.expr)]
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        targets = [node.target]
    return any(isinstance(target, ast.Attribute) and target.attr == "state" for target in targets)


def is_writing_call(call: ast.Call) -> bool:
    name = called_name(call)
    if name == "setattr":
        return len(call.args) > 1 and names_state(call.args[1])
    if name in WRITING_METHODS or name == "Incident":
        return any(writes_state(keyword) for keyword in call.keywords)
    if name in BULK_METHODS:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        return any(names_state(part) for value in values for part in ast.walk(value))
    return False


def called_name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def writes_state(keyword: ast.keyword) -> bool:
    if keyword.arg in {"defaults", None} and isinstance(keyword.value, ast.Dict):
        return any(key is not None and names_state(key) for key in keyword.value.keys)
    return keyword.arg == "state"


def names_state(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == "state"


def test_state_is_written_in_workflow_only() -> None:
    doors = [path for path in python_files(*PACKAGES) if "workflow" not in path.parts]

    offenders = [place(path, line) for path in doors for line in state_writes(tree(path))]

    assert offenders == []


def test_state_is_written_in_workflow_at_all() -> None:
    """Else the test above would look for the wrong thing."""
    writes = [line for path in python_files("incidents/workflow") for line in state_writes(tree(path))]

    assert writes != []


@pytest.mark.parametrize(
    "planted",
    [
        "incident.state = State.CLOSED",
        "incident.state, incident.title = State.CLOSED, ''",
        "Incident.objects.filter(pk=1).update(state='closed')",
        "Incident.objects.filter(pk=1).update(**{'state': 'closed'})",
        "setattr(incident, 'state', 'closed')",
        "Incident.objects.bulk_update(rows, ['state'])",
        "incident.save(update_fields=['state'])",
        "Incident.objects.create(state='closed')",
        "Incident.objects.update_or_create(pk=1, defaults={'state': 'closed'})",
        "Incident(state='closed')",
    ],
)
def test_planted_state_write_is_found(planted: str) -> None:
    assert list(state_writes(ast.parse(planted))) == [1]


@pytest.mark.parametrize(
    "innocent",
    ["Incident.objects.filter(state='new')", "shown = incident.state", "Q(state__in=OPEN_STATES)"],
)
def test_reading_state_is_allowed(innocent: str) -> None:
    assert list(state_writes(ast.parse(innocent))) == []
