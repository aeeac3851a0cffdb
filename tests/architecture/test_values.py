"""What reports are computed from is passed about and kept as a key: nobody may change it on the way."""

import pkgutil
from dataclasses import dataclass, is_dataclass
from importlib import import_module

import pytest

import reports


def is_value(kind: type) -> bool:
    return kind.__dataclass_params__.frozen and "__slots__" in vars(kind)  # type: ignore[attr-defined]


def test_values_of_the_reports_cannot_be_changed() -> None:
    modules = [import_module(found.name) for found in pkgutil.walk_packages(reports.__path__, "reports.")]
    kinds = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    ours = {kind for kind in kinds if is_dataclass(kind) and kind.__module__.startswith("reports.")}

    assert len(ours) > 15
    assert [kind.__qualname__ for kind in ours if not is_value(kind)] == []


@pytest.mark.parametrize("facts", [{"frozen": True}, {"slots": True}, {}])
def test_planted_value_that_can_be_changed_is_found(facts: dict[str, bool]) -> None:
    @dataclass(**facts)  # type: ignore[call-overload, untyped-decorator]
    class Planted:
        height: int

    assert not is_value(Planted)
