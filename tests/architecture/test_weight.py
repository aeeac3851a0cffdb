"""What counts trends and draws charts is heavy, and no process carries it that only serves pages."""

import subprocess
import sys

from tests.architecture.sources import ROOT

STARTS = """
import django, sys
django.setup()
import itsm.urls
print(sorted({"numpy", "matplotlib", "scipy", "pandas"} & set(sys.modules)))
"""


def test_a_process_starts_without_what_only_reports_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STARTS],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "", "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
