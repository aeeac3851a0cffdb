"""Whom an entry concerns by what it says, and by what was said before."""

from collections.abc import Iterator

from django.db.models import Q

from incidents import policies
from incidents.enums import EntryKind, Via
from incidents.models import Incident, TimelineEntry, Watcher
from notifications.enums import Channel, Purpose, Reason
from notifications.kinds import kinds_where
from notifications.models import Delivery

RAISED = kinds_where(lambda news: news.is_start)


def watchers(entry: TimelineEntry) -> set[int]:
    """Those watching at the time of the entry."""
    then = Watcher.objects.filter(Q(removed_at=None) | Q(removed_at__gt=entry.at), incident=entry.incident_id)
    return set(then.filter(added_at__lte=entry.at).values_list("user_id", flat=True))


def told_of_themselves(entry: TimelineEntry) -> frozenset[int]:
    """An internal entry that is about these very people: they were made watchers."""
    if entry.kind != EntryKind.WATCHER_ADDED or entry.data.get("watcher") is None:
        return frozenset()
    return frozenset({entry.data["watcher"]})


def is_from_outside(entry: TimelineEntry) -> bool:
    """By the requester, also one who works at the desk, or by somebody else from outside it."""
    if entry.data.get("from_outside"):
        return True
    if entry.actor is None:
        return False
    return entry.actor_id == entry.incident.requester_id or not policies.sees_internal(entry.actor)


def resolver(entry: TimelineEntry) -> int | None:
    """Who said last, before this entry, that it is solved."""
    said = TimelineEntry.objects.filter(
        incident=entry.incident_id, kind=EntryKind.RESOLVED, seq__lt=entry.seq
    )
    return said.order_by("-seq").values_list("actor_id", flat=True).first()


def is_recovery(entry: TimelineEntry) -> bool:
    """Monitoring says that an alert is over."""
    if entry.kind == EntryKind.RESOLVED:
        return entry.via == Via.MONITORING
    return entry.kind == EntryKind.ALERTED and bool(entry.data.get("alert", {}).get("over"))


def told_of_the_start(entry: TimelineEntry) -> dict[int, Reason]:
    """Who was told of what is over now, and as what."""
    rows = Delivery.objects.filter(
        incident__in=with_duplicates(entry.incident),
        purpose=Purpose.NEWS,
        channel=Channel.EMAIL,
        entry__kind__in=RAISED,
        entry__lt=entry.pk,
        recipient__isnull=False,
    )
    told = rows.exclude(reason=Reason.REQUESTER).order_by("pk").values_list("recipient", "reason")
    return {person: Reason(reason) for person, reason in told}


def with_duplicates(incident: Incident) -> list[int]:
    """The incident, those merged into it, and those merged into them: what was said of them is said of it."""
    return [incident.pk, *_duplicates([incident.pk])]


def _duplicates(of: list[int]) -> Iterator[int]:
    while of:
        of = list(Incident.objects.filter(duplicate_of__in=of).values_list("pk", flat=True))
        yield from of
