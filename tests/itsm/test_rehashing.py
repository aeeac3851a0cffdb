"""Entries hashed as the release before did are hashed anew, and what was tampered with stays found."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.migrated_database import migrated_template
from tests.running import Desk

pytestmark = pytest.mark.processes

WORK = """
from datetime import timedelta
from django.utils import timezone
from incidents import workflow
from tests.factories import AgentFactory, agent_actor, make_incident
at = timezone.now()
alice = agent_actor(AgentFactory.create())
for n in (1, 2, 3):
    incident = make_incident(at=at, title=f"Drucker {n} druckt \u00fcberall leer")
    workflow.note(incident, actor=alice, at=at, text="Z\u00fcrich \u2013 gateway")
    workflow.add_evidence(incident, actor=alice, at=at, kind="log", title="Log", content="l\u00ednea")
"""
#: As `incidents.timeline` of that release did: data itself, and a digest of the text.
BEFORE = """
import hashlib, json
from datetime import UTC
from django.db import connection
from incidents.append_only import released
from incidents.models import TimelineEntry
from tests.itsm.test_rehashing import READ
same = []
entries = TimelineEntry.objects.order_by("incident_id", "seq").select_related("incident")
for entry in entries.only(*READ):
    content = {
        "incident": str(entry.incident.uid), "seq": entry.seq, "kind": entry.kind,
        "visibility": entry.visibility, "actor": entry.actor_id, "via": entry.via,
        "at": entry.at.astimezone(UTC).isoformat(),
        "text": hashlib.sha256(entry.text.encode()).hexdigest(), "data": entry.data,
        "state_after": entry.state_after, "source_state": entry.source_state, "prev": entry.prev_hash,
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    same.append(hashlib.sha256(canonical.encode()).hexdigest() == entry.hash)
print("as before:", len(same), all(same))
with released("an insider"), connection.cursor() as sql:
    sql.execute("UPDATE incidents_timelineentry SET text = 'Nobody' WHERE seq = 2 AND incident_id = 2")
    sql.execute("UPDATE incidents_incident SET chain_head = %s WHERE id = 3", ["0" * 64])
"""
#: Columns that there were then.
READ = (
    "seq", "kind", "visibility", "actor", "via", "at", "text", "data", "state_after", "source_state",
    "prev_hash", "hash", "incident__uid",
)  # fmt: skip
CHECK = """
from django.utils import timezone
from itsm import ledger
for line in ledger.breaches(timezone.now()):
    print("breach", line)
"""


@pytest.fixture
def desk(tmp_path: Path, migrated: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Desk]:
    if connection.vendor == "sqlite":
        yield Desk(tmp_path / "desk", migrated)
        return
    name = f"rehashing_{uuid4().hex[:8]}"
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {migrated_template()}")
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    yield Desk(tmp_path / "desk", DATABASE_URL=f"{address}/{name}")
    with django_db_blocker.unblock(), connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_old_hashes_become_new_ones_and_faults_stay(desk: Desk) -> None:
    desk.folder.mkdir(exist_ok=True)
    desk.manage("shell", "-v0", "--no-imports", stdin=WORK)
    desk.manage("migrate", "-v0", "incidents", "0016")
    before = desk.manage("shell", "-v0", "--no-imports", stdin=BEFORE)
    desk.manage("migrate", "-v0")
    found = re.findall(
        r"^breach (.*)$", desk.manage("shell", "-v0", "--no-imports", stdin=CHECK), re.MULTILINE
    )

    assert "as before: 9 True" in before
    assert {line.partition(":")[0] for line in found} == {"INC0000002", "INC0000003"}
    assert "INC0000002: entry 2 was altered" in found
    assert "INC0000003: the last entry is not the one the incident knows" in found
