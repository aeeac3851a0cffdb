"""What is sealed: kinds of rows that are only ever added, and what of them never changes again."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Model, Q, QuerySet

from incidents.models import Attachment, Evidence, Review, TimelineEntry
from incidents.models.incident import format_number

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that are sealed one by one, as soon as they are `ready`: the `columns` are final from then on.

    `mark` is the column that takes the number of the page, `since` the one, if there is one, that says
    from when on it was ready.
    """

    name: str
    model: type[Model]
    columns: tuple[str, ...]
    label: Callable[[Values], str]
    since: str | None
    mark: str = "anchor"
    ready: Q = field(default_factory=Q)

    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.all()

    def pending(self) -> QuerySet[Any]:
        return self.rows().filter(self.ready, **{f"{self.mark}__isnull": True})

    def values(self, rows: QuerySet[Any], limit: int | None = None) -> Iterator[Values]:
        """In order of the primary key."""
        yield from rows.order_by("pk").values("pk", *self.columns)[:limit]

    def digest(self, values: Values) -> str:
        content = [self.name, values["pk"], *(_plain(values[name]) for name in self.columns)]
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def line(self, values: Values) -> str:
        return f"{self.name} {values['pk']} {self.digest(values)} {self.label(values)}"


def _plain(value: object) -> object:
    if isinstance(value, date):  # a time, too: the database gives it in UTC
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if value is None or isinstance(value, str | int | float | bool | dict | list):
        return value
    return str(value)


def columns_of(model: type[Model], *, without: Sequence[str]) -> tuple[str, ...]:
    """All of them, so that what is added later is sealed too; the names of keys are those of columns."""
    left_out = {"id", "anchor", *without}
    names = [field.attname for field in model._meta.concrete_fields]
    return tuple(name for name in names if name not in left_out)


def _of_incident(words: str) -> Callable[[Values], str]:
    return lambda values: f"{format_number(values['incident_id'])}: {words}"


CORE = (
    # the hash binds everything else that an entry says, by a digest where it may be redacted
    Kind(
        "entry",
        TimelineEntry,
        ("incident_id", "seq", "hash", "recorded_at"),
        lambda values: f"{format_number(values['incident_id'])}: entry {values['seq']}",
        since="recorded_at",
    ),
    Kind(
        "attachment",
        Attachment,
        columns_of(Attachment, without=()),
        lambda values: f"attachment {values['pk']} of entry {values['entry_id']}",
        since="entry__recorded_at",
    ),
    Kind(
        "evidence",
        Evidence,
        columns_of(Evidence, without=()),
        _of_incident("evidence"),
        since="collected_at",
    ),
    Kind(
        "review",
        Review,
        columns_of(Review, without=()),
        _of_incident("review"),
        since="published_at",
        ready=Q(published_at__isnull=False),
    ),
)
