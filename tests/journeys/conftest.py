"""A running desk with three people, and a mail server that keeps what it gets."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notifications.sink import Sink
from tests.running import Desk, desk_in

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


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink


@pytest.fixture
def desk(tmp_path: Path, sink: Sink) -> Iterator[Desk]:
    """Started and empty, but for Alice (agent), Mona (incident manager), Carol (requester) and the VPN."""
    with desk_in(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}", TIME_ZONE="UTC") as desk:
        desk.start()
        desk.manage("shell", stdin=PEOPLE)
        yield desk
