"""Entry to recipients. Reads, and sends nothing.

Whoever caused a change is not told of it. One person is told once, for the most specific reason.
What is internal goes to the desk alone.
"""

from dataclasses import dataclass

from django.db.models import Q

from incidents import policies
from incidents.enums import EntryKind
from incidents.models import Incident, Team, TimelineEntry, Watcher
from notifications.enums import Channel, Reason
from notifications.models import Endpoint, OptOut, Subscription
from notifications.routing.access import Reader, readers

#: New work, or a word from the requester: for the assignee, or the whole team while there is none.
FOR_THE_DESK = frozenset(
    {
        EntryKind.OPENED,
        EntryKind.REOPENED,
        EntryKind.MAJOR_DECLARED,
        EntryKind.SLA_WARNED,
        EntryKind.SLA_BREACHED,
        EntryKind.WORSENED,
        EntryKind.STILL_FIRING,
    }
)
#: For the desk when the requester's side did it.
FOR_THE_DESK_FROM_OUTSIDE = frozenset({EntryKind.COMMENTED, EntryKind.NOTED, EntryKind.CANCELLED})
#: For those who follow the service rather than the incident.
FOR_SUBSCRIBERS = frozenset(
    {EntryKind.OPENED, EntryKind.MAJOR_DECLARED, EntryKind.MITIGATED, EntryKind.RESOLVED}
)


@dataclass(frozen=True, slots=True)
class Recipient:
    target: str
    channel: Channel
    reason: Reason
    user_id: int | None = None
    endpoint_id: int | None = None


def recipients(entry: TimelineEntry) -> list[Recipient]:
    """Everybody who is due to hear of this entry. The number of queries does not depend on how many."""
    incident = entry.incident
    watching = _watchers(entry)
    wanted = _wanted(entry, watching)
    wanted.pop(entry.actor_id, None)
    endpoints = _endpoints(entry)
    people = {pk for pk in (*wanted, *(endpoint.owner_id for endpoint in endpoints)) if pk is not None}
    if not people:
        return []
    allowed = {
        pk: reader
        for pk, reader in readers(incident, people, watching).items()
        if entry.is_public or reader.sees_internal
    }
    told = _by_mail(incident, wanted, allowed)
    told += [_to(endpoint) for endpoint in endpoints if endpoint.owner_id in allowed]
    return told


def _wanted(entry: TimelineEntry, watching: set[int]) -> dict[int | None, Reason]:
    """Person to reason; set from the least specific to the most, so that the last one stays."""
    incident = entry.incident
    wanted: dict[int | None, Reason] = {}
    if entry.is_public and entry.kind in FOR_SUBSCRIBERS:
        following = Subscription.objects.in_force(entry.at).about(incident.service_id)
        wanted |= dict.fromkeys(following.values_list("user_id", flat=True), Reason.SUBSCRIBER)
    desk = _desk(entry)
    wanted |= {pk: reason for pk, reason in desk.items() if reason == Reason.TEAM}
    if entry.is_public:
        wanted |= dict.fromkeys(watching, Reason.WATCHER)
    wanted |= {pk: reason for pk, reason in desk.items() if reason == Reason.ASSIGNEE}
    if entry.is_public:
        wanted[incident.requester_id] = Reason.REQUESTER
    wanted.pop(None, None)
    return wanted


def _desk(entry: TimelineEntry) -> dict[int | None, Reason]:
    incident = entry.incident
    if entry.kind == EntryKind.ASSIGNED:
        moved_to_person = "assignee" in entry.changes and incident.assignee_id is not None
        if moved_to_person:
            return {incident.assignee_id: Reason.ASSIGNEE}
        return _team(incident) if "team" in entry.changes and incident.assignee_id is None else {}
    if entry.kind in FOR_THE_DESK or (entry.kind in FOR_THE_DESK_FROM_OUTSIDE and _is_from_outside(entry)):
        return {incident.assignee_id: Reason.ASSIGNEE} if incident.assignee_id else _team(incident)
    return {}


def _is_from_outside(entry: TimelineEntry) -> bool:
    """By the requester, also one who works at the desk, or by somebody else from outside it."""
    if entry.data.get("from_outside"):
        return True
    if entry.actor is None:
        return False
    return entry.actor_id == entry.incident.requester_id or not policies.sees_internal(entry.actor)


def _team(incident: Incident) -> dict[int | None, Reason]:
    if incident.team_id is None:
        return {}
    members = Team.objects.filter(pk=incident.team_id, members__is_active=True).values_list(
        "members", flat=True
    )
    return dict.fromkeys(members, Reason.TEAM)


def _watchers(entry: TimelineEntry) -> set[int]:
    """Those watching at the time of the entry."""
    then = Watcher.objects.filter(Q(removed_at=None) | Q(removed_at__gt=entry.at), incident=entry.incident_id)
    return set(then.filter(added_at__lte=entry.at).values_list("user_id", flat=True))


def _by_mail(
    incident: Incident, wanted: dict[int | None, Reason], allowed: dict[int, Reader]
) -> list[Recipient]:
    out = _opted_out(incident, allowed)
    return [
        Recipient(f"user:{pk}", Channel.EMAIL, reason, user_id=pk)
        for pk, reason in wanted.items()
        if pk is not None and pk in allowed and allowed[pk].user.email and not {(pk, ""), (pk, reason)} & out
    ]


def _opted_out(incident: Incident, allowed: dict[int, Reader]) -> set[tuple[int, str]]:
    rows = OptOut.objects.filter(Q(incident=None) | Q(incident=incident), user__in=allowed.keys())
    return set(rows.values_list("user_id", "reason"))


def _endpoints(entry: TimelineEntry) -> list[Endpoint]:
    """Programs choose by kind. Without a choice they hear of what is public."""
    return [
        endpoint
        for endpoint in Endpoint.objects.filter(disabled_at=None, owner__is_active=True)
        if (entry.kind in endpoint.kinds if endpoint.kinds else entry.is_public)
    ]


def _to(endpoint: Endpoint) -> Recipient:
    return Recipient(f"endpoint:{endpoint.pk}", Channel.WEBHOOK, Reason.ENDPOINT, endpoint_id=endpoint.pk)
