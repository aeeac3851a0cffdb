"""The sweep that seals what is new. Whatever was committed late is sealed by the next one."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import structlog
from django.db import IntegrityError, transaction

from incidents.anchors import keys
from incidents.anchors.kinds import Kind
from incidents.models import Anchor
from incidents.sweeping import Stop, never

log = structlog.get_logger(__name__)

#: Rows of a page: what one check holds in memory.
PAGE = 500


class NotOurs(Exception):
    """The newest page does not carry our seal, so nothing is put on top of it."""


def anchor_pending(kinds: Sequence[Kind], *, at: datetime, stop: Stop = never) -> int:
    """Seal page by page until nothing is left; how many. Safe to run side by side: one wins each page.

    No write of the desk waits for it. Raises NotOurs.
    """
    pages = 0
    while not stop() and _page(kinds, at):
        pages += 1
    return pages


def adopt(*, at: datetime) -> Anchor:
    """An empty page under our present key on top of whatever there is: after a key was lost or changed."""
    return _put([], at)


def digest_of(anchor: Anchor) -> str:
    stamp = anchor.at.astimezone(UTC).isoformat()
    content = f"{anchor.number}\n{stamp}\n{anchor.key}\n{anchor.prev}\n{anchor.rows}\n{anchor.lines}"
    return hashlib.sha256(content.encode()).hexdigest()


def _page(kinds: Sequence[Kind], at: datetime) -> bool:
    try:
        with transaction.atomic():
            return _seal_next(kinds, at)
    except IntegrityError:  # somebody else made the page of that number in this moment
        log.info("page_lost")
        return False


def _seal_next(kinds: Sequence[Kind], at: datetime) -> bool:
    taken: list[tuple[Kind, list[int]]] = []
    lines: list[str] = []
    for kind in kinds:
        if len(lines) < PAGE:
            rows = list(kind.values(kind.pending(), limit=PAGE - len(lines)))
            lines += [kind.line(values) for values in rows]
            taken.append((kind, [values["pk"] for values in rows]))
    if not lines:
        return False
    newest = Anchor.objects.newest()
    if newest is not None and not keys.is_ours(newest):
        raise NotOurs(f"Page {newest.number} of the ledger is not sealed with our key.")
    anchor = _put(lines, at)
    for kind, pks in taken:
        if pks:
            kind.rows().filter(pk__in=pks).update(**{kind.mark: anchor.number})
    return True


def _put(lines: list[str], at: datetime) -> Anchor:
    newest = Anchor.objects.newest()
    anchor = Anchor(
        number=newest.number + 1 if newest else 1,
        at=at,
        prev=newest.digest if newest else "",
        rows=len(lines),
        lines="\n".join(lines),
        key=keys.present(),
    )
    anchor.digest = digest_of(anchor)
    keys.seal(anchor)
    anchor.save(force_insert=True)
    return anchor
