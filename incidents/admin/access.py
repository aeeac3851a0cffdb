"""How a page of the desk reaches an incident: the person, and the rows visible to them."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from incidents import policies
from incidents.enums import Via
from incidents.models import Incident
from incidents.policies import Actor

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
