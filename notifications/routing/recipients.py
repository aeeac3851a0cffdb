"""Entry to recipients. Reads, and sends nothing.

Whoever caused a change is not told of it; only a report is receipted. One person is told once, for the
most specific reason that they did not opt out of. What is internal goes to the desk alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from incidents.enums import EntryKind
from incidents.models import TimelineEntry
from notifications.enums import Channel, Purpose, Reason
from notifications.kinds import news_of
from notifications.models import Endpoint
from notifications.routing import desk, family, service_news
from notifications.routing.access import kept
from notifications.routing.concerned import (
    is_from_outside,
    is_recovery,
    resolver,
    told_of_the_start,
    told_of_themselves,
    watchers,
)
from notifications.routing.mailboxes import Mailboxes


@dataclass(frozen=True, slots=True)
class Recipient:
    target: str
    channel: Channel
    reason: Reason
    user_id: int | None = None
    endpoint_id: int | None = None
    purpose: Purpose = Purpose.NEWS
    #: The child's, for those who are told of its parent.
    incident_id: int | None = None


def recipients(entry: TimelineEntry) -> list[Recipient]:
    """Everybody who is due to hear of this entry. The number of queries does not depend on how many."""
    watching = watchers(entry)
    boxes = Mailboxes(entry, watching)
    following = service_news.followers(entry)
    endpoints = _endpoints(entry)
    is_public_news = bool(following) and service_news.is_public_news(entry)
    circles = [*_concerned(entry, watching)]
    if is_public_news or news_of(entry.kind).followers:
        circles.append((Reason.SUBSCRIBER, following))
    hands = desk.circles(entry)
    nearest = list(islice(hands, 1))
    known = {pk for _reason, people in (*circles, *nearest) for pk in people}
    boxes.ask(known | following | {each.owner_id for each in endpoints})
    circles += desk.in_reach(chain(nearest, hands), entry, boxes)
    told = _by_mail(entry, circles, boxes)
    if is_public_news:
        told += _public_news(entry, {pk for pk in following if not boxes.sees_incident(pk)})
    told += _of_the_parent(entry, {each.user_id for each in told})
    return told + [_to(endpoint) for endpoint in endpoints if boxes.may_read(endpoint.owner_id)]


def may_concern(entry: TimelineEntry) -> bool:
    """False for most internal entries: nobody is told of them. Asks nothing."""
    return (
        entry.is_public or is_recovery(entry) or bool(told_of_themselves(entry)) or desk.needs_the_desk(entry)
    )


def _concerned(entry: TimelineEntry, watching: set[int]) -> Iterator[desk.Circle]:
    """Who hears beside the followers of the service and the desk in reach."""
    incident = entry.incident
    if entry.is_public:
        yield Reason.WATCHER, watching
        yield Reason.REQUESTER, _only(incident.requester_id)
    yield Reason.WATCHER, set(told_of_themselves(entry))
    if entry.kind in {EntryKind.CLOSED, EntryKind.REOPENED} and is_from_outside(entry):
        yield Reason.RESOLVER, _only(resolver(entry))
        yield Reason.ASSIGNEE, _only(incident.assignee_id)
    if is_recovery(entry):
        for person, reason in told_of_the_start(entry).items():
            yield reason, {person}
        yield Reason.ASSIGNEE, _only(incident.assignee_id)


def _only(person: int | None) -> set[int]:
    return set() if person is None else {person}


def _by_mail(entry: TimelineEntry, circles: list[desk.Circle], boxes: Mailboxes) -> list[Recipient]:
    closest = list(Reason)
    told: dict[int, Reason] = {}
    for reason, people in sorted(circles, key=lambda circle: closest.index(circle[0])):
        for person in people:
            if person not in told and boxes.gets(person, reason):
                told[person] = reason
    return [
        _mail(person, reason)
        for person, reason in told.items()
        if person != entry.actor_id or (entry.kind == EntryKind.OPENED and reason == Reason.REQUESTER)
    ]


def _public_news(entry: TimelineEntry, strangers: set[int]) -> list[Recipient]:
    people = service_news.willing(entry, strangers)
    return [
        _mail(person, Reason.SUBSCRIBER, purpose=Purpose.SERVICE)
        for person in people
        if person != entry.actor_id
    ]


def _of_the_parent(entry: TimelineEntry, told: set[int | None]) -> list[Recipient]:
    return [
        _mail(person, reason, purpose=Purpose.PARENT, incident_id=child)
        for person, (reason, child) in family.people_of_children(entry).items()
        if person not in told and person != entry.actor_id
    ]


def _mail(
    person: int, reason: Reason, *, purpose: Purpose = Purpose.NEWS, incident_id: int | None = None
) -> Recipient:
    return Recipient(
        f"user:{person}", Channel.EMAIL, reason, user_id=person, purpose=purpose, incident_id=incident_id
    )


def _endpoints(entry: TimelineEntry) -> list[Endpoint]:
    """Programs choose by kind. Without a choice they hear of what is public."""
    in_use = Endpoint.objects.filter(disabled_at=None, owner__is_active=True)
    return [
        endpoint
        for endpoint in kept(Endpoint, lambda: list(in_use))
        if (entry.kind in endpoint.kinds if endpoint.kinds else entry.is_public)
    ]


def _to(endpoint: Endpoint) -> Recipient:
    return Recipient(f"endpoint:{endpoint.pk}", Channel.WEBHOOK, Reason.ENDPOINT, endpoint_id=endpoint.pk)
