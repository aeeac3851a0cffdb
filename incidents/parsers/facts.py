"""What a body says beyond the alert itself: labels to read, links to follow. Bounded, and only text."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import TypedDict
from urllib.parse import urljoin, urlsplit

from incidents.parsers.reading import optional_record, text

MAX_LABELS = 40
MAX_LINKS = 12
MAX_NAME = 80
MAX_VALUE = 300
MAX_ADDRESS = 2000
#: Nobody's alert says more; what else is in it stays in the kept body.
MAX_READ = 1000
SCHEMES = ("http://", "https://")


class Facts(TypedDict):
    labels: dict[str, str]
    links: dict[str, str]


def facts(*groups: object, base: str | None = None, but: frozenset[str] = frozenset()) -> Facts:
    """The plain values of these objects: addresses as links, the rest as labels. The first of a name stays.

    `base` completes addresses that begin with a slash, under names that end in "url"; `but` names
    what is told elsewhere.
    """
    found = Facts(labels={}, links={})
    for group in groups:
        for name, value in islice(optional_record(group).items(), MAX_READ):
            words = "" if name in but or value == "[removed]" else (text(value) or "").strip()
            short = str(name).strip()[:MAX_NAME]
            if not words or not short:
                continue
            address = address_of(words, base if short.lower().endswith("url") else None)
            if address and len(found["links"]) < MAX_LINKS:
                found["links"].setdefault(short, address)
            elif not address and len(found["labels"]) < MAX_LABELS:
                found["labels"].setdefault(short, words[:MAX_VALUE])
    return found


def address_of(words: str, base: str | None = None) -> str | None:
    """An address that a person may safely follow: http or https, with a host, all of it printable."""
    if len(words) > MAX_ADDRESS or not words.isprintable() or " " in words or "\\" in words:
        return None
    try:
        if words.startswith("/") and base and base.lower().startswith(SCHEMES):
            words = urljoin(base[:MAX_ADDRESS], words)
        return words if words.lower().startswith(SCHEMES) and urlsplit(words).hostname else None
    except ValueError:
        return None


def named(items: object, name: str = "name", value: str = "value") -> dict[str, object]:
    """`[{"name": ..., "value": ...}]`, or `[["name", "value"]]`, as one object."""
    pairs: Iterable[tuple[object, object]] = ()
    if isinstance(items, list):
        pairs = (
            (item.get(name), item.get(value)) if isinstance(item, Mapping) else tuple(item)
            for item in items[:MAX_READ]
            if isinstance(item, Mapping) or (isinstance(item, list) and len(item) == 2)
        )
    return {words: said for key, said in pairs if (words := text(key)) is not None}
