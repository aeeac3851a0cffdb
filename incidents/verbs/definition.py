"""What there is to know of a verb."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from incidents.enums import EntryKind, State
from incidents.verbs.inputs import Input


class Who(StrEnum):
    """Who may beside the desk."""

    NOBODY_ELSE = "nobody else"
    #: Whose incident it is.
    OWN = "own"
    #: Whose it is, who logged it, who watches it.
    CONCERNED = "concerned"


class Page(StrEnum):
    """Where the desk offers it."""

    NOWHERE = ""
    #: A button or the menu of the incident.
    MENU = "menu"
    #: Beside what it is about: a panel, the composer.
    ASIDE = "aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    #: From which states it may be used, and the state it leads to (None: it stays).
    sources: frozenset[State]
    target: State | None = None
    #: What it leaves in the timeline. None: it says so itself.
    kind: EntryKind | None
    who: Who = Who.NOBODY_ELSE
    #: The right that the desk needs beside that to work incidents.
    needs: str = ""
    #: Ends a major incident without its review: only for who leads majors.
    ends_a_major: bool = False
    #: Where the state is not all: what speaks against it, and the sentence with %(number)s.
    unless: tuple[Callable[[Any], bool], Promise] | None = None
    #: Who is not of the desk may only in these states, else they read the sentence.
    for_requesters: tuple[frozenset[State], Promise] | None = None
    inputs: Mapping[str, Input] = field(default_factory=dict)
    page: Page = Page.MENU
    #: Name of its page at the desk, where it is not that of the verb.
    address: str = ""
    #: Pressed on the page of the incident.
    key: str = ""
    #: States in which it is a button in front, by its place there.
    in_front: Mapping[State, int] = field(default_factory=dict)
    is_bulk: bool = False
    #: For the REST interface: what the name does not say.
    about: str = ""
