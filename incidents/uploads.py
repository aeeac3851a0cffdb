"""Uploads stop where they become too much: what is not wanted is not read, and never fills the disk.

The form comes back with what was typed, and says what was not taken: browsers send the fields that
stand before a file before the file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from tempfile import gettempdir
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render

from incidents import diskspace, limits

FORM = "multipart/form-data"
#: All files of one form, and the fields beside them.
MOST_BYTES = limits.FILES * limits.FILE_BYTES + 4 * 1024 * 1024
TOO_LARGE, NO_ROOM = 413, 507


@dataclass(frozen=True, slots=True)
class Untaken:
    """A file that was not taken. After one that `ended` the upload nothing more was read."""

    status: int
    name: str
    ended: bool
    together: bool = False


def untaken(request: object) -> list[Untaken]:
    """Of a request whose body was parsed."""
    found: list[Untaken] = getattr(request, "untaken", [])
    return found


class Bounds(FileUploadHandler):
    """Ends an upload that is too large, or for which there is no room. First of the handlers.

    A file that is a little too large is passed over, so that what stands behind it still arrives.
    """

    def handle_raw_input(  # type: ignore[override]  # called by position
        self, _input: object, _meta: object, content_length: int, *_args: object, **_kwargs: object
    ) -> None:
        self.whole, self.read, self.is_first = content_length, 0, True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.size = 0
        if self.is_first and self.whole > MOST_BYTES:
            self.end(TOO_LARGE, together=True)
        if self.is_first and not diskspace.has_room_for(self.whole, gettempdir(), settings.MEDIA_ROOT):
            self.end(NO_ROOM)
        self.is_first = False

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes:
        self.read += len(raw_data)
        self.size += len(raw_data)
        if self.size > limits.FILE_BYTES:
            if self.whole - self.read > limits.FILE_BYTES:
                self.end(TOO_LARGE)
            note(self.request, Untaken(TOO_LARGE, self.file_name or "", ended=False))
            raise SkipFile
        return raw_data

    def file_complete(self, _size: int) -> None:
        return None

    def end(self, status: int, *, together: bool = False) -> None:
        note(self.request, Untaken(status, self.file_name or "", ended=True, together=together))
        raise StopUpload(connection_reset=True)


class OnDisk(TemporaryFileUploadHandler):
    """Django's own, and the end of the upload where the disk is full."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            if not diskspace.is_full(error):
                raise
            note(self.request, Untaken(NO_ROOM, self.file_name or "", ended=True))
            raise StopUpload(connection_reset=True) from error


def note(request: Any, what: Untaken) -> None:
    request.untaken = [*untaken(request), what]


class Uploads:
    """Says 413 and 507 of pages: of forms that come back, and of what ran into a full disk."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 200 and (found := untaken(request)):
            response.status_code = max(each.status for each in found)
        return response

    def process_view(
        self,
        request: HttpRequest,
        view: object,
        _args: object,
        _kwargs: object,
    ) -> HttpResponse | None:
        """Read the form now, before whoever asks for its token does, and has no answer to this."""
        if request.content_type != FORM or getattr(view, "csrf_exempt", False):
            return None
        try:
            files = request.FILES
        except UnreadablePostError:
            return None
        except OSError as error:
            return self.process_exception(request, error)
        files.untaken = untaken(request)  # type: ignore[attr-defined]  # forms get no request
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return render(request, "507.html", status=NO_ROOM) if diskspace.is_full(error) else None
