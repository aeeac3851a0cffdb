"""Who sees an incident. The rule stands here twice, as a condition on rows and for one known person.

Everybody sees what they asked for, logged or watch. The desk sees besides what is not confidential, and
of that which is, what is with a team of theirs or assigned to them. Who sees all, confidential ones too,
sees all. `tests/notifications/test_access.py` holds the two forms together.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from incidents import policies
from incidents.models.catalogue import Team
from incidents.rights import SEE_ALL, SEE_CONFIDENTIAL, WORK

if TYPE_CHECKING:
    from django.contrib.auth.models import User

    from incidents.models.incident import Incident, Watcher

#: The rights that the rule asks for.
RIGHTS = (WORK, SEE_ALL, SEE_CONFIDENTIAL)


def rows_seen_by(user: "User", watching: "QuerySet[Watcher, object]") -> Q:
    """The incidents that this active person sees. `watching`: the keys of those they watch."""
    if policies.sees_everything(user):
        return Q()
    concern = Q(requester=user) | Q(opened_by=user) | Q(pk__in=watching)
    if not policies.sees_internal(user):
        return concern
    teams = Team.objects.filter(members=user).values("pk")
    return Q(is_confidential=False) | Q(team__in=teams) | Q(assignee=user) | concern


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """An active person as the rule sees them: their `RIGHTS`, and where they stand to one incident."""

    pk: int
    rights: Collection[str]
    watches: bool
    is_in_its_team: bool

    @property
    def sees_internal(self) -> bool:
        return WORK in self.rights or SEE_ALL in self.rights

    def sees(self, incident: "Incident") -> bool:
        if {SEE_ALL, SEE_CONFIDENTIAL} <= set(self.rights):
            return True
        if self.watches or self.pk in (incident.requester_id, incident.opened_by_id):
            return True
        if not self.sees_internal:
            return False
        return not incident.is_confidential or self.is_in_its_team or self.pk == incident.assignee_id
