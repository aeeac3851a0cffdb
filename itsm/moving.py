"""From SQLite to PostgreSQL, table by table, in one transaction, checked before it commits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import environ
import psycopg
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model, QuerySet
from django.db.utils import ConnectionHandler

from incidents.models import Incident
from itsm import ledger, timekeeping
from itsm.environment import POSTGRESQL_OPTIONS
from itsm.preflight import Refusal
from notifications.models import DatabaseIdentity

Say = Callable[[str], object]
SOURCE = "source"
CHUNK = 2000


def move(url: str, say: Say) -> None:
    """All of the default database, which is a SQLite file and stays as it is. Nobody writes meanwhile."""
    source = connections[DEFAULT_DB_ALIAS]
    if source.vendor != "sqlite":
        raise Refusal("DATABASE_URL names PostgreSQL already. Run this with that of the SQLite file.")
    if _unmigrated(source):
        raise Refusal("The SQLite file misses migrations. Run manage.py migrate on it first.")
    target = _connection(url)
    try:
        with in_place_of(source, target), transaction.atomic(using=SOURCE):
            _prepare(target)
            _move(source, target, say)
    except (Error, psycopg.Error) as error:
        raise Refusal(f"Nothing was moved. {_in_one_line(error)}") from None
    finally:
        target.close()


@contextmanager
def in_place_of(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> Iterator[None]:
    """All code sees the target as its database, and the source under another name."""
    connections[SOURCE], connections[DEFAULT_DB_ALIAS] = source, target
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = source
        del connections[SOURCE]


def _connection(url: str) -> BaseDatabaseWrapper:
    if not url.startswith(("postgres://", "postgresql://")):
        raise Refusal("Name the new database as postgres://user:password@host:5432/name.")
    config = environ.Env.db_url_config(url)
    config["OPTIONS"] = {**POSTGRESQL_OPTIONS, **config.get("OPTIONS", {})}
    return ConnectionHandler({DEFAULT_DB_ALIAS: config}).create_connection(DEFAULT_DB_ALIAS)


def _unmigrated(connection: BaseDatabaseWrapper) -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _prepare(target: BaseDatabaseWrapper) -> None:
    """Tables as a new desk has them. A target with anything of anybody in it is refused."""
    tables = set(target.introspection.table_names())
    ours = {Incident._meta.db_table, User._meta.db_table}
    if tables and (not ours <= tables or User.objects.exists() or Incident.objects.exists()):
        raise Refusal(f"The database {target.settings_dict['NAME']} is not empty. Make a new one: createdb.")
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


def _move(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, say: Say) -> None:
    at, models = timekeeping.now(), _models(source)
    with transaction.atomic():
        _empty(models, target)
        rows = {model: _copy(model, target) for model in models}
        with target.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in target.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
        say(f"{sum(rows.values())} rows of {len(models)} tables are copied.")
        for model, count in rows.items():
            if (found := QuerySet(model).count()) != count or count != _all(model).count():
                raise Refusal(
                    f"Nothing was moved. {model._meta.db_table} has {found} rows instead of {count}."
                )
        _compare_books(source, target, at)
        say("Counts and books agree.")


def _models(source: BaseDatabaseWrapper) -> list[type[Model]]:
    """Each table of ours once. The identity of the database is not moved: the new one has its own."""
    there = set(source.introspection.table_names())
    found = {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model is not DatabaseIdentity
    }
    return [found[name] for name in sorted(found.keys() & there)]


def _all(model: type[Model]) -> QuerySet[Any]:
    return QuerySet(model, using=SOURCE)


def _empty(models: list[type[Model]], target: BaseDatabaseWrapper) -> None:
    """Of the rows that migrations made: those of the source stand in their place."""
    with target.cursor() as cursor:
        for model in models:
            if QuerySet(model).exists():
                cursor.execute(f"DELETE FROM {target.ops.quote_name(model._meta.db_table)}")  # noqa: S608 -- our own names


def _copy(model: type[Model], target: BaseDatabaseWrapper) -> int:
    """As a stream; values pass through their fields, so each database has them in its own way."""
    fields = model._meta.local_concrete_fields
    quote = target.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    rows = _all(model).order_by("pk").values_list(*(field.attname for field in fields))
    written = 0
    with (
        target.cursor() as cursor,
        cursor.copy(f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN") as stream,
    ):
        for row in rows.iterator(chunk_size=CHUNK):
            pairs = zip(fields, row, strict=True)
            stream.write_row([field.get_db_prep_save(value, target) for field, value in pairs])
            written += 1
    return written


def _compare_books(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, at: datetime) -> None:
    """The new database has no fault that the old one has not."""
    moved = set(ledger.breaches(at))
    connections[DEFAULT_DB_ALIAS] = source
    try:
        known = set(ledger.breaches(at)) if moved else set()
    finally:
        connections[DEFAULT_DB_ALIAS] = target
    if new := sorted(moved - known):
        raise Refusal(f"Nothing was moved. {len(new)} faults would be new, such as: {new[0]}")


def _in_one_line(error: Exception) -> str:
    where = getattr(getattr(error, "diag", None), "context", None)
    return " ".join(f"{error} {where or ''}".split())
