"""The steps of the README by which the desk is extended, done to a copy of it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, ROOT

#: Before which line of a file what is put.
Step = tuple[str, str, str]

VERB: list[Step] = [
    ("incidents/enums.py", "    EDIT = ", '    ESCALATE = "escalate", _("Escalate")\n'),
    ("incidents/enums.py", "    EDITED = ", '    ESCALATED = "escalated", _("Escalated")\n'),
    (
        "incidents/verbs/table.py",
        "    Verb.COMMENT: ",
        """    Verb.ESCALATE: Definition(
        sources=_OPEN,
        kind=EntryKind.ESCALATED,
        inputs={
            "reason": Text(
                label=_("Why?"), limit=limits.SENTENCES, refusal=_("Say why it has to go up.")
            )
        },
    ),
""",
    ),
    (
        "incidents/entry_kinds.py",
        "    EntryKind.EDITED: ",
        '    EntryKind.ESCALATED: Definition(desk=_("escalated it"), icon="trend-up"),\n',
    ),
    (
        "notifications/kinds.py",
        "    EntryKind.EDITED: ",
        "    EntryKind.ESCALATED: News(desk=Desk.ALWAYS),\n",
    ),
    (
        "incidents/workflow/handling.py",
        "@transaction.atomic\ndef edit(",
        '''@transaction.atomic
def escalate(incident: Incident, *, actor: Actor, at: datetime, reason: str) -> TimelineEntry:
    """Those above hear of it, and why."""
    transitions.check(incident, Verb.ESCALATE, actor)
    accept(Verb.ESCALATE, {"reason": reason}, at=at)
    return persist.write(
        incident, kind=EntryKind.ESCALATED, actor=actor, at=at, data={"reason": reason.strip()}
    )


''',
    ),
    ("incidents/workflow/__init__.py", "    edit,\n", "    escalate,\n"),
    ("incidents/workflow/__init__.py", '    "expect",\n', '    "escalate",\n'),
]
PREPARE = """
import django; django.setup()
from django.core.management import call_command
call_command("makemigrations", "--check", verbosity=0)
print("check", call_command("check"))
"""
#: Opened, escalated at the desk and over REST, and somebody is due to hear of it.
ESCALATES = """
from django.contrib.auth.models import User
from django.test import Client
from incidents.enums import Channel, Verb
from incidents.models import Incident
from incidents import workflow
from itsm import timekeeping
from notifications.delivery.announce import announce_pending
from notifications.models import Delivery
ada = User.objects.create_superuser("ada", "ada@example.com", "secret")
ben = User.objects.create_superuser("ben", "ben@example.com", "secret")
actor = workflow.Actor(ben, "admin")
report = workflow.Report(title="The line stands", requester=ben, channel=Channel.PORTAL)
incident = workflow.open_incident(report, actor=actor, at=timekeeping.now())
desk = Client(SERVER_NAME="localhost"); desk.force_login(ben)
page = f"/admin/incidents/incident/{incident.pk}/escalate/"
print("button", page in desk.get(f"/admin/incidents/incident/{incident.pk}/change/").content.decode())
seen = {"version": incident.version}
empty = desk.post(page, {"reason": "", **seen}).content.decode()
print("refused", "Say why it has to go up." in empty)
print("page", desk.post(page, {"reason": "The plant waits.", **seen}).status_code)
rest = Client(headers={"If-Match": "*"}, SERVER_NAME="localhost"); rest.force_login(ben)
address, body = f"/api/v1/incidents/{incident.number}/escalate/", {"reason": "It still waits."}
sent = rest.post(address, body, "application/json")
print("REST", sent.status_code, "escalate" in sent.json()["verbs"])
told = desk.get(f"/admin/incidents/incident/{incident.pk}/change/").content.decode()
print("timeline", told.count("escalated it"))
announce_pending(timekeeping.now)
print("told", Delivery.objects.filter(entry__kind="escalated", recipient=ada).count())
"""

CHANNEL: list[Step] = [
    ("notifications/enums.py", "    WEBHOOK = ", '    MATRIX = "matrix", _("Matrix")\n'),
    ("notifications/channels/registry.py", "    Channel.WEBHOOK: ", "    Channel.MATRIX: MATRIX,\n"),
    (
        "notifications/channels/registry.py",
        "from notifications.channels.webhook",
        "from notifications.channels.matrix.channel import MATRIX\n",
    ),
    ("notifications/channels/matrix/__init__.py", "", ""),
    (
        "notifications/channels/matrix/channel.py",
        "",
        '''"""Rooms of Matrix."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from notifications.channels.base import Definition


