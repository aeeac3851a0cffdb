"""The only writer of timeline entries and the only sender of `timeline_recorded`.

Each entry carries the hash of the one before it, so that an edit, a removal or a swap shows. The
hash covers digests of text and data in place of both: words that must be removed one day (privacy)
can be, and the chain still verifies.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import models, transaction

from incidents.enums import Visibility
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.signals import timeline_recorded

#: Fields of the row that its timeline accounts for. The rest is bookkeeping of the timeline itself.
UNTRACKED = frozenset({"id", "uid", "version", "chain_head", "updated_at", "next_due_at"})
TRACKED: tuple[str, ...] = tuple(
    field.name for field in Incident._meta.concrete_fields if field.name not in UNTRACKED
)
_FIELDS = {name: Incident._meta.get_field(name) for name in TRACKED}
_DEFAULTS: dict[str, object] = {}


def plain(value: object) -> object:
    """A field's value as JSON holds it: rows as primary keys, times in UTC, choices as their values."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return getattr(value, "value", value)


def row_values(incident: Incident) -> dict[str, Any]:
    """The tracked fields of the row as it stands, as JSON holds them. No query."""
    return {name: plain(getattr(incident, attname(name))) for name in TRACKED}


def attname(name: str) -> str:
    """The attribute that holds a tracked field's plain value (`team_id` for `team`)."""
    return str(getattr(_FIELDS[name], "attname", name))


def blank_values() -> dict[str, object]:
    """What a fold starts from: every field at its default."""
    if not _DEFAULTS:
        _DEFAULTS.update(row_values(Incident()))
    return dict(_DEFAULTS)


def fold(entries: Iterable[TimelineEntry]) -> dict[str, object]:
    """The row that the timeline tells: defaults, then each entry's changes in order."""
    values = blank_values()
    for entry in entries:
        values.update({name: new for name, (_, new) in entry.changes.items()})
    return values


def steps(entries: Iterable[TimelineEntry]) -> Iterator[tuple[Any, datetime, str, dict[str, object]]]:
    """For `sla.clocks.replay`: the facts after each entry, with its time, kind and data."""
    values = blank_values()
    for entry in entries:
        values.update({name: new for name, (_, new) in entry.changes.items()})
        yield snapshot(values), entry.at, entry.kind, entry.data


def snapshot(values: Mapping[str, Any]) -> object:
    """The facts the clocks need, out of plain values (see `sla.policy.Facts`)."""
    acknowledged = values["acknowledged_at"]
    return SimpleNamespace(
        state=values["state"],
        priority=values["priority"],
        service_id=values["service"],
        category_id=values["category"],
        opened_at=datetime.fromisoformat(values["opened_at"]),
        acknowledged_at=datetime.fromisoformat(acknowledged) if acknowledged else None,
    )


def compose(
    *,
    incident: Incident,
    kind: str,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, list[object]],
    state_after: str,
    text: str = "",
    visibility: str = Visibility.INTERNAL,
    data: Mapping[str, object] | None = None,
    source_state: str = "",
) -> TimelineEntry:
    """The next entry of `incident`, hashed onto `incident.chain_head`; not saved."""
    entry = TimelineEntry(
        incident=incident,
        seq=incident.version + 1,
        kind=kind,
        visibility=visibility,
        actor=actor.user,
        via=actor.via,
        at=at,
        text=text,
        data={"changes": dict(changes), **(data or {})} if changes else dict(data or {}),
        state_after=state_after,
        source_state=source_state,
        prev_hash=incident.chain_head,
    )
    entry.hash = chain_hash(entry, incident.uid)
    return entry


def chain_hash(entry: TimelineEntry, uid: UUID) -> str:
    """SHA-256 over the canonical JSON of the entry, which holds the hash before it. Hex."""
    return digest_of_data(hashed(entry, str(uid)))


def hashed(entry: TimelineEntry, uid: str) -> dict[str, Any]:
    """What the hash of an entry is over."""
    return {
        "incident": uid,
        "seq": entry.seq,
        "kind": plain(entry.kind),
        "visibility": plain(entry.visibility),
        "actor": entry.actor_id,
        "via": plain(entry.via),
        "at": plain(entry.at),
        "text": entry.text_digest or digest_of_text(entry.text),
        "data": entry.data_digest or digest_of_data(entry.data),
        "state_after": plain(entry.state_after),
        "source_state": entry.source_state,
        "prev": entry.prev_hash,
    }


def digest_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_data(data: object) -> str:
    """Of its canonical JSON."""
    return digest_of_text(canonical(data))


def canonical(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chain_breaks(entries: Iterable[TimelineEntry], uid: UUID, head: str) -> Iterator[str]:
    """What is wrong with the chain of one incident, whose row holds `head`; nothing when it verifies."""
    before, expected_seq = "", 1
    for entry in entries:
        if entry.seq != expected_seq:
            yield f"entry {expected_seq} is missing (found {entry.seq})"
        if entry.prev_hash != before:
            yield f"entry {entry.seq} does not follow the one before it"
        if entry.hash != chain_hash(entry, uid):
            yield f"entry {entry.seq} was altered"
        before, expected_seq = entry.hash, entry.seq + 1
    if before != head:
        yield "the last entry is not the one the incident knows"


def record(entry: TimelineEntry) -> TimelineEntry:
    """Save the entry and announce it after commit. Inside the transaction of the change it tells of."""
    return record_all([entry])[0]


def record_all(entries: list[TimelineEntry]) -> list[TimelineEntry]:
    """As `record`, of several incidents in one statement. Announced once, by the last."""
    TimelineEntry.objects.bulk_create(entries)
    last = entries[-1].pk
    transaction.on_commit(lambda: timeline_recorded.send_robust(TimelineEntry, entry_id=last))
    return entries
