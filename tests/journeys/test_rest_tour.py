"""The tour of the README, word for word: a ticket's life over REST, clean in the ledger."""

import re
import subprocess
import sys

import pytest

from tests.journeys.conftest import ONE_DESK, entries_in
from tests.running import ROOT, Desk

pytestmark = [pytest.mark.processes, ONE_DESK]

TOUR = re.compile(r"```sh\n(export BASE_URL=.*?)```\n\n<!-- tour: .*? -->\n```bash\n(.*?)```", re.DOTALL)


def tour(desk: Desk) -> str:
    """Its two blocks in one, with this desk's port, its agent and our Python."""
    found = TOUR.search((ROOT / "README.md").read_text())
    assert found, "the README holds its tour"
    settings, calls = found.groups()
    here = {"http://127.0.0.1:8000": f"http://127.0.0.1:{desk.port}", " lena ": " alice "}
    for word, ours in {**here, ".venv/bin/python": sys.executable}.items():
        assert settings.count(word) == 1
        settings = settings.replace(word, ours)
    return f"{settings}\n{calls}"


def test_the_tour_of_the_readme_works_word_for_word(desk: Desk) -> None:
    entries_before = entries_in(desk.manage("check_ledger"))

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", tour(desk)],
        cwd=ROOT,
        env=desk.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert '"state":"resolved"' in done.stdout.replace(" ", "")
    assert entries_in(desk.manage("check_ledger")) == entries_before + 4
