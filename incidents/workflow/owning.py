"""Whose work it is when nobody said so."""

from collections.abc import Iterator
from typing import Protocol

from incidents.models import Category, Desk, Incident, Location, Service, Team


class Placed(Protocol):
    """What of a report or an incident decides about its team."""

    @property
    def service(self) -> Service | None: ...
    @property
    def category(self) -> Category | None: ...
    @property
    def location(self) -> Location | None: ...


def team_for(placed: Placed, *, named: Team | None = None) -> Team | None:
    """The team named, else the service's, the category's, its parent's, the location's, the desk's own.

    One that is switched off is passed over. None: the desk has no team for it.
    """
    return next((team for team in _asked_for(placed, named) if team is not None and team.is_active), None)


def _asked_for(placed: Placed, named: Team | None) -> Iterator[Team | None]:
    """In their order, each read only when those before it gave nothing."""
    yield named
    if placed.service:
        yield placed.service.team
    if placed.category:
        yield placed.category.team
        if placed.category.parent:
            yield placed.category.parent.team
    if placed.location:
        yield placed.location.team
    yield Desk.current().default_team


def lies_with_nobody(incident: Incident) -> bool:
    """No person has it, and no team that works."""
    return incident.assignee_id is None and (incident.team is None or not incident.team.is_active)
