"""Somebody at the desk hears: the assignee, else the team, else who leads it, else who leads everything."""

from collections.abc import Iterable, Iterator

from django.contrib.auth.models import User

from incidents import rights
from incidents.models import Team, TimelineEntry
from notifications.enums import Reason
from notifications.kinds import Desk, news_of
from notifications.routing.access import kept
from notifications.routing.concerned import is_from_outside
from notifications.routing.mailboxes import Mailboxes

Circle = tuple[Reason, set[int]]


def needs_the_desk(entry: TimelineEntry) -> bool:
    """Somebody has to hear of it, whoever is in reach."""
    match news_of(entry.kind).desk:
        case Desk.HANDED_OVER:
            return entry.incident.assignee_id is None or "assignee" in entry.changes
        case Desk.FROM_OUTSIDE:
            return is_from_outside(entry)
        case when:
            return when == Desk.ALWAYS


def circles(entry: TimelineEntry) -> Iterator[Circle]:
    """From the nearest out. The next one is asked for only when nobody in those before it can hear."""
    if not needs_the_desk(entry):
        return
    incident = entry.incident
    if incident.assignee_id is not None:
        yield Reason.ASSIGNEE, {incident.assignee_id}
    if incident.team_id is not None:
        members = Team.objects.filter(pk=incident.team_id, members__is_active=True)
        yield (
            Reason.TEAM,
            kept((Team, incident.team_id), lambda: set(members.values_list("members", flat=True))),
        )
        leads = User.objects.with_perm(rights.OVERRIDE).filter(teams=incident.team_id)
        yield Reason.LEAD, set(leads.values_list("pk", flat=True))
    yield Reason.LEAD, set(User.objects.with_perm(rights.LEAD_MAJOR).values_list("pk", flat=True))


def in_reach(around: Iterable[Circle], entry: TimelineEntry, boxes: Mailboxes) -> list[Circle]:
    """The circles up to the first in which somebody is reached, or did it and knows."""
    found = []
    for reason, people in around:
        boxes.ask(people)
        found.append((reason, people))
        if entry.actor_id in people or any(boxes.reaches(person, reason) for person in people):
            break
    return found
