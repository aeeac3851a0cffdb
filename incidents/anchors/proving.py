"""What the pages say against what is there, page by page; each breach is one line that names the row."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from incidents.anchors import keys
from incidents.anchors.kinds import Kind
from incidents.anchors.pages import digest_of
from incidents.enums import EntryKind
from incidents.models import Anchor, TimelineEntry

#: The sweep comes every minute; a large import is worked off within it.
PATIENCE = timedelta(hours=1)
CHUNK = 20
_HEAD = re.compile(r"\b(\d{1,18})-([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})\b")
_LINE = re.compile(r"^(\S+) (\d+) ([0-9a-f]{64}) ([^\n]*)")

#: (kind, primary key): digest after its redaction
Amended = Mapping[tuple[str, int], str]


class NoHead(Exception):
    """What was given holds no line of `ledger_head`."""


def heads_in(text: str) -> dict[int, str]:
    """{number: head} of every such line in a print, a mail or a file. Raises NoHead."""
    found = {int(number): f"{number}-{rest}" for number, rest in _HEAD.findall(text.lower())}
    if not found:
        raise NoHead
    return found


def breaches(kinds: Sequence[Kind], at: datetime, heads: Mapping[int, str] | None = None) -> Iterator[str]:
    """`heads` were kept outside, by number: whoever can write the whole database cannot write those."""
    by_name = {kind.name: kind for kind in kinds}
    amended = _amended()
    sealed: Counter[str] = Counter()
    newest = None
    for anchor in Anchor.objects.in_order().iterator(chunk_size=CHUNK):
        yield from _page_faults(anchor, newest)
        yield from _row_faults(anchor, by_name, amended, sealed)
        if heads and heads.get(anchor.number, anchor.head) != anchor.head:
            yield (
                f"page {anchor.number} of the ledger is {anchor.head}, "
                f"the head kept outside says {heads[anchor.number]}"
            )
        newest = anchor
    if newest is not None and keys.is_ours(newest) is None:
        yield (
            f"page {newest.number} of the ledger, the newest, is sealed with the key {newest.key}, "
            "which is not ours: was SECRET_KEY or LEDGER_KEY changed?"
        )
    last = newest.number if newest else 0
    for number, head in sorted((heads or {}).items()):
        if number > last:
            yield f"page {number} of the ledger is gone: the head kept outside says {head}"
    for kind in kinds:
        yield from _outside_pages(kind, last, sealed[kind.name], at)


def _page_faults(anchor: Anchor, before: Anchor | None) -> Iterator[str]:
    name = f"page {anchor.number} of the ledger"
    expected = before.number + 1 if before else 1
    if anchor.number != expected:
        missing = str(expected) if anchor.number == expected + 1 else f"{expected} to {anchor.number - 1}"
        yield f"page {missing} of the ledger is missing"
    if anchor.prev != (before.digest if before else ""):
        yield f"{name} does not follow the one before it"
    if anchor.digest != digest_of(anchor):
        yield f"{name} was altered"
    if keys.is_ours(anchor) is False:
        yield f"{name} does not carry our seal"


def _row_faults(
    anchor: Anchor, kinds: Mapping[str, Kind], amended: Amended, sealed: Counter[str]
) -> Iterator[str]:
    said: dict[str, dict[int, tuple[str, str]]] = {}
    for line in anchor.lines.split("\n") if anchor.lines else ():
        match = _LINE.fullmatch(line)
        if match is None or match[1] not in kinds:
            yield f"page {anchor.number} of the ledger holds a line that cannot be read: {line[:80]}"
            continue
        said.setdefault(match[1], {})[int(match[2])] = (match[3], match[4])
    for name, lines in said.items():
        kind = kinds[name]
        there = {
            values["pk"]: kind.digest(values) for values in kind.values(kind.rows().filter(pk__in=lines))
        }
        sealed[name] += len(there)
        for pk, (digest, label) in lines.items():
            if pk not in there:
                yield f"{label} is gone; page {anchor.number} of the ledger sealed it as {name} {pk}"
            elif there[pk] not in {digest, amended.get((name, pk))}:
                yield f"{label} was altered after page {anchor.number} of the ledger sealed it as {name} {pk}"


def _outside_pages(kind: Kind, newest: int, sealed: int, at: datetime) -> Iterator[str]:
    """Rows that say they are sealed and are not, and such as nobody sealed though it is time."""
    highest = kind.rows().aggregate(highest=Max(kind.mark))["highest"] or 0
    if highest > newest:
        yield f"rows of the kind {kind.name} are sealed up to page {highest} of the ledger, which is gone"
    marked = kind.rows().exclude(**{kind.mark: None}).count()
    if marked > sealed:
        yield f"{marked - sealed} rows of the kind {kind.name} say they are sealed, and no page knows them"
    if kind.since and (late := kind.pending().filter(**{f"{kind.since}__lt": at - PATIENCE}).count()):
        yield f"{late} rows of the kind {kind.name} wait to be sealed for an hour: does the worker run?"


def _amended() -> Amended:
    """What redactions left of sealed rows; each is told by an entry, which is sealed itself."""
    told = TimelineEntry.objects.filter(kind=EntryKind.REDACTED).order_by("pk").values_list("data", flat=True)
    return {(name, pk): digest for data in told.iterator() for name, pk, digest in data["rows"]}
