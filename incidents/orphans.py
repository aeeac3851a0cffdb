"""Files that no row names: left by a process that was killed between storing a file and committing its row.

They are set aside first, and removed when they are as old as unsent files may get: a desk that was started
on another database, or on an older backup of its own, must not lose files by that.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from incidents.models import Attachment, StagedFile
from incidents.sweeping import Stop, never

#: Where files are stored, and the rows that name them.
FOLDERS: dict[str, type[models.Model]] = {"attachments": Attachment, "staged": StagedFile}
#: Beside them, in the same order.
ASIDE = "orphans"
#: A file of a request that still runs has no row yet.
OLD_ENOUGH = timedelta(days=1)
BATCH = 500


def orphans(at: datetime) -> Iterator[Path]:
    """Relative to the folder of all files."""
    for folder, model in FOLDERS.items():
        for batch in _batches(folder, at - OLD_ENOUGH):
            rows: Any = model._default_manager.filter(file__in=[path.as_posix() for path in batch])
            named = set(rows.values_list("file", flat=True))
            yield from (path for path in batch if path.as_posix() not in named)


def set_aside(at: datetime, stop: Stop = never) -> int:
    count = 0
    for path in orphans(at):
        if stop():
            break
        place = _root() / ASIDE / path
        place.parent.mkdir(parents=True, exist_ok=True)
        (_root() / path).replace(place)
        os.utime(place, (at.timestamp(), at.timestamp()))  # its age counts from now on
        count += 1
    return count


def remove_aside(before: datetime, stop: Stop = never) -> int:
    count = 0
    for batch in _batches(ASIDE, before):
        for path in batch:
            if stop():
                return count
            (_root() / path).unlink(missing_ok=True)
            count += 1
    return count


def _batches(folder: str, before: datetime) -> Iterator[list[Path]]:
    """Files last written before then."""
    batch: list[Path] = []
    for place, _folders, names in os.walk(_root() / folder):
        for name in names:
            path = Path(place, name)
            with suppress(FileNotFoundError):  # a staged one that was sent meanwhile
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    batch.append(path.relative_to(_root()))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def aside() -> Path:
    return _root() / ASIDE


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)
