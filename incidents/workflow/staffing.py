"""Who belongs to which team. Membership is sight: the members of a team read its confidential incidents."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import policies
from incidents.errors import NotAllowed
from incidents.models import Team
from incidents.policies import Actor


@transaction.atomic
def set_members(team: Team, people: Collection[User], *, actor: Actor) -> bool:
    """Let exactly these people be its members. Whether that changed anything. Raises NotAllowed."""
    if {person.pk for person in people} == set(team.members.values_list("pk", flat=True)):
        return False
    if refusal := why_not_staff(team, actor):
        raise NotAllowed(refusal)
    team.members.set(people)
    return True


def why_not_staff(team: Team, actor: Actor) -> str:
    """The sentence that refuses to change its members; empty if the actor may."""
    if actor.user is None or policies.may_staff(actor.user, team) or _is_fresh(team):
        return ""
    return _(
        "Members of %(team)s read its confidential incidents. So its members are changed by who is one of "
        "them, or who reads the confidential incidents of all teams."
    ) % {"team": team.name}


def _is_fresh(team: Team) -> bool:
    """Nobody is in it and nothing goes to it, so there is nothing to see."""
    return not (team.members.exists() or team.incidents.exists() or team.services.exists())


def routed_to(row: Any) -> Team | None:
    """Whose work comes by a service, category or location: a category without a team has its parent's."""
    above = getattr(row, "parent", None)
    team: Team | None = row.team or (above.team if above else None)
    return team


def why_not_reroute(before: Team | None, actor: Actor) -> str:
    """The sentence that refuses to send work elsewhere that went to `before`; empty if the actor may."""
    if actor.user is None or before is None or policies.may_staff(actor.user, before):
        return ""
    return _(
        "This work goes to %(team)s, with what is confidential of it. So it is handed to another team by who "
        "is in %(team)s, or who reads the confidential incidents of all teams."
    ) % {"team": before.name}
