"""The README's page on backups: each line as it stands, with the values of this machine."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from itsm import backups, restored
from tests.notifications.test_processes import Server
from tests.running import ROOT, Desk

BIN = Path(sys.executable).parent
BLOCK = re.compile(r"<!-- (backup|restore|move): .*? -->\n```sh\n(.*?)```", re.DOTALL)
BLOCKS = dict(BLOCK.findall((ROOT / "README.md").read_text()))


class Stage:
    """A desk with three incidents, a file, a key, and deliveries that nobody has sent."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        self.folder = folder
        self.old = Desk(folder / "old", migrated)
        self.backup = folder / "backups" / "today"
        self.play(self.old, "report", "3")
        self.play(self.old, "announce")
        file = self.old.folder / "media" / "attachments" / "one.txt"
        file.parent.mkdir(parents=True)
        file.write_text("What the screen says")

    def play(self, desk: Desk, *step: str) -> str:
        environment = desk.environment | {"DJANGO_SETTINGS_MODULE": "itsm.settings"}
        command = [sys.executable, "-m", "tests.notifications.scene", *step]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def run(self, block: str, desk: Desk, **ours: str) -> str:
        text = BLOCKS[block]
        for theirs, here in {"/backups/today": str(self.backup), ".venv/bin/": f"{BIN}/", **ours}.items():
            text = text.replace(theirs, here)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=ROOT,
            env=desk.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def stage(tmp_path: Path, migrated: Path) -> Stage:
    return Stage(tmp_path, migrated)


@pytest.mark.processes
def test_backup_of_a_running_desk_is_restored_and_holds_its_deliveries(stage: Stage) -> None:
    new = Desk(stage.folder / "new")
    with closing(sqlite3.connect(stage.old.folder / "desk.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE incidents_incident SET title = 'half written'")
        made = stage.run("backup", stage.old)
        writer.execute("ROLLBACK")

    said = stage.run("restore", new, **{"/var/lib/desk": str(new.folder)})

    assert made == f"Backed up to {stage.backup}: 3 incidents, 3 entries, 1 files.\n"
    assert "3 incidents, 3 entries, 1 files. Now: manage.py migrate, check_ledger." in said
    assert "3 deliveries are in doubt." in said
    assert "Clean: 3 incidents, 3 entries." in said
    for name in ("media/attachments/one.txt", "secret_key"):
        assert (new.folder / name).read_bytes() == (stage.old.folder / name).read_bytes()
    assert (stage.backup.stat().st_mode & 0o777, (stage.backup / "secret_key").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    with closing(sqlite3.connect(stage.backup / "database")) as copy:
        assert copy.execute("PRAGMA application_id").fetchone() == (restored.COPY,)


@pytest.fixture
def server() -> Iterator[Server]:
    """The PostgreSQL under test, with two empty databases for the move and the restore after it."""
    server = Server(settings.DATABASES["default"])
    names = (server.template, f"{server.template}_restored")
    yield server
    for name in names:
        server.do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.mark.processes
@pytest.mark.skipif(connection.vendor != "postgresql", reason="moves to PostgreSQL: needs one")
def test_desk_moves_to_postgresql_and_is_backed_up_and_restored_there(stage: Stage, server: Server) -> None:
    moved, back = server.template, f"{server.template}_restored"
    login = {
        "PGHOST": server.login["host"],
        "PGPORT": str(server.login["port"]),
        "PGUSER": server.login["user"],
    }
    login |= {"PGPASSWORD": server.login["password"]} if "password" in server.login else {}
    stage.old.environment |= login
    theirs = "postgres://desk:...@db/desk"

    said = stage.run("move", stage.old, **{theirs: server.url(moved), "createdb desk": f"createdb {moved}"})

    assert "Counts and books agree." in said
    assert "Clean: 3 incidents, 3 entries." in said
    stage.old.environment["DATABASE_URL"] = server.url(moved)
    stage.play(stage.old, "report", "1")
    assert stage.play(stage.old, "announce") == "1\n", "sequences go on where they were"

    stage.run("backup", stage.old)
    server.do(f"CREATE DATABASE {back}")
    new = Desk(stage.folder / "new", **login, DATABASE_URL=server.url(back))
    said = stage.run("restore", new, **{"/var/lib/desk": str(new.folder)})

    assert "4 deliveries are in doubt." in said
    assert "Clean: 4 incidents, 4 entries." in said


def refused(*words: object) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command(*map(str, words))
    said = str(refusal.value)
    assert "\n" not in said
    return said


def test_backup_goes_only_into_a_new_folder(tmp_path: Path) -> None:
    (tmp_path / "older").touch()

    assert refused("backup", tmp_path) == f"{tmp_path} is not empty. Name a new folder for each backup."


@pytest.mark.parametrize("contents", [None, "half", '{"made_at": "2026"}'])
def test_half_a_backup_is_not_restored(tmp_path: Path, contents: str | None) -> None:
    if contents:
        (tmp_path / backups.CONTENTS).write_text(contents)

    assert "is no whole backup: contents.json is missing or unreadable." in refused("restore", tmp_path)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    facts = {"made_at": "2026-03-02T12:00:00+00:00", "incidents": 0, "entries": 0, "files": 0}
    (tmp_path / backups.CONTENTS).write_text(json.dumps({**facts, "engine": connection.vendor}))
    return tmp_path


@pytest.mark.django_db
def test_restore_overwrites_no_database(whole: Path, settings: settings) -> None:  # type: ignore[valid-type]
    settings.MEDIA_ROOT = str(whole / "no files")

    said = refused("restore", whole)

    assert "already. Move it away" in said if connection.vendor == "sqlite" else "is not empty" in said


def test_restore_overwrites_no_files(whole: Path, settings: settings, tmp_path: Path) -> None:  # type: ignore[valid-type]
    settings.MEDIA_ROOT = str(tmp_path)

    assert refused("restore", whole).startswith(f"There are files in {tmp_path} already.")


def test_backup_of_another_kind_of_database_is_named(whole: Path) -> None:
    text = (whole / backups.CONTENTS).read_text().replace(connection.vendor, "oracle")
    (whole / backups.CONTENTS).write_text(text)

    assert refused("restore", whole).startswith("This is a backup of oracle, and DATABASE_URL names")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="moves away from SQLite")
@pytest.mark.parametrize("url", ["sqlite:///other.sqlite3", "mysql://db/desk", "desk"])
def test_move_goes_to_postgresql_alone(url: str) -> None:
    assert refused("move_to_postgresql", url).startswith("Name the new database as postgres://")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="moves away from SQLite")
def test_move_to_a_server_that_is_away_says_so_in_one_line() -> None:
    assert refused("move_to_postgresql", "postgres://desk@127.0.0.1:1/desk").startswith("Nothing was moved.")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL is where it would go")
def test_move_from_postgresql_is_refused() -> None:
    assert "names PostgreSQL already" in refused("move_to_postgresql", os.environ["DATABASE_URL"])
