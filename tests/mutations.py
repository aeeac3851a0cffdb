"""What an insider with the database, and without the key of the ledger, may do to it: at random, by seed."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, models, transaction

from incidents import timeline
from incidents.models import (
    Action,
    Anchor,
    Attachment,
    Clock,
    Evidence,
    Hypothesis,
    Incident,
    Review,
    TimelineEntry,
)
from notifications.models import Announcement, Attempt, Delivery, Enclosure, Subscription
from reports.models import Report
from tests.factories import NOON
from tests.insider import write

#: The covered tables, and the columns that nothing is proved of: marks of the sweep, and what is said
#: of a row after its content is final or while it is on its way.
COVERED: dict[type[models.Model], set[str]] = {
    Anchor: set(),
    Incident: set(),
    TimelineEntry: {"announced_at", "anchor"},
    Clock: set(),
    Attachment: {"anchor"},
    Evidence: {"anchor"},
    Hypothesis: set(),
    Action: set(),
    Review: {"anchor"},
    Announcement: {"anchor"},
    Attempt: {"anchor"},
    Enclosure: {"anchor"},
    Subscription: {"anchor", "ended_anchor"},
    Report: {"anchor", "announced_at", "begun_at", "tries", "schedule_id", "requested_by_id"},
    Delivery: {
        "anchor",
        "sent_anchor",
        "attempts",
        "came_back",
        "claimed_at",
        "claimed_by",
        "due_at",
        "expires_at",
        "lane",
        "last_class",
        "last_text",
        "lease_token",
        "lease_until",
        "lost_leases",
        "noted_at",
        "phase",
    },
}
TABLES = tuple(COVERED)


class Nothing(Exception):
    """This one would change nothing, or the database has rules of its own against it."""


def mutate(kind: str, rng: Random) -> str:
    """One mutation; the table it was done to. Raises Nothing."""
    model = TimelineEntry if kind == "rehash" else rng.choice(TABLES)
    try:
        with transaction.atomic():
            KINDS[kind](model, rng)
    except IntegrityError as error:
        raise Nothing from error
    return model.__name__


def edit(model: type[models.Model], rng: Random) -> None:
    field = rng.choice(covered(model))
    row = rng.choice(rows(model))
    old = getattr(row, field.attname)
    put(model, row.pk, field, other(field, old, rng))


def delete(model: type[models.Model], rng: Random) -> None:
    remove(model, [rng.choice(rows(model)).pk])


def swap(model: type[models.Model], rng: Random) -> None:
    """The values of one column in two rows."""
    field, found = rng.choice(covered(model)), rows(model)
    if len(found) < 2:
        raise Nothing
    one, two = rng.sample(found, 2)
    first, second = getattr(one, field.attname), getattr(two, field.attname)
    if first == second:
        raise Nothing
    if field.unique:  # by way of a third value
        put(model, one.pk, field, other(field, first, rng))
    put(model, two.pk, field, first)
    put(model, one.pk, field, second)


def truncate(model: type[models.Model], rng: Random) -> None:
    """The newest rows of a table; of entries the last of an incident with all put back; a whole incident."""
    found = rows(model)
    if model is Incident:
        erase(rng.choice(found))
    elif model is TimelineEntry:
        cut_tail(rng.choice(list(Incident.objects.filter(version__gt=1))), rng)
    else:
        remove(model, [row.pk for row in found[-rng.randint(1, len(found)) :]])


def rehash(_model: type[models.Model], rng: Random) -> None:
    """The last entry says something else, and its hash and the incident's know it."""
    incident = rng.choice(rows(Incident))
    last = incident.entries.order_by("-seq")[0]
    last.text = f"{last.text} {rng.random()}"
    last.hash = timeline.chain_hash(last, incident.uid)
    write(
        "UPDATE incidents_timelineentry SET text = %s, hash = %s WHERE id = %s", last.text, last.hash, last.pk
    )
    write("UPDATE incidents_incident SET chain_head = %s WHERE id = %s", last.hash, incident.pk)


KINDS: dict[str, Callable[[type[models.Model], Random], None]] = {
    "edit": edit,
    "delete": delete,
    "swap": swap,
    "truncate": truncate,
    "rehash": rehash,
}


