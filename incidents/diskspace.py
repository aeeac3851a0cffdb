"""Room on the disk: looked at before something is kept, and recognised when it ran out meanwhile."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from incidents.errors import NoRoom

#: Left for the database, its journal and the log, which need room to say what is wrong.
RESERVE = 16 * 1024 * 1024
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: PostgreSQL's code for it, and SQLite's words.
DISK_FULL, SQLITE_FULL = "53100", "database or disk is full"


def is_full(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, DatabaseError):
        return getattr(error.__cause__, "sqlstate", "") == DISK_FULL or SQLITE_FULL in str(error)
    return False


def has_room_for(size: int, *folders: str | Path) -> bool:
    """Whether each of them, or the folder it would be made in, takes so many bytes more."""
    return all(_free(Path(folder)) >= size + RESERVE for folder in folders)


def _free(folder: Path) -> int:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def expect_room(size: int) -> None:
    """Raises NoRoom where files are kept, and there are not so many bytes left."""
    if not has_room_for(size, settings.MEDIA_ROOT):
        raise NoRoom


@contextmanager
def room_told() -> Iterator[None]:
    """What runs into a full disk raises NoRoom."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise NoRoom from error
        raise
