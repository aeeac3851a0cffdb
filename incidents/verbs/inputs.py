"""What a verb is told beside who and when: doors draw and read it, verbs refuse what does not fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents import limits

NOT_OFFERED = _("Choose one of the values offered.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    #: What to write, where it is missing, and where `%(limit)d` stands in it also where it is too long.
    #: Without one it may be left out.
    refusal: Promise | None = None
    #: Characters.
    limit: int = limits.TEXT
    #: It has to be said, and saying nothing takes away what was there.
    may_be_emptied: bool = False
    #: Kept as it was pasted, with its blanks.
    is_verbatim: bool = False
    #: What a page of its own asks, where no form says it better.
    label: Promise | None = None
    help: Promise | None = None

    @property
    def is_required(self) -> bool:
        return self.refusal is not None or self.may_be_emptied

    @property
    def says_limit(self) -> bool:
        return "%(limit)d" in str(self.refusal or "")

    def refused(self) -> str:
        """The refusal, in the language of this moment."""
        return str(self.refusal or "") % {"limit": self.limit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    #: Members of one of our vocabularies.
    among: Sequence[Any]
    refusal: Promise = NOT_OFFERED
    is_required: bool = True
    #: None is a value of its own.
    may_be_none: bool = False
    label: Promise | None = None
    help: Promise | None = None

    @property
    def pairs(self) -> list[tuple[Any, object]]:
        return [(member.value, member.label) for member in self.among]

    def holds(self, value: object) -> bool:
        if value is None:
            return self.may_be_none or not self.is_required
        return any(value == member.value for member in self.among)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    #: It has happened when it is told.
    is_past: bool = False
    label: Promise | None = None
    help: Promise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    label: Promise | None = None
    help: Promise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """From 1."""

    help: Promise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that the door looks up, among those that the person may see."""

    of: Literal["action", "hypothesis", "incident", "item", "person", "problem", "team"]
    is_required: bool = False
    #: None takes away.
    may_be_none: bool = False
    help: Promise | None = None


Input: TypeAlias = Text | Choice | Moment | Flag | Number | Row
