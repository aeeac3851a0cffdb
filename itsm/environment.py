"""What takes more than one line to read from the environment."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import environ

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON",
}


def database(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """Connections are kept; a kept one is probed before use, so a database restart costs no request."""
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{data_dir / 'desk.sqlite3'}")
    config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **SQLITE_OPTIONS}
    return config


def generated_secret(data_dir: Path) -> str:
    """A key made once and kept in the data folder, so that a try-out needs none and stays logged in."""
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
