"""What was found out, done and attached, against the entries that told of it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from incidents import timeline
from incidents.enums import EntryKind
from incidents.models import Action, Attachment, Evidence, Hypothesis, Incident, Review, TimelineEntry

#: Reads of `finding_faults`, to be prefetched.
FINDINGS = ("evidence__attachment", "hypotheses", "actions")
READ_AT_ONCE = 1 << 20


def finding_faults(incident: Incident, entries: Iterable[TimelineEntry]) -> Iterator[str]:
    """Reads `FINDINGS`, the review, and the `attachments` of the entries: prefetch them."""
    entries = list(entries)
    yield from _redaction_faults(entries)
    yield from _evidence_faults(incident, entries)
    yield from _hypothesis_faults(incident, entries)
    yield from _action_faults(incident, entries)
    yield from _review_faults(incident, entries)
    for entry in entries:
        yield from _attachment_faults(entry)


def _redaction_faults(entries: list[TimelineEntry]) -> Iterator[str]:
    """What is left of a redacted entry is what the last redaction of it says."""
    left: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry.kind == EntryKind.REDACTED:
            left |= entry.data["redacted"]
    for entry in entries:
        if not (entry.text_digest or entry.data_digest):
            continue
        stands = {
            "text": timeline.digest_of_text(entry.text),
            "data": timeline.digest_of_data(entry.data),
        }
        if str(entry.seq) not in left:
            yield f"entry {entry.seq} was emptied, and no redaction says so"
        elif left[str(entry.seq)] != stands:
            yield f"entry {entry.seq} is not what its redaction left"


def _amended(entries: list[TimelineEntry], kind: str) -> set[int]:
    """Rows of which a redaction left something else; the ledger holds them to the digest it gave."""
    told = [entry.data["rows"] for entry in entries if entry.kind == EntryKind.REDACTED]
    return {pk for rows in told for name, pk, _digest in rows if name == kind}


def _evidence_faults(incident: Incident, entries: list[TimelineEntry]) -> Iterator[str]:
    told = {entry.data["evidence"]["id"]: entry for entry in entries if "evidence" in entry.data}
    rows = {row.pk: row for row in incident.evidence.all()}
    yield from _strangers("evidence", told, rows)
    for pk in told.keys() & rows.keys():
        facts, row = told[pk].data["evidence"], rows[pk]
        for name in ("kind", "title", "source", "sha256"):
            if getattr(row, name) != facts[name]:
                yield f"evidence {pk} has another {name} than its entry says"
        yield from _author_faults("evidence", pk, told[pk], row.collected_by_id, row.collected_at)
        content = row.attachment.sha256 if row.attachment else digest_of(row)
        if content != row.sha256 and pk not in _amended(entries, "evidence"):
            yield f"evidence {pk} is not what was collected: its content has another hash"


def digest_of(evidence: Evidence) -> str:
    return hashlib.sha256(evidence.content.encode()).hexdigest()


def _hypothesis_faults(incident: Incident, entries: list[TimelineEntry]) -> Iterator[str]:
    told: dict[int, dict[str, object]] = {}
    added: dict[int, TimelineEntry] = {}
    for entry in entries:
        if "hypothesis" not in entry.data:
            continue
        said = entry.data["hypothesis"]
        told[said["id"]] = {
            "text": said["text"],
            "verdict": said["verdict"],
            "reason": entry.data.get("reason", ""),
        }
        added.setdefault(said["id"], entry)
    rows: dict[int, Hypothesis] = {row.pk: row for row in incident.hypotheses.all()}
    yield from _strangers("hypothesis", told, rows)
    for pk in told.keys() & rows.keys():
        for name, value in told[pk].items():
            if getattr(rows[pk], name) != value:
                yield f"hypothesis {pk} has another {name} than the timeline says"
        yield from _author_faults("hypothesis", pk, added[pk], rows[pk].proposed_by_id, rows[pk].proposed_at)


def _action_faults(incident: Incident, entries: list[TimelineEntry]) -> Iterator[str]:
    told = {entry.data["action"]["id"]: entry for entry in entries if "action" in entry.data}
    rows: dict[int, Action] = {row.pk: row for row in incident.actions.all()}
    yield from _strangers("action", told, rows)
    for pk in told.keys() & rows.keys():
        entry, row = told[pk], rows[pk]
        facts = {"summary": entry.text, "recorded_by_id": entry.actor_id, **entry.data["action"]}
        stands = {
            "summary": row.summary,
            "recorded_by_id": row.recorded_by_id,
            **facts_of_action(row),
        }
        for name, value in stands.items():
            if facts.get(name, value) != value:
                yield f"action {pk} has another {name.removesuffix('_id')} than the timeline says"


def facts_of_action(action: Action) -> dict[str, object]:
    """What its entry keeps of it beside its words and who recorded it."""
    values = {
        name: timeline.plain(getattr(action, name)) for name in ("kind", "outcome", "planned_for", "done_at")
    }
    return {**values, "reference": action.reference, "configuration_item": action.configuration_item_id}


def _review_faults(incident: Incident, entries: list[TimelineEntry]) -> Iterator[str]:
    published = {entry.data["review"]: entry for entry in entries if entry.kind == EntryKind.REVIEW_PUBLISHED}
    review: Review | None = getattr(incident, "review", None)
    stands = {review.pk: review} if review and review.published_at else {}
    yield from _strangers("review", published, stands)
    for pk in published.keys() & stands.keys():
        said = published[pk].data.get("sha256", "")
        if said and said != digest_of_review(stands[pk]) and pk not in _amended(entries, "review"):
            yield f"review {pk} is not what was published"


def digest_of_review(review: Review) -> str:
    names = ("summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly")
    return timeline.digest_of_data([getattr(review, name) for name in names])


def _attachment_faults(entry: TimelineEntry) -> Iterator[str]:
    said = Counter((file["name"], file["size"], file["sha256"]) for file in entry.data.get("attachments", ()))
    there = Counter((row.name, row.size, row.sha256) for row in entry.attachments.all())
    for name, _size, _sha256 in said - there:
        yield f"entry {entry.seq} lost its attachment {name!r}, or it was altered"
    for name, _size, _sha256 in there - said:
        yield f"entry {entry.seq} has an attachment {name!r} that it does not tell of"


def _strangers(what: str, told: Any, rows: Any) -> Iterator[str]:
    for pk in sorted(told.keys() - rows.keys()):
        yield f"{what} {pk} is gone, its entry is there"
    for pk in sorted(rows.keys() - told.keys()):
        yield f"{what} {pk} has no entry that tells of it"


def _author_faults(what: str, pk: int, entry: TimelineEntry, author: int | None, at: object) -> Iterator[str]:
    if author != entry.actor_id:
        yield f"{what} {pk} is by somebody else than its entry says"
    if at != entry.at:
        yield f"{what} {pk} is of another time than its entry says"


def file_faults() -> Iterator[str]:
    """Reads every file that came with an entry, from its first byte to its last."""
    for row in Attachment.objects.select_related("entry__incident").order_by("pk").iterator():
        where = f"{row.entry.incident.number}: the file {row.name!r} of entry {row.entry.seq}"
        try:
            digest, size = _read(row)
        except OSError as error:
            yield f"{where} cannot be read: {type(error).__name__}"
            continue
        if (digest, size) != (row.sha256, row.size):
            yield f"{where} is not what was attached"


def _read(row: Attachment) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with row.file.open("rb") as file:
        for chunk in file.chunks(READ_AT_ONCE):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
