"""Files are counted from their rows: so many a person and day, so many an incident, and no more."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import workflow
from incidents.errors import OverQuota
from incidents.models import Attachment, Desk, Incident
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller
from tests.racing import at_once

pytestmark = pytest.mark.django_db


def attach(incident: Incident, user: User, *sizes: int, at: datetime = NOON) -> None:
    files = [ContentFile(b"x" * size, name="a.log") for size in sizes]
    fresh = Incident.objects.get(pk=incident.pk)
    workflow.note(fresh, actor=agent_actor(user), at=at, text="See", attachments=files)


def test_a_person_adds_so_many_files_in_a_day_on_all_incidents_together(alice: User, bob: User) -> None:
    Desk.objects.update(files_per_day=3)
    one, other = make_incident(), make_incident()
    attach(one, alice, 1, 1)
    attach(other, alice, 1)

    with pytest.raises(OverQuota, match="3 files"):
        attach(other, alice, 1)
    attach(other, bob, 1)
    attach(other, alice, 1, at=NOON + timedelta(days=1))

    assert Attachment.objects.count() == 5


def test_bytes_are_counted_like_files(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incidents.workflow.quota.MEGABYTE", 10)
    Desk.objects.update(megabytes_per_day=2)
    incident = make_incident()
    attach(incident, alice, 20)

    with pytest.raises(OverQuota):
        attach(incident, alice, 1)


@pytest.mark.parametrize("limit", [{"files_per_incident": 2}, {"megabytes_per_incident": 2}])
def test_an_incident_holds_so_much_whoever_adds_it(
    alice: User, bob: User, limit: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incidents.workflow.quota.MEGABYTE", 10)
    Desk.objects.update(**limit)
    incident = make_incident()
    attach(incident, alice, 10)
    attach(incident, bob, 10)

    with pytest.raises(OverQuota, match="belong to"):
        attach(incident, bob, 10)
    attach(make_incident(), bob, 10)


def test_what_is_over_leaves_no_file_and_no_entry(
    alice: User, settings: Any, tmp_path: Path, client: Client
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    Desk.objects.update(files_per_day=1)
    incident = make_incident()
    client.force_login(alice)
    form = {"kind": "note", "text": "What I found", "version": incident.version}
    files = [SimpleUploadedFile(name, b"x") for name in ("a.log", "b.log")]

    page = client.post(f"/admin/incidents/incident/{incident.pk}/change/", {**form, "attachments": files})
    answer = caller(alice).post(
        f"/api/v1/incidents/{incident.number}/attachments/",
        {"file": [SimpleUploadedFile(name, b"x") for name in ("a.log", "b.log")], "text": "See"},
        format="multipart",
        headers={"If-Match": "*"},
    )

    assert page.status_code == 413
    assert "as many files as one person may within 24 hours" in page.content.decode()
    assert "What I found" in page.content.decode()
    assert (answer.status_code, answer.json()["type"]) == (413, "/api/v1/problems/over-quota/")
    assert incident.entries.count() == 1
    assert {path.parent.name for path in tmp_path.rglob("*") if path.is_file()} == {"staged"}


@pytest.mark.django_db(transaction=True)
def test_of_many_uploads_at_once_no_more_are_kept_than_allowed() -> None:
    alice = AgentFactory.create()
    Desk.objects.update_or_create(pk=1, defaults={"files_per_day": 2})
    incidents = [make_incident() for _ in range(6)]

    def send(n: int) -> bool:
        try:
            attach(incidents[n], alice, 1)
        except OverQuota:
            return False
        return True

    assert at_once(6, send).count(True) == 2
    assert Attachment.objects.count() == 2
