"""The core stands without those who listen to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

#: An incident is opened, answered and read at the desk, in the portal and over REST.
STORY = """
import django; django.setup()
from django.apps import apps
assert not apps.is_installed("notifications")
from django.contrib.auth.models import User
from django.test import Client
from incidents.models import Incident
ada = User.objects.create_superuser("ada", "ada@example.com", "secret")
client = Client(); client.force_login(ada)
client.post("/incidents/new/", {"title": "The printer is dark", "impact": "3", "urgency": "3"})
incident = Incident.objects.get()
client.post(f"/incidents/{incident.number}/", {"text": "It is the one on the second floor."})
for address in (
    f"/admin/incidents/incident/{incident.pk}/change/",
    "/admin/incidents/incident/?view=open",
    f"/incidents/{incident.number}/",
    f"/api/v1/incidents/{incident.number}/timeline/",
):
    page = client.get(address)
    text = page.content.decode()
    print(page.status_code, "The printer is dark" in text, "Who has been told" in text)
import sys
print(sorted(name for name in sys.modules if name.split(".")[0] in ("notifications", "reports")))
"""


def test_the_core_works_where_nobody_listens(tmp_path: Path, migrated: Path) -> None:
    database = shutil.copy(migrated / "desk.sqlite3", tmp_path)

    done = subprocess.run(
        [sys.executable, "-c", STORY],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.core_alone",
            "DATABASE_URL": f"sqlite:///{database}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.splitlines() == [*["200 True False"] * 4, "[]"], done.stdout + done.stderr
