"""What is too much is not read, what finds no room leaves nothing behind, and no typed word is lost."""

import errno
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from incidents import limits, uploads
from incidents.models import Attachment, Incident, StagedFile
from incidents.workflow import attaching
from tests.incidents.api.conftest import caller

pytestmark = pytest.mark.django_db

BOUNDARY = "frontier"
MEGABYTE = 1024 * 1024
REPORT = {"title": "VPN throws me out", "description": "A long story", "impact": "1", "urgency": "1"}


class Body:
    """As a browser sends it: fields, then a file that goes on as long as it is read."""

    def __init__(self, fields: dict[str, str], file: str, size: int, after: str = "") -> None:
        head = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{file}"; filename="film.mp4"\r\n\r\n'
        self.parts, self.left, self.tail = head.encode(), size, f"\r\n{after}--{BOUNDARY}--\r\n".encode()
        self.size = len(self.parts) + size + len(self.tail)
        self.taken = 0

    readline = None  # a form is read in pieces

    def read(self, wanted: int) -> bytes:
        given, self.parts = self.parts[:wanted], self.parts[wanted:]
        if len(given) < wanted and self.left:
            more = min(self.left, wanted - len(given))
            given, self.left = given + b"x" * more, self.left - more
        if len(given) < wanted:
            rest = wanted - len(given)
            given, self.tail = given + self.tail[:rest], self.tail[rest:]
        self.taken += len(given)
        return given


def sent(client: Client, path: str, body: Body, **headers: str) -> Any:
    return client.request(
        PATH_INFO=path,
        REQUEST_METHOD="POST",
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH=body.size,
        **{"wsgi.input": body, **headers},
    )


@pytest.fixture
def carols(client: Client, carol: Any) -> Client:
    client.force_login(carol)
    return client


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of up to 100,000 bytes: what holds for those holds for larger ones."""
    monkeypatch.setattr(limits, "FILE_BYTES", 100_000)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def words(page: Any) -> str:
    return str(page.content.decode())


def test_of_400_megabytes_only_the_fields_are_read(carols: Client) -> None:
    body = Body(REPORT, "attachments", 400 * MEGABYTE)

    page = sent(carols, "/incidents/new/", body)

    assert page.status_code == 413
    assert body.taken < MEGABYTE
    assert "larger than 250 MB together" in words(page)
    assert "A long story" in words(page)
    assert Incident.objects.count() == 0


def test_a_file_far_over_its_limit_ends_the_upload_there(carols: Client, small: None) -> None:
    body = Body(REPORT, "attachments", MEGABYTE)

    page = sent(carols, "/incidents/new/", body)

    assert page.status_code == 413
    assert body.taken < 100_000 + 2 * 64 * 1024
    assert "film.mp4 is larger than 25 MB" in words(page)
    assert "A long story" in words(page)
    assert StagedFile.objects.count() == 0


def test_behind_a_file_a_little_over_its_limit_the_rest_still_arrives(carols: Client, small: None) -> None:
    behind = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="description"\r\n\r\nTyped below\r\n'
    fields = {name: value for name, value in REPORT.items() if name != "description"}

    page = sent(carols, "/incidents/new/", Body(fields, "attachments", 150_000, after=behind))

    assert page.status_code == 413
    assert "film.mp4 is larger than 25 MB" in words(page)
    assert "Typed below" in words(page)
    assert Incident.objects.count() == 0


def test_a_form_without_files_is_not_stopped_by_one(carols: Client) -> None:
    body = Body({"username": "carol", "password": "x"}, "file", 400 * MEGABYTE)

    sent(carols, "/password/", body)

    assert body.taken < MEGABYTE


def test_the_desk_says_the_same_and_keeps_its_words(client: Client, alice: Any, incident: Incident) -> None:
    client.force_login(alice)
    fields = {"kind": "note", "text": "What I found", "version": str(incident.version)}
    body = Body(fields, "attachments", 400 * MEGABYTE)

    page = sent(client, f"/admin/incidents/incident/{incident.pk}/change/", body)

    assert page.status_code == 413
    assert body.taken < MEGABYTE
    assert "What I found" in words(page)
    assert incident.entries.count() == 1


def test_programs_are_told_by_a_problem(alice: Any, incident: Incident) -> None:
    body = Body({"text": "See there"}, "file", 400 * MEGABYTE)
    api = caller(alice)

    answer = sent(
        api, f"/api/v1/incidents/{incident.number}/attachments/", body, HTTP_IF_MATCH="*", **api._credentials
    )

    assert (answer.status_code, answer.json()["type"]) == (413, "/api/v1/problems/body-too-large/")
    assert body.taken < MEGABYTE
    assert incident.entries.count() == 1


# A full disk


@pytest.fixture
def nothing_free(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=0))


@pytest.fixture
def runs_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk takes half of the file."""

    def save(storage: FileSystemStorage, name: str, content: Any) -> str:
        place = Path(storage.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.read()[:1])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", save)


def report_with_file(client: Client) -> Any:
    return client.post("/incidents/new/", {**REPORT, "attachments": SimpleUploadedFile("a.log", b"abc")})


@pytest.mark.parametrize("trouble", ["nothing_free", "runs_full"])
def test_a_full_disk_is_507_keeps_the_words_and_leaves_no_half_file(
    carols: Client, media: Path, trouble: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(trouble)

    page = report_with_file(carols)

    assert page.status_code == 507
    assert "no room for files" in words(page)
    assert "A long story" in words(page)
    assert files_in(media) == []
    assert (Incident.objects.count(), Attachment.objects.count(), StagedFile.objects.count()) == (0, 0, 0)


def test_the_same_report_goes_without_its_file(carols: Client, nothing_free: None) -> None:
    assert carols.post("/incidents/new/", REPORT).status_code == 302


@pytest.mark.parametrize("trouble", ["nothing_free", "runs_full"])
def test_programs_are_told_of_a_full_disk(
    alice: Any, incident: Incident, media: Path, trouble: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(trouble)

    answer = caller(alice, raise_request_exception=False).post(
        f"/api/v1/incidents/{incident.number}/attachments/",
        {"file": SimpleUploadedFile("a.log", b"abc"), "text": "See there"},
        format="multipart",
        headers={"If-Match": "*"},
    )

    assert (answer.status_code, answer.json()["type"]) == (507, "/api/v1/problems/no-room/")
    assert files_in(media) == []
    assert incident.entries.count() == 1


def test_an_upload_that_fills_the_disk_while_it_is_read_ends_there(
    carols: Client, media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_args: object) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", write)
    body = Body(REPORT, "attachments", 20 * MEGABYTE)

    page = sent(carols, "/incidents/new/", body)

    assert page.status_code == 507
    assert "A long story" in words(page)
    assert body.taken < MEGABYTE


def test_a_database_without_room_is_507_too(
    carols: Client, as_alice: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(attaching, "attach", fail)

    page = carols.post("/incidents/new/", REPORT)
    answer = as_alice.post("/api/v1/incidents/", {"title": "T"})

    assert (page.status_code, answer.status_code) == (507, 507)
    assert "Nothing was changed." in words(page)
    assert answer.json()["type"] == "/api/v1/problems/no-room/"


@pytest.fixture
def as_alice(alice: Any) -> APIClient:
    return caller(alice, raise_request_exception=False)


def test_every_untaken_file_has_a_reason() -> None:
    said = {
        attaching.words_of(uploads.Untaken(status, "a.log", ended=ended, together=together))
        for status, ended, together in [
            (413, False, False),
            (413, True, False),
            (413, True, True),
            (507, True, False),
        ]
    }

    assert len(said) == 4