def cut_tail(incident: Incident, rng: Random) -> None:
    """As if the last entries had never been: row, version and head as the one before left them."""
    entries = list(incident.entries.order_by("seq"))
    kept = entries[: rng.randint(1, len(entries) - 1)]
    told = timeline.fold(kept)
    for field in Incident._meta.concrete_fields:
        if field.name in timeline.TRACKED:
            value = told[field.name]
            is_time = value is not None and isinstance(field, models.DateTimeField)
            put(Incident, incident.pk, field, datetime.fromisoformat(value) if is_time else value)
    write(
        "UPDATE incidents_incident SET version = %s, chain_head = %s, updated_at = %s WHERE id = %s",
        len(kept), kept[-1].hash, kept[-1].at, incident.pk,
    )  # fmt: skip
    gone = [entry.pk for entry in entries[len(kept) :]]
    for model in (Announcement, Attachment, Delivery):
        hanging = model._default_manager.filter(entry__in=gone)
        remove(model, list(hanging.values_list("pk", flat=True)))
    remove(TimelineEntry, gone)


def erase(incident: Incident) -> None:
    """An incident with everything that hangs on it."""
    entries = list(incident.entries.values_list("pk", flat=True))
    for model in (Announcement, Attachment):
        found = model._default_manager.filter(entry__in=entries)
        remove(model, list(found.values_list("pk", flat=True)))
    for model in (Clock, Evidence, Hypothesis, Action, Review, Delivery, TimelineEntry):
        found = model._default_manager.filter(incident=incident)
        remove(model, list(found.values_list("pk", flat=True)))
    remove(Incident, [incident.pk])


def rows(model: type[models.Model]) -> list[Any]:
    return list(model._default_manager.order_by("pk"))


def covered(model: type[models.Model]) -> list[Any]:
    return [
        field
        for field in model._meta.concrete_fields
        if not field.primary_key and field.attname not in COVERED[model]
    ] or [model._meta.pk]


def other(field: Any, old: Any, rng: Random) -> Any:
    """Another value that the column takes, close to the old one."""
    if field.is_relation:
        return another_key(field, old, rng)
    if isinstance(field, models.CharField | models.TextField | models.FileField):
        return text(field, str(old or ""), rng)
    for kind, change in CHANGES.items():
        if isinstance(field, kind):
            return change(old, rng)
    raise Nothing


def another_key(field: Any, old: Any, rng: Random) -> Any:
    keys = list(field.related_model._default_manager.values_list("pk", flat=True))
    keys = [key for key in [*keys, *([None] if field.null else [])] if key != old]
    if not keys:
        raise Nothing
    return rng.choice(keys)


#: The first that fits: a time is a date, too.
CHANGES: dict[Any, Callable[[Any, Random], Any]] = {
    models.DateTimeField: lambda old, rng: (old or NOON) + timedelta(milliseconds=rng.choice((1, -1, 10**4))),
    models.DateField: lambda old, _rng: (old or NOON.date()) + timedelta(days=1),
    models.UUIDField: lambda old, rng: UUID(int=old.int ^ 1 << rng.randrange(128)),
    models.BooleanField: lambda old, _rng: not old,
    models.IntegerField: lambda old, rng: (old or 0) + rng.choice((1, 2, 5)),
    models.BinaryField: lambda old, _rng: bytes(old or b"") + b"x",
    models.JSONField: lambda _old, rng: {"forged": rng.random()},
}


def text(field: Any, old: str, rng: Random) -> str:
    """One character more, fewer, or another."""
    if not old:
        return "x"
    at = rng.randrange(len(old))
    new = old[:at] + rng.choice("abcdef0123456789") + old[at + rng.choice((0, 1)) :]
    if new == old or (field.max_length and len(new) > field.max_length):
        return old[:at] + old[at + 1 :]
    return new


def put(model: type[models.Model], pk: Any, field: Any, value: Any) -> None:
    prepared = field.get_db_prep_save(value, connection)
    if isinstance(value, dict | list) and connection.vendor == "sqlite":
        prepared = json.dumps(value)
    table, key = model._meta.db_table, model._meta.pk.column  # type: ignore[union-attr]
    write(f"UPDATE {table} SET {field.column} = %s WHERE {key} = %s", prepared, pk)  # noqa: S608 -- ours


def remove(model: type[models.Model], pks: list[Any]) -> None:
    table, key = model._meta.db_table, model._meta.pk.column  # type: ignore[union-attr]
    for pk in pks:
        write(f"DELETE FROM {table} WHERE {key} = %s", pk)  # noqa: S608 -- ours
