"""The tour of the README, word for word: a ticket's life over REST, told by mail, clean in the ledger."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.notifications.sink import Sink
from tests.running import ROOT, Desk

pytestmark = pytest.mark.processes

TOUR = re.compile(r"<!-- tour: .*? -->\n```bash\n(.*?)```", re.DOTALL)


def tour() -> str:
    found = TOUR.search((ROOT / "README.md").read_text())
    assert found, "the README holds its tour"
    return found[1]


def wait_for(sink: Sink, count: int, within: float = 45) -> None:
    until = time.monotonic() + within
    while len(sink.taken) < count and time.monotonic() < until:
        time.sleep(0.2)


def test_the_tour_of_the_readme_works_and_its_news_arrive(desk: Desk, sink: Sink, tmp_path: Path) -> None:
    key = desk.manage("create_token", "carol", "--scope", "read", "--scope", "write").strip()
    agent_key = desk.manage("create_token", "alice", "--scope", "read", "--scope", "write").strip()
    assert key != agent_key

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour()],
        env={"PATH": os.environ["PATH"], "BASE_URL": f"http://127.0.0.1:{desk.port}", "TOKEN": agent_key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"resolved"' in done.stdout.replace(" ", "")
    wait_for(sink, 1)
    time.sleep(1)
    assert desk.manage("check_ledger").startswith("Clean: 1 incidents, 4 entries")
