"""A row of the file becomes a row of the database: made, changed, or left as it was."""

from typing import Any, TypeVar

from django.db import models

from itsm.setting_up.file import Outcome, Row

Model = TypeVar("Model", bound=models.Model)


def put(row: Row, found: Model | None, fresh: Model, values: dict[str, object]) -> Model | None:
    """`values` onto the row found, else onto `fresh`. None: nothing was written, and a mistake says why."""
    row.nothing_else()
    if not row.is_good:
        return None
    subject = found or fresh
    changed = [name for name, value in values.items() if found is None or getattr(found, name) != value]
    if found is not None and not changed:
        return subject
    for name in changed:
        setattr(subject, name, values[name])
    if not row.try_to(subject.full_clean):
        return None
    subject.save()
    tell(row.outcome, subject, changed if found else [])
    return subject


def put_many(
    row: Row, key: str, relation: Any, wanted: list[Any], *, subject: models.Model, told: bool
) -> None:
    """The file names all of them: who is left out of it is taken out. `told`: as part of a new row."""
    if key not in row or {other.pk for other in relation.all()} == {other.pk for other in wanted}:
        return
    relation.set(wanted)
    if not told:
        tell(row.outcome, subject, [key])


def tell(outcome: Outcome, subject: models.Model, changed: list[str]) -> None:
    """A row that was made has no `changed`."""
    kind = subject._meta.verbose_name
    outcome.done.append(f"{kind} {subject}: {', '.join(changed)}" if changed else f"new {kind}: {subject}")


def given(row: Row, **kinds: type) -> dict[str, Any]:
    """The plain values that stand in the row. What is left out stays as it is."""
    found = {name: row.get(name, kind) for name, kind in kinds.items()}
    return {name: value for name, value in found.items() if name in row and value is not None}
