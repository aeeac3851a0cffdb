"""What a number means. No number is shown without one of these beside it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Unit(StrEnum):
    INCIDENTS = "incidents"
    MINUTES = "minutes"
    SHARE = "share"
    CHANGES = "changes"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with a name: what is counted, among which rows, in what unit, and which way is better."""

    name: str
    label: "_StrOrPromise"
    definition: "_StrOrPromise"
    #: Which rows it is taken from, and which of them it has to leave out (the "missing").
    population: "_StrOrPromise"
    unit: Unit
    #: +1: more is better; -1: less is better; 0: neither.
    better: int = 0
