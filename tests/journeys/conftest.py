"""A running desk with three people, and a mail server that keeps what it gets."""

import re
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.notifications.sink import Sink
from tests.running import Desk, desk_in

# All journeys go to one worker, which starts one desk for them.
ONE_DESK = pytest.mark.xdist_group("journeys")
PASSWORD = "correct horse battery"

PEOPLE = f"""
from django.contrib.auth.models import Group, User
from incidents.models import Service, Team

team = Team.objects.create(name="Network")
Service.objects.create(name="VPN", team=team)
for name, role in (("alice", "Agent"), ("carol", None), ("mona", "Incident manager")):
    user = User.objects.create_user(
        name, f"{{name}}@example.com", {PASSWORD!r}, first_name=name.title(), is_staff=role is not None
    )
    if role:
        user.groups.add(Group.objects.get(name=role))
        team.members.add(user)
"""


@pytest.fixture(scope="session")
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory, migrated: Path, sink: Sink) -> Iterator[Desk]:
    """Started, with Alice (agent), Mona (incident manager), Carol (requester), a VPN and earlier journeys."""
    folder = tmp_path_factory.mktemp("journeys")
    with desk_in(folder, migrated, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}", TIME_ZONE="UTC") as desk:
        desk.manage("shell", "--no-imports", stdin=PEOPLE)
        desk.start()
        yield desk


def letters_about(sink: Sink, number: str, name: str) -> list[EmailMessage]:
    """What came to that person about that incident, in the order of arrival."""
    mine = [taken.message for taken in sink.taken if taken.to == f"{name}@example.com"]
    return [message for message in mine if str(message["Subject"]).startswith(f"[{number}]")]


def wait_until(done: Callable[[], bool], within: float = 60) -> None:
    until = time.monotonic() + within
    while not done() and time.monotonic() < until:
        time.sleep(0.1)


def entries_in(ledger: str) -> int:
    """Of `check_ledger`, which found nothing wrong."""
    found = re.match(r"Clean: \d+ incidents, (\d+) entries", ledger)
    assert found, ledger
    return int(found[1])
