"""Settings are read by a process of their own: they are read once, at the start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "Zq7-xW2kLm9pRt4vBn6yHs8dFg3jKc5aQe1uTi0oPwXzMvNbGhYrUlSdEfAc",
    "ALLOWED_HOSTS": "desk.example.org",
    "BASE_URL": "https://desk.example.org",
    "TRUSTED_PROXIES": "10.0.0.5",
    "DATABASE_URL": "postgres://desk:secret@127.0.0.1:1/desk",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    "DEFAULT_FROM_EMAIL": "Service desk <desk@example.org>",
    "HEALTH_TOKEN": "a-long-random-word",
}


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "itsm.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return python("manage.py", *words, **environment)


def read(expression: str, **environment: str) -> str:
    """Of the settings, without the applications that take a second to load."""
    result = python("-c", f"from django.conf import settings; print({expression})", **environment)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_production_settings_pass_the_deployment_checks(tmp_path: Path) -> None:
    result = manage("check", "--deploy", "--fail-level", "DEBUG", DATA_DIR=str(tmp_path), **PRODUCTION)

    assert result.stdout == "System check identified no issues (0 silenced).\n"
    assert (result.returncode, result.stderr) == (0, "")


def test_production_without_a_key_stops(tmp_path: Path) -> None:
    result = manage("check", DATA_DIR=str(tmp_path), **PRODUCTION | {"SECRET_KEY": ""})

    assert result.returncode == 1
    assert "(itsm.E010) SECRET_KEY is missing." in result.stderr
    assert not (tmp_path / "secret_key").exists()


def test_secret_is_read_as_it_stands(tmp_path: Path) -> None:
    words = {"SECRET_KEY": "$HOME of nobody", "HEALTH_TOKEN": "$HOME"}

    shown = read("settings.SECRET_KEY, settings.HEALTH_TOKEN", DATA_DIR=str(tmp_path), **words)

    assert shown == "$HOME of nobody $HOME"


def test_try_out_keeps_its_key(tmp_path: Path) -> None:
    first, second = (read("settings.SECRET_KEY", DATA_DIR=str(tmp_path)) for _ in range(2))

    assert first == second
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_try_out_answers_to_this_machine_only(tmp_path: Path) -> None:
    assert read("settings.ALLOWED_HOSTS", DATA_DIR=str(tmp_path)) == "['localhost', '127.0.0.1', '[::1]']"


@pytest.mark.parametrize(("host", "url"), [("127.0.0.3", "http://127.0.0.3:81"), ("::1", "http://[::1]:81")])
def test_links_lead_to_where_the_desk_listens(tmp_path: Path, host: str, url: str) -> None:
    assert read("settings.BASE_URL", DATA_DIR=str(tmp_path), HOST=host, PORT="81") == url


def test_sqlite_is_opened_for_many_processes(tmp_path: Path) -> None:
    program = (
        "from django.db import connection as c\n"
        "def ask(q):\n"
        "    k = c.cursor(); k.execute('PRAGMA ' + q); return k.fetchone()[0]\n"
        "print(*(ask(q) for q in ('journal_mode', 'foreign_keys', 'busy_timeout')), c.transaction_mode)"
    )

    result = python("-c", program, DATA_DIR=str(tmp_path))

    assert result.stdout.split() == ["wal", "1", "20000", "IMMEDIATE"], result.stderr


def test_postgresql_connections_are_kept_and_probed(tmp_path: Path) -> None:
    expression = (
        "[settings.DATABASES['default'][k] for k in ('ENGINE', 'CONN_MAX_AGE', 'CONN_HEALTH_CHECKS')]"
    )

    shown = read(expression, DATA_DIR=str(tmp_path), **PRODUCTION)

    assert shown == "['django.db.backends.postgresql', 600, True]"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "abc", "PORT=abc is no port."),
        ("PORT", "99999", "PORT=99999 is no port."),
        ("TIME_ZONE", "Mars/Olympus", "TIME_ZONE=Mars/Olympus is unknown."),
        ("LOG_LEVEL", "loud", "LOG_LEVEL=loud is unknown."),
        ("DATABASE_URL", "mysql://localhost/desk", "DATABASE_URL must begin with postgres:// or sqlite:///."),
        ("EMAIL_URL", "pigeon://loft", "Invalid email schema pigeon"),
    ],
)
def test_wrong_value_is_said_in_one_line(tmp_path: Path, name: str, value: str, said: str) -> None:
    result = manage("check", DATA_DIR=str(tmp_path), **{name: value})

    assert result.returncode == 1
    assert result.stderr.startswith(f"Settings: {said}")
    assert result.stderr.count("\n") == 1
