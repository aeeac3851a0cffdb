"""Files that come with an entry: checked before anything is written, hashed into the entry."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from incidents.errors import Invalid
from incidents.models import Attachment, TimelineEntry

if TYPE_CHECKING:
    from django.core.files.base import File

MAX_FILES = 10
MAX_BYTES = 25 * 1024 * 1024
#: Control, format and surrogate characters: they hide what a name is (bidi marks, zero width, NUL).
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean_name(name: str) -> str:
    """A name fit to show and to download as: no path, no invisible characters, 200 characters at most."""
    visible = "".join(
        char for char in unicodedata.normalize("NFC", name) if unicodedata.category(char) not in INVISIBLE
    )
    base = re.split(r"[/\\]", visible)[-1].strip(" .")
    stem, dot, ending = base.rpartition(".")
    if dot and len(ending) <= 20:
        return f"{stem[: 199 - len(ending)]}.{ending}"
    return base[:200] or _("file")


def describe(files: Sequence["File[bytes]"]) -> list[dict[str, Any]]:
    """Name, size and hash of each file, as the entry keeps them. Raises Invalid for what is not taken."""
    if len(files) > MAX_FILES:
        raise Invalid(
            {
                "attachments": _("At most %(count)d files at a time. Send the rest with a reply.")
                % {"count": MAX_FILES}
            }
        )
    for file in files:
        if file.size > MAX_BYTES:
            raise Invalid(
                {"attachments": _("%(name)s is larger than %(limit)d MB. Pack it, or send a part of it.")
                 % {"name": clean_name(file.name or ""), "limit": MAX_BYTES // 1024 // 1024}}
            )  # fmt: skip
        if file.size == 0:
            raise Invalid({"attachments": _("%(name)s is empty.") % {"name": clean_name(file.name or "")}})
    return [
        {"name": clean_name(file.name or ""), "size": file.size, "sha256": _sha256(file)} for file in files
    ]


def _sha256(file: "File[bytes]") -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def attach(
    entry: TimelineEntry, files: Sequence["File[bytes]"], described: Sequence[dict[str, Any]]
) -> list[Attachment]:
    """Store the files under random names and their rows. Inside the verb's transaction."""
    attachments = []
    for file, facts in zip(files, described, strict=True):
        attachment = Attachment(
            entry=entry,
            name=facts["name"],
            content_type=(getattr(file, "content_type", None) or "application/octet-stream")[:100],
            size=facts["size"],
            sha256=facts["sha256"],
        )
        attachment.file.save(get_random_string(32), file, save=False)
        attachments.append(attachment)
    if attachments:
        Attachment.objects.bulk_create(attachments)
    return attachments
