"""Words that must not be kept are removed from an incident and from everything that came of it.

The hash of an entry covers digests of its words, so the chain verifies without them; what is left is
bound by the entry that tells of the redaction.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from incidents import append_only, timeline
from incidents.anchors.kinds import CORE, Kind
from incidents.enums import EntryKind, Verb
from incidents.errors import Invalid, StaleIncident
from incidents.models import (
    Action,
    Alert,
    Attachment,
    Evidence,
    FollowUp,
    HeldForm,
    Hypothesis,
    IdempotencyKey,
    Incident,
    IngestEvent,
    LedgerCheck,
    Review,
    SetAside,
    TimelineEntry,
)
from incidents.policies import Actor
from incidents.wiping import SHORTEST, WRITTEN, Words
from incidents.workflow import persist, transitions
from incidents.workflow.accepting import accept

#: kind, primary key, digest of what is left of a row that the ledger seals
Amended = tuple[str, int, str]
#: The sealed rows that were changed, and how many others were.
Removed = tuple[list[Amended], int]
#: What other rooms keep of an incident: they remove it in the same transaction.
ELSEWHERE: list[Callable[[Incident, Words], Removed]] = []

ONE_DAY = timedelta(days=1)
REVIEWED = ("summary", "impact", "root_cause", "contributing_factors", "went_well", "went_badly")


def redact(incident: Incident, *, actor: Actor, at: datetime, words: str, reason: str) -> TimelineEntry:
    """Remove these words for good, wherever they stand; `[…]` stays in their place. Cannot be undone.

    From entries, the incident itself, findings, review, alerts and their bodies, deliveries, received
    mails, unsent forms and kept answers. Not from files, nor from mails that belong to no incident.
    """
    transitions.check(incident, Verb.REDACT, actor)
    _check(words, reason, at)
    gone = Words(words)
    with append_only.released("redaction"):
        if persist.lock(Q(pk=incident.pk))[incident.pk].version != incident.version:
            raise StaleIncident(incident.number)
        entries = _from_entries(incident, gone)
        places = len(entries) + _from_row(incident, gone)
        amended: list[Amended] = []
        for room in (_from_rows, *ELSEWHERE):
            sealed, others = room(incident, gone)
            amended, places = amended + sealed, places + len(sealed) + others
        if not places:
            message = _("These words stand nowhere in %(number)s.")
            raise Invalid({"words": message % {"number": incident.number}})
        return persist.write(
            incident,
            kind=EntryKind.REDACTED,
            actor=actor,
            at=at,
            text=reason.strip(),
            data={"redacted": entries, "rows": [list(row) for row in amended]},
        )


def _check(words: str, reason: str, at: datetime) -> None:
    accept(Verb.REDACT, {"words": words, "reason": reason}, at=at)
    found = {}
    if len(words.strip()) < SHORTEST:
        message = _("Give the words to be removed, at least %(n)d characters.")
        found["words"] = message % {"n": SHORTEST}
    elif Words(words).stand_in(reason):
        found["reason"] = _("The reason is kept: do not repeat the words in it.")
    if found:
        raise Invalid(found)


def _from_entries(incident: Incident, gone: Words) -> dict[str, dict[str, str]]:
    """What is left of each entry they stood in, by its number in the timeline, as digests."""
    left = {}
    for entry in incident.entries.order_by("seq"):
        text, data = gone.without(entry.text), gone.without_in_ours(entry.data)
        if (text, data) == (entry.text, entry.data):
            continue
        TimelineEntry.objects.filter(pk=entry.pk).update(
            text=text,
            data=data,
            text_digest=entry.text_digest or timeline.digest_of_text(entry.text),
            data_digest=entry.data_digest or timeline.digest_of_data(entry.data),
        )
        left[str(entry.seq)] = {
            "text": timeline.digest_of_text(text),
            "data": timeline.digest_of_data(data),
        }
    return left


def _from_row(incident: Incident, gone: Words) -> int:
    changed = {name: gone.without(getattr(incident, name)) for name in WRITTEN}
    changed = {name: text for name, text in changed.items() if text != getattr(incident, name)}
    if changed:
        Incident.objects.filter(pk=incident.pk).update(**changed)
    for name, text in changed.items():
        setattr(incident, name, text)
    return len(changed)


def _from_rows(incident: Incident, gone: Words) -> Removed:
    """Of what hangs on the incident."""
    sealed: list[tuple[QuerySet[Any], Sequence[str]]] = [
        (Evidence.objects.filter(incident=incident), ("title", "source", "content")),
        (Attachment.objects.filter(entry__incident=incident), ("name",)),
        (Review.objects.filter(incident=incident), REVIEWED),
    ]
    others: list[tuple[QuerySet[Any], Sequence[str]]] = [
        (Hypothesis.objects.filter(incident=incident), ("text", "reason")),
        (Action.objects.filter(incident=incident), ("summary", "reference")),
        (FollowUp.objects.filter(review__incident=incident), ("text",)),
        (_alerts(incident), ("title", "description", "severity", "facts", "links")),
        # while it fires, what comes next of the same condition is known by its key
        (_alerts(incident).exclude(ended_at=None), ("dedup_key",)),
        (_events(incident), ("payload", "trouble")),
        (_forms(incident), ("fields",)),
        (log_of(Incident, [incident.pk]), ("object_repr", "change_message")),
        (_naming(incident, LedgerCheck.objects.all(), "lines"), ("lines",)),
        (_naming(incident, SetAside.objects.all(), "label"), ("label", "error")),
    ]
    amended = [row for rows, names in sealed for row in digests(rows.model, clear(rows, names, gone), CORE)]
    changed = sum(len(clear(rows, names, gone)) for rows, names in others)
    return amended, changed + _from_decisions(incident, gone) + _from_answers(incident, gone)


def _from_decisions(incident: Incident, gone: Words) -> int:
    touched = 0
    for row in _events(incident).order_by("pk").iterator(chunk_size=100):
        if (left := gone.without_in_ours(row.decisions)) != row.decisions:
            touched += IngestEvent.objects.filter(pk=row.pk).update(decisions=left)
    return touched


def _from_answers(incident: Incident, gone: Words) -> int:
    """Kept for clients that ask again: the body is JSON in a text."""
    touched = 0
    for row in IdempotencyKey.objects.filter(body__contains=incident.number).order_by("pk"):
        said = json.loads(row.body)
        if (left := gone.without_in_ours(said)) != said:
            body = json.dumps(left, ensure_ascii=False)
            touched += IdempotencyKey.objects.filter(pk=row.pk).update(body=body)
    return touched


def clear(rows: QuerySet[Any], names: Sequence[str], gone: Words) -> list[int]:
    """Remove the words from these columns; the keys of the rows they stood in."""
    touched = []
    for row in rows.order_by("pk").iterator(chunk_size=100):
        changed = {name: gone.without_in(getattr(row, name)) for name in names}
        changed = {name: value for name, value in changed.items() if value != getattr(row, name)}
        if changed:
            rows.model._default_manager.filter(pk=row.pk).update(**changed)
            touched.append(row.pk)
    return touched


def digests(model: type[Model], pks: Sequence[int], kinds: Iterable[Kind]) -> list[Amended]:
    """What the ledger has to find from now on."""
    return [
        (kind.name, values["pk"], kind.digest(values))
        for kind in kinds
        if kind.model is model
        for values in kind.values(kind.rows().filter(kind.ready, pk__in=pks))
    ]


def _alerts(incident: Incident) -> QuerySet[Alert]:
    """Its own, and what was heard of the same conditions while they had none."""
    same = Alert.objects.filter(incident=incident, source=OuterRef("source"), dedup_key=OuterRef("dedup_key"))
    return Alert.objects.filter(Q(incident=incident) | Q(Exists(same), incident=None))


def _events(incident: Incident) -> QuerySet[IngestEvent]:
    """Bodies from the sources of its alerts, since shortly before it or the first of them began."""
    alerts = _alerts(incident)
    fired = alerts.aggregate(first=Min("started_at"))["first"]
    since = min(incident.opened_at, fired or incident.opened_at) - ONE_DAY
    kept = IngestEvent.objects.filter(source__in=alerts.values("source"), emptied_at=None)
    return kept.filter(received_at__gte=since)


def _forms(incident: Incident) -> QuerySet[HeldForm]:
    """Sent to one of its pages, or naming it."""
    pages = [incident.number, f"/incident/{incident.pk}/"]
    pages += [
        f"/review/{pk}/" for pk in Review.objects.filter(incident=incident).values_list("pk", flat=True)
    ]
    naming = _naming(incident, HeldForm.objects.all(), "fields").values("pk")
    return HeldForm.objects.filter(reduce(or_, [Q(path__contains=page) for page in pages], Q(pk__in=naming)))


def _naming(incident: Incident, rows: QuerySet[Any], column: str) -> QuerySet[Any]:
    naming: QuerySet[Any] = rows.annotate(said=Cast(column, TextField()))
    return naming.filter(said__contains=incident.number)


def log_of(model: type[Model], pks: Iterable[int]) -> QuerySet[LogEntry]:
    """What the admin's log says of these rows."""
    kind = ContentType.objects.get_for_model(model)
    return LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in pks])
