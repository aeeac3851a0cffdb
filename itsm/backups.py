"""A backup is a folder: the database as it was at one moment, the files, and the key that was made for it.

It is made while the desk runs. The list of contents is written last, so a folder without it is no backup.
"""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from incidents.models import Incident, TimelineEntry
from itsm import timekeeping
from itsm.preflight import Refusal
from itsm.restored import COPY

CONTENTS, DATABASE, FILES, KEY = "contents.json", "database", "files", "secret_key"


@dataclass(frozen=True, slots=True)
class Contents:
    made_at: str
    engine: str
    incidents: int
    entries: int
    files: int

    def __str__(self) -> str:
        return f"{self.incidents} incidents, {self.entries} entries, {self.files} files"


def back_up(folder: Path) -> Contents:
    """Into a new or empty folder, which only its owner can read."""
    if folder.exists() and any(folder.iterdir()):
        raise Refusal(f"{folder} is not empty. Name a new folder for each backup.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        made_at = timekeeping.now().isoformat(timespec="seconds")
        counts = _copy_sqlite(folder) if connection.vendor == "sqlite" else _dump_postgresql(folder)
        # After the database: each file that it names was there before.
        files = _copy_files(Path(settings.MEDIA_ROOT), folder / FILES)
        with suppress(FileNotFoundError):
            shutil.copy2(settings.DATA_DIR / KEY, folder / KEY)
        contents = Contents(made_at, connection.vendor, *counts, files)
        (folder / CONTENTS).write_text(json.dumps(asdict(contents), indent=2) + "\n")
    except (OSError, DatabaseError, sqlite3.Error) as error:
        raise Refusal(f"{folder} is no whole backup: {error}") from None
    return contents


def bring_back(folder: Path) -> Contents:
    """Into an empty database and an empty folder of files. Nothing is overwritten."""
    contents = _contents(folder)
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        raise Refusal(f"There are files in {media} already. Move them away, or name another DATA_DIR.")
    try:
        if connection.vendor == "sqlite":
            _bring_back_sqlite(folder)
        else:
            _bring_back_postgresql(folder)
        _copy_files(folder / FILES, media)
        if (folder / KEY).exists() and not settings.SECRET_KEY_GIVEN:
            shutil.copy2(folder / KEY, settings.DATA_DIR / KEY)
    except OSError as error:
        raise Refusal(f"{folder} was not brought back whole: {error}") from None
    found = _counts()
    if found != (contents.incidents, contents.entries):
        raise Refusal(
            f"The backup has {contents}, the restored database {found[0]} incidents, {found[1]} entries."
        )
    return contents


def _contents(folder: Path) -> Contents:
    try:
        contents = Contents(**json.loads((folder / CONTENTS).read_text()))
    except (OSError, ValueError, TypeError):
        raise Refusal(f"{folder} is no whole backup: {CONTENTS} is missing or unreadable.") from None
    if contents.engine != connection.vendor:
        raise Refusal(
            f"This is a backup of {contents.engine}, and DATABASE_URL names {connection.vendor}. "
            "Restore it as it was; manage.py move_to_postgresql moves it afterwards."
        )
    return contents


def _counts() -> tuple[int, int]:
    return Incident.objects.count(), TimelineEntry.objects.count()


def _copy_files(source: Path, target: Path) -> int:
    """How many there are. One that is removed meanwhile was named by nothing any more."""
    count = 0
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy2(path, place)
                count += 1
    return count


def _copy_sqlite(folder: Path) -> tuple[int, int]:
    """Writers go on meanwhile. The copy carries the mark by which a desk started on it knows what it is."""
    place = folder / DATABASE
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(place)])
    with closing(sqlite3.connect(place)) as copy:
        copy.execute(f"PRAGMA application_id = {COPY}")
        if (found := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise Refusal(f"The copy of the database is damaged: {found}")
        tables = (Incident._meta.db_table, TimelineEntry._meta.db_table)
        incidents, entries = (copy.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables)  # noqa: S608 -- our own names
    return incidents, entries


def _bring_back_sqlite(folder: Path) -> None:
    place = Path(str(connection.settings_dict["NAME"]))
    if place.exists() and place.stat().st_size:
        raise Refusal(f"There is a database at {place} already. Move it away, or name another DATA_DIR.")
    place.parent.mkdir(parents=True, exist_ok=True)
    connection.close()
    part = place.with_name(f"{place.name}.part")
    shutil.copyfile(folder / DATABASE, part)
    part.replace(place)


def _dump_postgresql(folder: Path) -> tuple[int, int]:
    """What is counted and what is dumped are one snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        counts = _counts()
        target = folder / DATABASE
        _run("pg_dump", f"--snapshot={snapshot}", "--format=custom", "--no-owner", f"--file={target}")
    return counts


def _bring_back_postgresql(folder: Path) -> None:
    if connection.introspection.table_names():
        raise Refusal(
            f"The database {connection.settings_dict['NAME']} is not empty. Make a new one: createdb."
        )
    _run(
        "pg_restore",
        "--no-owner",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={connection.settings_dict['NAME']}",
        str(folder / DATABASE),
    )


def _run(program: str, *options: str) -> None:
    """A program of PostgreSQL, on the database of DATABASE_URL."""
    path = shutil.which(program)
    if path is None:
        raise Refusal(f"{program} is not installed: install the client programs of PostgreSQL.")
    done = subprocess.run(  # noqa: S603 -- of the machine's PostgreSQL
        [path, *options],
        env=os.environ | _login(connection.settings_dict),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(f"{program} failed: {_first_line(done.stderr.splitlines())}")


def _first_line(lines: Sequence[str]) -> str:
    return next((line for line in lines if line.strip()), "it did not say why")


def _login(config: dict[str, Any]) -> dict[str, str]:
    """By environment: a password is no business of who lists processes."""
    names = {
        "PGDATABASE": "NAME",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGHOST": "HOST",
        "PGPORT": "PORT",
    }
    found = {variable: str(config[name]) for variable, name in names.items() if config.get(name)}
    if mode := config.get("OPTIONS", {}).get("sslmode"):
        found["PGSSLMODE"] = mode
    return found
