"""A file system that is really full: nothing of an upload stays, and no typed word is lost."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import diskspace
from incidents.models import Attachment, Incident, StagedFile

pytestmark = pytest.mark.django_db

MEGABYTE = 1024 * 1024
#: Larger than what is kept in memory while it comes, and than the disk.
FILE = 4 * MEGABYTE
REPORT = {"title": "VPN throws me out", "description": "A long story", "impact": "1", "urgency": "1"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Two megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system, and not in every container")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("full", ["MEDIA_ROOT", "FILE_UPLOAD_TEMP_DIR"])
def test_upload_that_fills_the_disk_is_507_and_leaves_only_the_words(
    client: Client,
    carol: User,
    small_disk: Path,
    full: str,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings.MEDIA_ROOT = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    setattr(settings, full, str(small_disk))
    # Nobody looks at the room before: it is gone while the file is written.
    monkeypatch.setattr(diskspace, "has_room_for", lambda *_: True)
    client.force_login(carol)

    page = client.post(
        "/incidents/new/", {**REPORT, "attachments": SimpleUploadedFile("film.mp4", b"x" * FILE)}
    )

    assert page.status_code == 507
    assert "A long story" in page.content.decode()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (Incident.objects.count(), Attachment.objects.count(), StagedFile.objects.count()) == (0, 0, 0)
    assert client.post("/incidents/new/", REPORT).status_code == 302
