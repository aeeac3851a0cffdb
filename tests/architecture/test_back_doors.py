"""The core names nobody who listens: not by import (import-linter), not by text, not by foreign key."""

import ast
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.sources import place, python_files, tree

SATELLITE = re.compile(r"^(notifications|reports)(\.\w+)*$")
LOADERS = {"get_model", "import_module", "import_string", "__import__", "autodiscover_modules"}
WITHIN_REACH = {"incidents", "auth", "contenttypes"}


def back_doors(module: ast.Module) -> Iterator[int]:
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SATELLITE.match(node.value):
            yield node.lineno
        if isinstance(node, ast.Call) and loader_name(node) in LOADERS:
            yield node.lineno


def loader_name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def strangers(model: type[models.Model]) -> list[str]:
    """Relations of the model that point out of the core."""
    return [
        f"{model.__name__}.{field.name}"
        for field in model._meta.get_fields()
        if not field.auto_created
        and isinstance(field.related_model, type)
        and field.related_model._meta.app_label not in WITHIN_REACH
    ]


def test_core_names_no_satellite_in_a_string() -> None:
    offenders = [place(path, line) for path in python_files("incidents") for line in back_doors(tree(path))]

    assert offenders == []


def test_no_relation_of_the_core_leaves_it() -> None:
    config = apps.get_app_config("incidents")

    offenders = [name for model in config.get_models(include_auto_created=True) for name in strangers(model)]

    assert offenders == []


@pytest.mark.parametrize(
    "planted",
    [
        "apps.get_model('incidents', 'Incident')",
        "import_string('some.where')",
        "models.ForeignKey('notifications.Delivery', on_delete=models.CASCADE)",
        "task = 'reports.tasks.make_due'",
    ],
)
def test_planted_back_door_is_found(planted: str) -> None:
    assert list(back_doors(ast.parse(planted))) != []


def test_planted_relation_is_found() -> None:
    class Stranger(models.Model):  # noqa: DJ008 -- never shown
        session = models.ForeignKey("sessions.Session", on_delete=models.CASCADE)

        class Meta:
            app_label = "incidents"
            managed = False

    found = strangers(Stranger)
    del apps.all_models["incidents"]["stranger"]
    apps.clear_cache()

    assert found == ["Stranger.session"]
