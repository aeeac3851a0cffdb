"""Files that wait on the server while their form is mended: bounded, random names, their owner's alone."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.files.base import File
from django.http import HttpRequest
from django.utils.crypto import get_random_string

from incidents import limits
from incidents.errors import NoRoom
from incidents.models import StagedFile
from incidents.workflow import attaching

if TYPE_CHECKING:
    Bytes = File[bytes]
else:
    Bytes = File

#: What one person may have waiting; beyond it the oldest go.
MOST_FILES = 40
MOST_BYTES = 2 * limits.FILES * limits.FILE_BYTES


class Upload(Bytes):
    """A file as the verbs take it. They copy it: the upload itself stays, for the case that they refuse."""

    def __init__(self, file: Any, name: str, content_type: str) -> None:
        super().__init__(file, name=name)
        self.content_type = content_type


def as_upload(file: Any) -> Upload:
    return Upload(file.file, file.name, getattr(file, "content_type", None) or "")


def opened(row: StagedFile) -> Upload:
    """Raises FileNotFoundError when the same form was sent a moment ago."""
    return Upload(row.file.open("rb").file, row.name, row.content_type)


def staged(user: User, keys: Iterable[str]) -> list[StagedFile]:
    """Those of the named files that are this person's, in the order they came."""
    named = [key for key in keys if len(key) <= 32 and "\x00" not in key][:MOST_FILES]
    return list(StagedFile.objects.filter(user=user, key__in=named).order_by("pk")) if named else []


def stage(user: User, files: Sequence[Any], *, at: datetime) -> list[StagedFile]:
    rows = []
    for file in files:
        row = StagedFile(
            user=user,
            key=get_random_string(32),
            name=attaching.clean_name(file.name or ""),
            content_type=(getattr(file, "content_type", None) or "application/octet-stream")[:100],
            size=file.size,
            staged_at=at,
        )
        row.file.name = attaching.kept(StagedFile.file.field, as_upload(file))
        row.save()
        rows.append(row)
    if rows:
        _trim(user)
    return rows


def arrived(request: HttpRequest, user: User, *, at: datetime) -> list[StagedFile]:
    """Files that this request names or brings, for a form that cannot take them itself."""
    files = request.FILES.getlist("attachments")
    faults = attaching.faults(files)
    good = [file for place, file in enumerate(files) if place not in faults]
    waiting = staged(user, request.POST.getlist("kept"))
    with suppress(NoRoom):  # the words are worth more, and need less room
        waiting += stage(user, good, at=at)
    return waiting


def _trim(user: User) -> None:
    size, beyond = 0, []
    for place, row in enumerate(StagedFile.objects.filter(user=user).order_by("-pk")):
        size += row.size
        if place >= MOST_FILES or size > MOST_BYTES:
            beyond.append(row.pk)
    StagedFile.objects.filter(pk__in=beyond).discard()
