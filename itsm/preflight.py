"""Questions asked before anything starts; each answer is one line that says what to do."""

import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

from django.contrib.auth.models import User

from incidents.models import Incident


class Refusal(Exception):
    """The start is refused; the text says why and what to do."""


def require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = (
            f"DATA_DIR {folder} cannot be written ({error.strerror}). Name another: DATA_DIR=... make run"
        )
        raise Refusal(message) from None


def require_free_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise Refusal(
                f"Port {port} on {host} is not free ({reason}). Try PORT={port + 1} make run"
            ) from None


def is_empty_database() -> bool:
    return not (Incident.objects.exists() or User.objects.exists())


@contextmanager
def sole_use(folder: Path) -> Iterator[None]:
    """One desk to a data folder. The lock ends with the process, however that ends."""
    with (folder / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            pid = lock.read().strip() or "unknown"
            raise Refusal(
                f"A desk already runs on DATA_DIR {folder} (process {pid}). Stop it first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
