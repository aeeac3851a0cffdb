"""Files that come with an entry: checked, hashed and stored before the transaction, named in the entry.

Reading 25 MB takes longer than a write may: on SQLite everybody else would wait for it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from incidents import diskspace, limits
from incidents.errors import Invalid, NoRoom
from incidents.lines import one_line
from incidents.models import Attachment, TimelineEntry
from incidents.uploads import NO_ROOM, Untaken
from incidents.workflow import quota

if TYPE_CHECKING:
    from django.core.files.base import File


@dataclass(slots=True)
class StoredFile:
    """A file that lies in the storage. Until an entry takes it, it belongs to nobody."""

    path: str
    name: str
    content_type: str
    size: int
    sha256: str
    taken: bool = False

    def facts(self) -> dict[str, object]:
        """What the entry keeps of it, and so what the hash chain vouches for."""
        return {"name": self.name, "size": self.size, "sha256": self.sha256}


def clean_name(name: str) -> str:
    """A name fit to show and to download as: no path, no invisible characters, not longer than a line."""
    base = re.split(r"[/\\]", one_line(name))[-1].strip(" .")
    stem, dot, ending = base.rpartition(".")
    if dot and len(ending) <= 20:
        return f"{stem[: limits.LINE - 1 - len(ending)]}.{ending}"
    return base[: limits.LINE] or _("file")


@contextmanager
def stored(files: Sequence["File[bytes] | StoredFile"]) -> Iterator[list[StoredFile]]:
    """Check, hash and store them; afterwards remove what no entry took, and all of it on an error.

    Verbs do this by themselves. A door that calls a verb inside a transaction of its own does it
    around that transaction and hands the stored files on: they pass through here untouched.
    Raises Invalid for what is not taken, NoRoom where the disk is full.
    """
    if found := faults(files):
        raise Invalid({"attachments": " ".join(found.values())})
    ours: list[StoredFile] = []
    failed = True
    try:
        given = []
        for file in files:
            if not isinstance(file, StoredFile):
                file = _store(file)  # noqa: PLW2901 -- stored, it is the same file
                ours.append(file)
            given.append(file)
        yield given
        failed = False
    finally:
        for file in ours:
            if failed or not file.taken:
                with suppress(OSError):  # what went wrong first is what the caller has to hear
                    _storage().delete(file.path)


def faults(files: Sequence["File[bytes] | StoredFile"], *, already: int = 0) -> dict[int, str]:
    """What is not taken, by its place in `files`, each with the reason; `already` came before them."""
    found: dict[int, str] = {}
    for place, file in enumerate(files):
        facts = {
            "name": clean_name(file.name or ""),
            "limit": limits.FILE_MEGABYTES,
            "count": limits.FILES,
        }
        if file.size == 0:
            found[place] = _("%(name)s is empty.") % facts
        elif file.size > limits.FILE_BYTES:
            found[place] = _("%(name)s is larger than %(limit)d MB. Pack it, or send a part of it.") % facts
        elif already + place - len(found) >= limits.FILES:
            found[place] = _("At most %(count)d files at a time. Send %(name)s with a reply.") % facts
    return found


def _store(file: "File[bytes]") -> StoredFile:
    """Under a random name."""
    digest = _sha256(file)
    return StoredFile(
        path=kept(_column(), file),
        name=clean_name(file.name or ""),
        content_type=(getattr(file, "content_type", None) or "application/octet-stream")[:100],
        size=file.size,
        sha256=digest,
    )


def kept(column: Any, file: "File[bytes]") -> str:
    """The path under which it is kept now. Nothing is left of it where there is no room: raises NoRoom."""
    diskspace.expect_room(file.size)
    path: str = column.generate_filename(None, get_random_string(32))
    try:
        with diskspace.room_told():
            return str(column.storage.save(path, file))
    except BaseException:
        with suppress(OSError):
            column.storage.delete(path)
        raise


def words_of(untaken: Untaken) -> str:
    """Why an upload was not taken, or ended."""
    if untaken.status == NO_ROOM:
        return NoRoom().message
    facts = {
        "name": clean_name(untaken.name),
        "limit": limits.FILE_MEGABYTES,
        "all": limits.FILE_MEGABYTES * limits.FILES,
    }
    if untaken.together:
        return (
            _("The files are larger than %(all)d MB together, so none was read. Send fewer of them.") % facts
        )
    large = _("%(name)s is larger than %(limit)d MB. Pack it, or send a part of it.") % facts
    return (
        f"{large} {_('What came after it was not read: choose those files again.')}"
        if untaken.ended
        else large
    )


def _sha256(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _column() -> Any:
    return Attachment._meta.get_field("file")


def _storage() -> Any:
    return _column().storage


def attach(entry: TimelineEntry, files: Sequence[StoredFile]) -> list[Attachment]:
    """Make the rows of stored files. Inside the verb's transaction. Raises OverQuota."""
    if files:
        quota.check(entry, files)
    attachments = [
        Attachment(
            entry=entry,
            file=file.path,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
        )
        for file in files
    ]
    Attachment.objects.bulk_create(attachments)
    for file in files:
        file.taken = True
    return attachments
