"""What takes more than one line to read from the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import environ
from django.core.exceptions import ImproperlyConfigured

LONGEST = 86_400  # seconds
SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
}
#: Reports ask short questions in long sentences: compiling them takes ten times as long as the answer.
POSTGRESQL_OPTIONS = {"options": "-c jit=off"}


def port(env: environ.Env) -> int:
    text = env.str("PORT", default="8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ImproperlyConfigured(f"PORT={text} is no port. Name a number from 1 to 65535.")
    return int(text)


def place(host: str, port: int) -> str:
    """As it stands in an address; an IPv6 host goes in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def time_zone(env: environ.Env) -> str:
    name: str = env.str("TIME_ZONE", default="UTC")
    if name not in available_timezones():
        raise ImproperlyConfigured(f"TIME_ZONE={name} is unknown. Name one such as Europe/Berlin.")
    return name


def seconds(env: environ.Env, name: str, default: float) -> float:
    text = env.str(name, default=f"{default:g}")
    try:
        found = float(text)
    except ValueError:
        found = -1
    if not 0 <= found <= LONGEST:
        raise ImproperlyConfigured(f"{name}={text} is no time. Give seconds, up to {LONGEST}; 0 is no limit.")
    return found


def choice(env: environ.Env, name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words, the first of them by default."""
    text: str = env.str(name, default=allowed[0])
    for word in allowed:
        if word.lower() == text.lower():
            return word
    raise ImproperlyConfigured(f"{name}={text} is unknown. It may be {', '.join(allowed)}.")


def database(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """Connections are kept; a kept one is probed before use, so a database restart costs no request."""
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{data_dir / 'desk.sqlite3'}")
    if not config.get("ENGINE", "").endswith(("sqlite3", "postgresql")):
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///.")
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **SQLITE_OPTIONS}
    elif "postgresql" in config["ENGINE"]:
        config["OPTIONS"] = {**POSTGRESQL_OPTIONS, **config.get("OPTIONS", {})}
    return config


def generated_secret(data_dir: Path | None) -> str:
    """A key made once and kept in the data folder, so that a try-out needs none and stays logged in.

    Without a folder it is kept nowhere: enough to get as far as the check that asks for a real one.
    """
    if data_dir is None:
        return secrets.token_urlsafe(64)
    path = data_dir / "secret_key"
    with suppress(OSError):
        data_dir.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(64))
        if kept := path.read_text().strip():
            return kept
    # The folder cannot be written: itsm/checks.py says so. Until then any key will do.
    return secrets.token_urlsafe(64)