class MatrixTransport:
    def close(self) -> None:
        """Nothing is kept open."""

    def send(self, message: Any, *, before_handover: Callable[[], None]) -> str:
        before_handover()
        print("handed over", message.subject)
        return "$event"


MATRIX = Definition(MatrixTransport, schedule=(timedelta(seconds=30),))
''',
    ),
]
SENDS = """
from notifications.delivery.queue import enqueue_mail
from notifications.delivery.worker import deliver_due
from notifications.models import Delivery
enqueue_mail(key="k", recipients=[ada], subject="Hello", text="t", html="<p>t</p>", at=timekeeping.now())
mail = Delivery.objects.filter(key="k")
mail.update(channel="matrix")
deliver_due(timekeeping.now)
print(mail.get().status, mail.get().provider_reply)
"""


PARSER: list[Step] = [
    ("incidents/parsers/registry.py", "    google,\n", "    gatus,\n"),
    ("incidents/parsers/registry.py", "    ZABBIX = ", '    GATUS = "gatus", _("Gatus")\n'),
    ("incidents/parsers/registry.py", "    SourceKind.ZABBIX: ", "    SourceKind.GATUS: gatus.parse,\n"),
    (
        "incidents/parsers/gatus.py",
        "",
        '''"""Gatus: one body, one end point."""

from collections.abc import Mapping
from typing import Any

from incidents.parsers.alert import AlertStatus, ParsedAlert, Unreadable
from incidents.parsers.reading import record, required, text


def parse(body: Any, headers: Mapping[str, str]) -> list[ParsedAlert | Unreadable]:
    sent = record(body, "body")
    name = required(sent.get("endpoint"), "endpoint")
    status = AlertStatus.RESOLVED if sent.get("healthy") else AlertStatus.FIRING
    return [ParsedAlert(dedup_key=name, status=status, title=name, description=text(sent.get("why")))]
''',
    ),
]
HEARS = """
from incidents.models import Source, hash_of_key
Source.objects.create(name="Gatus", kind="gatus", key_hash=hash_of_key("the-key"))
alarm = {"endpoint": "shop", "healthy": False, "why": "It answers 502."}
heard = Client(SERVER_NAME="localhost").post("/api/v1/intake/the-key/", alarm, "application/json")
print("heard", heard.status_code, Incident.objects.latest("pk").title)
"""


def steps_of(name: str) -> set[str]:
    """The files that a step of the README names."""
    text = (ROOT / "README.md").read_text().partition("## Extending")[2].partition("\n## ")[0]
    step = next(part for part in text.split("\n- ") if part.startswith(f"**{name}**"))
    return set(re.findall(r"`((?:incidents|notifications)/[\w/.]+)`", step))


def extended(folder: Path, steps: list[Step]) -> Path:
    for package in (*PACKAGES, "templates"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(folder / "itsm" / "demo")  # a build may leave it out
    for name in ("manage.py", "tests/settings.py", "tests/__init__.py"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    for name, before, put in steps:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        text = path.read_text() if path.exists() else ""
        place = text.index(before)
        path.write_text(text[:place] + put + text[place:])
    return folder


def run(folder: Path, database: Path, story: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", story],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{database}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "steps"),
    [("A verb", VERB), ("A channel", CHANNEL), ("A monitoring parser", PARSER)],
    ids=["verb", "channel", "parser"],
)
def test_readme_names_the_files_that_are_touched(name: str, steps: list[Step]) -> None:
    named = steps_of(name)

    touched = {path for path, _before, _put in steps if (ROOT / path).exists()}
    assert touched == {path for path in named if path.endswith(".py")}


def test_a_verb_a_channel_and_a_parser_are_added_as_the_readme_says(tmp_path: Path, migrated: Path) -> None:
    desk = extended(tmp_path / "desk", VERB + CHANNEL + PARSER)
    database = Path(shutil.copy(migrated / "desk.sqlite3", tmp_path))

    told = run(desk, database, PREPARE + ESCALATES + SENDS + HEARS)

    assert told.splitlines() == [
        "System check identified no issues (0 silenced).",
        "check None",
        "button True",
        "refused True",
        "page 302",
        "REST 200 True",
        "timeline 2",
        "told 2",
        "handed over Hello",
        "sent $event",
        "heard 202 shop",
    ]
