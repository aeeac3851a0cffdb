"""The tour of the README, word for word: a ticket's life over REST, clean in the ledger."""

import os
import re
import subprocess

import pytest

from tests.journeys.conftest import ONE_DESK, entries_in
from tests.running import ROOT, Desk

pytestmark = [pytest.mark.processes, ONE_DESK]

TOUR = re.compile(r"<!-- tour: .*? -->\n```bash\n(.*?)```", re.DOTALL)


def tour() -> str:
    found = TOUR.search((ROOT / "README.md").read_text())
    assert found, "the README holds its tour"
    return found[1]


def test_the_tour_of_the_readme_works_word_for_word(desk: Desk) -> None:
    entries_before = entries_in(desk.manage("check_ledger"))
    key = desk.manage("create_token", "alice", "--scope", "read", "--scope", "write").strip()

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour()],
        env={"PATH": os.environ["PATH"], "BASE_URL": f"http://127.0.0.1:{desk.port}", "TOKEN": key},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"resolved"' in done.stdout.replace(" ", "")
    assert entries_in(desk.manage("check_ledger")) == entries_before + 4
