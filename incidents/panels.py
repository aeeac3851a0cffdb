"""What other rooms add to the pages of an incident. The pages name the place and know nothing of who comes.

A room registers its panels when the program starts; without it the page is the same but for them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.contrib.auth.models import User

from incidents.models import Incident
from itsm.ui.texts import StrOrPromise


class Place(StrEnum):
    #: The last of the panels beside an incident at the desk.
    DESK = "desk"
    #: Under "What happens next", where the requester reads about their own report.
    PORTAL_NEXT = "portal_next"


#: What the template is given, of the incident and of the person who reads.
Facts = Callable[[Incident, User], dict[str, object]]


@dataclass(frozen=True, slots=True)
class Panel:
    template: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class PortalLink:
    """In the head of every portal page. `address` is the name of a page that everybody may see."""

    label: StrOrPromise
    address: str


_panels: dict[Place, list[Panel]] = {place: [] for place in Place}
_links: list[PortalLink] = []


def register(place: Place, template: str, facts: Facts) -> None:
    """Twice the same is once."""
    panel = Panel(template, facts)
    if panel not in _panels[place]:
        _panels[place].append(panel)


def panels_at(place: Place) -> Iterator[Panel]:
    yield from _panels[place]


def register_link(label: StrOrPromise, address: str) -> None:
    if all(link.address != address for link in _links):
        _links.append(PortalLink(label, address))


def portal_links() -> Iterator[PortalLink]:
    yield from _links
