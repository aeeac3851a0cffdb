"""How a page of the desk reaches an incident: the person, the rows visible to them, the version they saw."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from incidents import policies, workflow
from incidents.enums import EntryKind, Via
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor

#: What machines write by themselves contradicts nobody's typing.
NOTICES = (EntryKind.SLA_WARNED, EntryKind.SLA_BREACHED, EntryKind.ALERTED, EntryKind.STILL_FIRING)
#: Everything the incident page says of the incident itself, in one query.
ALONG = (
    "requester__profile__location",
    "opened_by",
    "assignee",
    "team",
    "service",
    "category__parent",
    "configuration_item",
    "location",
    "parent",
    "duplicate_of",
    "follows_up",
    "problem",
    "review",
)


def user_of(request: HttpRequest) -> User:
    """The admin lets no stranger in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def actor_of(request: HttpRequest) -> Actor:
    return Actor(user_of(request), Via.ADMIN)


def incident_or_404(request: HttpRequest, number: str) -> Incident:
    """By primary key or number; what this person may not know of does not exist."""
    if not policies.sees_internal(user_of(request)):
        raise PermissionDenied
    rows = Incident.objects.visible_to(user_of(request)).select_related(*ALONG)
    incident = rows.with_number(str(number)).first()
    if incident is None:
        raise Http404
    return incident


def agent_or_403(request: HttpRequest) -> None:
    if not policies.is_agent(user_of(request)):
        raise PermissionDenied


def news_since(incident: Incident, seen: int) -> list[TimelineEntry]:
    """What people did since somebody saw that version, newest first."""
    if seen >= incident.version:
        return []
    rows = incident.entries.filter(seq__gt=seen).exclude(kind__in=NOTICES)
    return list(rows.select_related("actor").order_by("-seq")[:20])


def expect_seen(incident: Incident, seen: int | None) -> list[TimelineEntry]:
    """Raises StaleIncident when there is news since; what only a clock wrote is none."""
    news = news_since(incident, seen or 0)
    if news:
        workflow.expect(incident, seen or 0)
    return news
