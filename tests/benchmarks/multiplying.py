"""Ten thousand incidents become a million: copies with numbers and hashes of their own, in minutes.

Whole histories are copied, so each chain verifies and each row is the fold of its entries.
"""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.db import connection, models, transaction
from django.db.models import Max

from incidents.models import Clock, Incident, TimelineEntry
from incidents.timeline import canonical, digest_of_data, hashed
from tests.benchmarks.seeding import Company, seed

Row = tuple[Any, ...]
#: So many are made one by one; beyond them they are copied.
BASE = 10_000
DATA: Any = TimelineEntry._meta.get_field("data")


@dataclass(frozen=True, slots=True)
class Hashed:
    """What `chain_hash` hashes of an entry, but for what differs from copy to copy."""

    around: str
    data: Any
    data_digest: str

    @classmethod
    def of(cls, entry: TimelineEntry) -> Self:
        around = canonical(hashed(entry, "@uid") | {"data": "@data", "prev": "@prev"})
        return cls(around, entry.data, entry.data_digest or digest_of_data(entry.data))

    def numbered(self, number: str) -> Any:
        """Its data with another number at the source; None where it says none."""
        changes = self.data.get("changes", {})
        if "source_number" not in changes:
            return None
        return {**self.data, "changes": {**changes, "source_number": ["", number]}}

    def digest(self, uid: uuid.UUID, before: str, data_digest: str) -> str:
        whole = self.around.replace("@data", data_digest).replace("@uid", str(uid)).replace("@prev", before)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass
class Story:
    """One incident to be copied: rows as they are written, and what each entry's hash is over."""

    incident: list[Any]
    entries: list[tuple[list[Any], Hashed]] = field(default_factory=list)
    clocks: list[list[Any]] = field(default_factory=list)


class Table:
    def __init__(self, model: type[models.Model]) -> None:
        self.model, self.name = model, model._meta.db_table
        self.fields = [one for one in model._meta.concrete_fields if not one.generated]
        self.at = {one.attname: place for place, one in enumerate(self.fields)}

    def rows(self) -> Iterator[list[Any]]:
        names = [one.attname for one in self.fields]
        for values in self.model._default_manager.order_by("pk").values_list(*names).iterator():
            yield [
                one.get_db_prep_save(value, connection)
                for one, value in zip(self.fields, values, strict=True)
            ]

    def last(self) -> int:
        return int(self.model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


class Multiplier:
    def __init__(self) -> None:
        self.incidents, self.entries, self.clocks = Table(Incident), Table(TimelineEntry), Table(Clock)
        self.stories: dict[int, Story] = {
            row[self.incidents.at["id"]]: Story(row) for row in self.incidents.rows()
        }
        entries = {entry.pk: entry for entry in TimelineEntry.objects.iterator()}
        for row in self.entries.rows():
            entry = entries[row[self.entries.at["id"]]]
            self.stories[entry.incident_id].entries.append((row, Hashed.of(entry)))
        for row in self.clocks.rows():
            self.stories[row[self.clocks.at["incident_id"]]].clocks.append(row)
        self.span = {table.name: table.last() for table in (self.incidents, self.entries, self.clocks)}

    def copy(self, times: int) -> None:
        """Every story so often more."""
        for n in range(1, times + 1):
            written: dict[str, list[Row]] = defaultdict(list)
            for story in self.stories.values():
                self._copied(story, n, written)
            with transaction.atomic():
                for table in (self.incidents, self.entries, self.clocks):
                    write(table, written[table.name])

    def _copied(self, story: Story, n: int, written: dict[str, list[Row]]) -> None:
        mine = uuid.uuid4()
        incident = list(story.incident)
        pk = incident[self.incidents.at["id"]] = story.incident[0] + n * self.span[self.incidents.name]
        incident[self.incidents.at["uid"]] = mine if connection.vendor == "postgresql" else mine.hex
        place = self.incidents.at["source_number"]
        number = f"{incident[place]}-{mine.hex[:8]}" if incident[place] else ""
        incident[place] = number
        before = ""
        for base, said in story.entries:
            row = list(base)
            row[self.entries.at["id"]] = base[self.entries.at["id"]] + n * self.span[self.entries.name]
            row[self.entries.at["incident_id"]] = pk
            row[self.entries.at["prev_hash"]] = before
            data_digest = said.data_digest
            if (data := said.numbered(number)) is not None:
                row[self.entries.at["data"]] = DATA.get_db_prep_save(data, connection)
                data_digest = digest_of_data(data)
            before = said.digest(mine, before, data_digest)
            row[self.entries.at["hash"]] = before
            row[self.entries.at["anchor"]] = None
            written[self.entries.name].append(tuple(row))
        incident[self.incidents.at["chain_head"]] = before
        written[self.incidents.name].append(tuple(incident))
        for base in story.clocks:
            row = list(base)
            row[self.clocks.at["id"]] = base[self.clocks.at["id"]] + n * self.span[self.clocks.name]
            row[self.clocks.at["incident_id"]] = pk
            written[self.clocks.name].append(tuple(row))


def write(table: Table, rows: list[Row]) -> None:
    columns = ", ".join(one.column for one in table.fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            cursor.execute(f"SELECT setval({sequence}, (SELECT max(id) FROM {table.name}))")  # noqa: S608
            return
        places = ", ".join(["%s"] * len(table.fields))
        cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", rows)  # noqa: S608


def grow(company: Company, have: int, size: int) -> None:
    """From some on, what is there is copied: it takes minutes to a million."""
    base = min(size, BASE)
    seed(company, max(0, base - have), first=have)
    have = max(have, base)
    if times := size // have - 1:
        Multiplier().copy(times)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
