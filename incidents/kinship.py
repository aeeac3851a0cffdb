"""Other incidents that an incident or its timeline names: their numbers are for who may see them.

A merge, a parent or a follow-up ties a visible incident to one that may be confidential.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, User

from incidents import policies
from incidents.models import Incident
from incidents.models.incident import parse_number

#: Fields that hold the key of another incident.
FIELDS = ("parent", "duplicate_of", "follows_up")
#: Keys of an entry's data under which the number of another incident stands.
NUMBERED = ("parent", "into", "duplicate", "merged")


def kin_of(incident: Incident) -> set[int]:
    return {pk for name in FIELDS if (pk := getattr(incident, f"{name}_id"))}


def named_in(data: Mapping[str, Any]) -> set[int]:
    """Of the data of an entry."""
    changes = data.get("changes", {})
    keys = {pk for name in FIELDS for pk in changes.get(name, ()) if pk}
    return keys | {pk for name in NUMBERED if (pk := parse_number(str(data.get(name) or "")))}


def hidden_from(user: User | AnonymousUser, named: Collection[int]) -> set[int]:
    """Those of them that this person may not know of. One query, and none where there is nothing to ask."""
    if not named or policies.sees_everything(user):
        return set()
    seen = Incident.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True)
    return set(named) - set(seen)


def without(data: dict[str, Any], hidden: Collection[int]) -> dict[str, Any]:
    """The data of an entry with nothing in the place of what is hidden."""
    if not hidden:
        return data
    told = {name: value for name, value in data.items() if name not in NUMBERED}
    for name in set(NUMBERED) & set(data):
        told[name] = None if parse_number(str(data[name] or "")) in hidden else data[name]
    if "changes" in data:
        told["changes"] = {
            name: [None if pk in hidden else pk for pk in pair] if name in FIELDS else pair
            for name, pair in data["changes"].items()
        }
    return told
