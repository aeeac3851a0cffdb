"""Files are read and stored before the write begins, and none is left when the write fails."""

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from incidents import limits, workflow
from incidents.enums import EvidenceKind
from incidents.errors import Invalid, StaleIncident
from incidents.models import Attachment, Incident
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller

IN_TRANSACTION: list[bool] = []


class Watched(InMemoryStorage):
    """Remembers of each file whether a transaction waited for it."""

    def _save(self, name: str, content: Any) -> str:
        IN_TRANSACTION.append(connection.in_atomic_block)
        return str(super()._save(name, content))


@pytest.fixture(autouse=True)
def _watched(settings: Any) -> None:
    ours = {"BACKEND": f"{__name__}.Watched"}
    settings.STORAGES = {**settings.STORAGES, "default": ours}
    IN_TRANSACTION.clear()


def log_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("sys.log", b"kernel: oops")


def kept() -> list[str]:
    """Everything that lies in the storage."""
    found, folders = [], [""]
    while folders:
        folder = folders.pop()
        inner, files = default_storage.listdir(folder)
        folders += [f"{folder}/{name}".strip("/") for name in inner]
        found += [f"{folder}/{name}".strip("/") for name in files]
    return sorted(found)


def send(door: str, incident: Incident, requester: User, agent: User) -> int:
    browser, api = Client(), caller(agent)
    key = {"If-Match": "*", "Idempotency-Key": str(uuid.uuid4())}
    address = f"/api/v1/incidents/{incident.number}"
    match door:
        case "portal reply":
            browser.force_login(requester)
            body = {"token": str(uuid.uuid4()), "text": "See.", "attachments": log_file()}
            return browser.post(f"/incidents/{incident.number}/", body).status_code
        case "portal report":
            browser.force_login(requester)
            body = {
                "token": str(uuid.uuid4()),
                "title": "It oopses",
                "impact": 3,
                "urgency": 3,
                "attachments": log_file(),
            }
            return browser.post("/incidents/new/", body).status_code
        case "desk note":
            browser.force_login(agent)
            body = {"kind": "note", "version": incident.version, "text": "See.", "attachments": log_file()}
            return browser.post(f"/admin/incidents/incident/{incident.pk}/change/", body).status_code
        case "API attachments":
            body = {"file": log_file(), "text": "See."}
            return api.post(f"{address}/attachments/", body, format="multipart", headers=key).status_code
        case _:
            body = {"attachment": log_file(), "kind": "log", "title": "syslog"}
            return api.post(f"{address}/evidence/", body, format="multipart", headers=key).status_code


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "door", ["portal reply", "portal report", "desk note", "API attachments", "API evidence"]
)
def test_no_door_makes_a_transaction_wait_for_a_file(door: str) -> None:
    requester, agent = RequesterFactory.create(), AgentFactory.create()
    incident = make_incident(requester=requester)

    status = send(door, incident, requester, agent)

    assert status in {201, 302}
    assert IN_TRANSACTION == [False]
    assert kept() == [Attachment.objects.get().file.name]


def test_files_of_a_failed_write_are_removed(incident: Incident, alice: User) -> None:
    stale = Incident.objects.get(pk=incident.pk)
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="first")

    with pytest.raises(StaleIncident):
        workflow.note(stale, actor=agent_actor(alice), at=NOON, text="second", attachments=[log_file()])

    assert IN_TRANSACTION != []
    assert kept() == []


def test_evidence_that_is_refused_leaves_no_file(incident: Incident, alice: User) -> None:
    stale = Incident.objects.get(pk=incident.pk)
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="first")

    with pytest.raises(StaleIncident):
        workflow.add_evidence(
            stale,
            actor=agent_actor(alice),
            at=NOON,
            kind=EvidenceKind.LOG,
            title="syslog",
            attachment=log_file(),
        )

    assert kept() == []


def test_form_sent_twice_keeps_its_file_once(client: Client, incident: Incident, carol: User) -> None:
    client.force_login(carol)
    token = str(uuid.uuid4())

    for _ in range(2):
        client.post(
            f"/incidents/{incident.number}/", {"token": token, "text": "See.", "attachments": log_file()}
        )

    assert kept() == [Attachment.objects.get().file.name]


def test_call_sent_twice_keeps_its_file_once(incident: Incident, alice: User) -> None:
    api, key = caller(alice), {"If-Match": "*", "Idempotency-Key": "twice"}
    address = f"/api/v1/incidents/{incident.number}/attachments/"

    answers = [
        api.post(address, {"file": log_file()}, format="multipart", headers=key).status_code for _ in range(2)
    ]

    assert answers == [201, 201]
    assert kept() == [Attachment.objects.get().file.name]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([ContentFile(b"", name="empty.log")], r"empty\.log is empty"),
        ([ContentFile(b"x", name=f"{n}.log") for n in range(limits.FILES + 1)], "At most 10 files"),
    ],
)
def test_what_is_not_taken_is_said_before_anything_is_stored(
    incident: Incident, alice: User, files: list[Any], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        workflow.note(incident, actor=agent_actor(alice), at=NOON, text="", attachments=files)

    assert IN_TRANSACTION == []


def test_file_of_25_megabytes_and_a_byte_is_too_large(incident: Incident, alice: User) -> None:
    large = ContentFile(b"x", name="core.dump")
    large.size = limits.FILE_BYTES + 1

    with pytest.raises(Invalid, match=r"core\.dump is larger than 25 MB"):
        workflow.note(incident, actor=agent_actor(alice), at=NOON, text="", attachments=[large])
