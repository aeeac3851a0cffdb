"""Workers of the release before run on while a database is migrated: their INSERTs and SELECTs still fit."""

from collections.abc import Iterator

import pytest
from django.db.migrations import AddField, DeleteModel, Migration, RemoveField, RenameField, RenameModel
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import BooleanField, IntegerField

from tests.architecture.sources import PACKAGES

#: The last migrations of the release before.
RELEASED = {"incidents": 13, "notifications": 5, "reports": 2}
GONE = (DeleteModel, RemoveField, RenameField, RenameModel)


def breaks(migration: Migration) -> Iterator[str]:
    for operation in migration.operations:
        if isinstance(operation, GONE):
            yield f"{migration}: {operation.describe()}: old code reads it; leave that to the next release"
        elif isinstance(operation, AddField) and not may_be_left_out(operation):
            yield f"{migration}: {operation.describe()}: old code writes none; give it null or db_default"


def may_be_left_out(added: AddField) -> bool:
    field = added.field
    return field.many_to_many or field.null or field.has_db_default()


def test_new_migrations_leave_the_release_before_running() -> None:
    loader = MigrationLoader(None)

    found = [
        fault
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if app in PACKAGES and int(name[:4]) > RELEASED.get(app, 0)
        for fault in breaks(migration)
    ]

    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        AddField("delivery", "lane", IntegerField()),
        AddField("delivery", "is_late", BooleanField(default=False)),
        RemoveField("delivery", "lane"),
        RenameField("delivery", "lane", "road"),
        RenameModel("delivery", "letter"),
        DeleteModel("delivery"),
    ],
)
def test_planted_break_is_found(planted: Operation) -> None:
    migration = Migration("0099_planted", "notifications")
    migration.operations = [planted, AddField("delivery", "n", IntegerField(db_default=0))]

    assert len(list(breaks(migration))) == 1
