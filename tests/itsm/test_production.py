"""The README's block for production, line by line, behind a proxy that ends TLS at another address."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from incidents.lockout import WRONG_ALLOWED
from tests.notifications.sink import Sink
from tests.proxy import ADDRESS, NAME, Visitor, proxy_to
from tests.running import ROOT, free_port

pytestmark = pytest.mark.processes

BLOCK = re.compile(r"<!-- production: .*? -->\n```sh\n(.*?)```", re.DOTALL)
BIN = Path(sys.executable).parent
PASSWORD = "a long one of the first administrator"
DESK = f"https://{NAME}"


def may_bind(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True


class Block:
    """Its lines, with the values of this machine."""

    def __init__(self, **ours: str) -> None:
        found = BLOCK.search((ROOT / "README.md").read_text())
        assert found, "the README says how to run it in production"
        text = found[1]
        for theirs, here in ours.items():
            assert text.count(theirs), theirs
            text = text.replace(theirs, here)
        lines = [line.partition(" #")[0].rstrip() for line in text.splitlines()]
        self.exports = [line for line in lines if line.startswith("export ")]
        self.servers = [line for line in lines if "gunicorn" in line or "celery" in line]
        self.steps = [line for line in lines if line not in {*self.exports, *self.servers}]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def block(tmp_path: Path, migrated: Path, port: int) -> Iterator[Block]:
    data = tmp_path / "data"
    data.mkdir()
    (data / "desk.sqlite3").write_bytes((migrated / "desk.sqlite3").read_bytes())
    with Sink() as sink:
        yield Block(
            **{
                "make install": ":",
                ".venv/bin/": f"{BIN}/",
                "SECRET_KEY=...": "SECRET_KEY=Zq7-xW2kLm9pRt4vBn6yHs8dFg3jKc5aQe1uTi0oPwXzMvNbGhYrUlSdEfAc",
                "HEALTH_TOKEN=...": "HEALTH_TOKEN=a-word",
                "DATA_DIR=/var/lib/desk": f"DATA_DIR={data}",
                "TRUSTED_PROXIES=10.0.0.5": f"TRUSTED_PROXIES={ADDRESS}",
                "DATABASE_URL=postgres://desk:...@db/desk": f"DATABASE_URL=sqlite:///{data}/desk.sqlite3",
                "BROKER_URL=redis://broker:6379/0": "BROKER_URL=filesystem://localhost",
                "CACHE_URL=redis://broker:6379/1": "CACHE_URL=dbcache://desk_cache",
                "EMAIL_URL=smtp+tls://desk:...@mail.example.org:587": f"EMAIL_URL=smtp://127.0.0.1:{sink.port}",
                "createsuperuser": "createsuperuser --no-input --username ada --email ada@example.org",
                "--bind 0.0.0.0:8000": f"--bind 127.0.0.1:{port}",
            }
        )


@contextmanager
def started(block: Block, line: str, log: Path) -> Iterator[None]:
    script = "\n".join([*block.exports, f"exec {line}"])
    with log.open("ab") as out:
        process = subprocess.Popen(
            ["bash", "-euc", script],
            cwd=ROOT,
            env=environment(),
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=60)


def environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "DJANGO_SUPERUSER_PASSWORD": PASSWORD}


def wait_until(true: Callable[[], bool], what: Path, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, what.read_text()
        time.sleep(0.2)


def answers(port: int) -> bool:
    """Asked by address, as a load balancer would."""
    with socket.socket() as wire:
        if wire.connect_ex(("127.0.0.1", port)):
            return False
        wire.sendall(b"GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        return b" 200 " in wire.recv(100)


@pytest.mark.skipif(not may_bind(ADDRESS), reason=f"needs the address {ADDRESS}")
def test_production_block_of_the_readme_works_behind_a_proxy_with_sqlite_and_files(
    block: Block, port: int, tmp_path: Path
) -> None:
    log = tmp_path / "servers.log"
    prepared = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(block.exports + block.steps)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    assert len(block.servers) == 3

    with ExitStack() as running:
        for line in block.servers:
            running.enter_context(started(block, line, log))
        ports = {scheme: running.enter_context(proxy_to(port, scheme)) for scheme in ("http", "https")}
        wait_until(lambda: answers(port), log)

        first, other = Visitor("127.0.0.3", ports), Visitor("127.0.0.4", ports)
        log_in_page = f"{DESK}/admin/login/?next=/admin/"
        assert first.go(f"http://{NAME}/admin/") == log_in_page
        for _ in range(WRONG_ALLOWED):
            first.log_in("ada", "wrong")
        assert first.log_in("ada", PASSWORD) == log_in_page, "too many wrong passwords from there"
        other.go(log_in_page)
        assert other.log_in("ada", PASSWORD) == f"{DESK}/admin/", "and none from here"

        health = {"Authorization": "Bearer a-word"}
        wait_until(lambda: '"ok": true' in page(other, f"{DESK}/health/pipeline", health), log)


def page(visitor: Visitor, address: str, headers: dict[str, str]) -> str:
    try:
        visitor.go(address, **headers)
    except OSError:
        return ""  # 503 until worker and beat have come round
    return visitor.page
