"""Databases with every table, migrated once and copied: migrating one takes longer than most runs of tests.

Kept between runs, under a name that changes with the migrations. Each copy is migrated all the same: that
finds nothing to do, and installs triggers and the search as after an upgrade.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".pytest_cache" / "migrated"
ROOMS = ("incidents", "notifications", "reports")


def migrated_file() -> Path:
    """A SQLite database to copy."""
    with _alone():
        path = CACHE / f"{_key()}.sqlite3"
        if not path.exists():
            for old in CACHE.glob("*.sqlite3*"):
                old.unlink()
            part = CACHE / "part.sqlite3"
            _migrate(f"sqlite:///{part}")
            part.rename(path)
    return path


def migrated_template() -> str:
    """The name of a PostgreSQL database to copy, beside the one of DATABASE_URL."""
    address, _, name = os.environ["DATABASE_URL"].rpartition("/")
    template = f"{name}_migrated_{_key()}"
    quote = connection.ops.quote_name
    with _alone(), connection._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{name}_migrated_"]
        )
        found = {row[0] for row in cursor.fetchall()}
        if template not in found:
            for old in found:
                cursor.execute(f"DROP DATABASE {quote(old)}")
            part = f"{name}_migrated_part"
            cursor.execute(f"CREATE DATABASE {quote(part)}")
            _migrate(f"{address}/{part}")
            cursor.execute(f"ALTER DATABASE {quote(part)} RENAME TO {quote(template)}")
    return template


def put_in_place() -> None:
    """Before the tests' own database is made: the file itself, or on PostgreSQL what to copy."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        shutil.copyfile(migrated_file(), test["NAME"])
    else:
        test["TEMPLATE"] = migrated_template()


@contextmanager
def _alone() -> Iterator[None]:
    """One of all workers makes it; the others wait."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key() -> str:
    state = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    migrations = [path for room in ROOMS for path in sorted((ROOT / room / "migrations").glob("*.py"))]
    for path in [ROOT / "requirements.txt", *migrations]:
        state.update(path.read_bytes())
    return state.hexdigest()[:16]


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings"},
        check=True,
    )
