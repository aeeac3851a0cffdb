"""What is kept for a time only. The record of what happened stays; what is removed is what came in raw."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from incidents.models import HeldForm, IdempotencyKey, IngestEvent, RemovalKind, StagedFile
from incidents.models.monitoring import EventStatus


@dataclass(frozen=True, slots=True)
class Rule:
    """`days` names the field of the desk that says how long; `older` finds, `remove` empties or deletes."""

    kind: RemovalKind
    days: str
    older: Callable[[datetime], QuerySet[Any]]
    remove: Callable[[QuerySet[Any], datetime], int]


def events_before(moment: datetime) -> QuerySet[IngestEvent]:
    """All but those that are still to be acted on."""
    rows = IngestEvent.objects.filter(received_at__lt=moment, emptied_at=None)
    return rows.exclude(status=EventStatus.WAITING)


def empty_events(rows: QuerySet[IngestEvent], at: datetime) -> int:
    return rows.update(payload={}, headers={}, emptied_at=at)


def keys_before(moment: datetime) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(started_at__lt=moment)


def delete_keys(rows: QuerySet[IdempotencyKey], _at: datetime) -> int:
    return rows.delete()[0]


def delete_forms(rows: QuerySet[HeldForm], _at: datetime) -> int:
    return rows.delete()[0]


def discard_files(rows: QuerySet[Any], _at: datetime) -> int:
    return StagedFile.objects.filter(pk__in=rows.values("pk")).discard()


RULES = (
    Rule(RemovalKind.EVENTS, "keep_events_days", events_before, empty_events),
    Rule(RemovalKind.KEYS, "keep_keys_days", keys_before, delete_keys),
    Rule(RemovalKind.DRAFTS, "keep_drafts_days", HeldForm.objects.older_than, delete_forms),
    Rule(RemovalKind.FILES, "keep_drafts_days", StagedFile.objects.older_than, discard_files),
)
