"""Who may do what. Questions about a person only; row access is `Incident.objects.visible_to`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from incidents.enums import Verb, Via

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

WORK = "incidents.work_incident"
SEE_ALL = "incidents.see_all_incidents"
SEE_CONFIDENTIAL = "incidents.see_confidential_incidents"
OVERRIDE = "incidents.override_priority"
LEAD_MAJOR = "incidents.lead_major_incident"

#: What a requester may do to an incident they can see as their own.
REQUESTER_VERBS = frozenset({Verb.COMMENT, Verb.REOPEN, Verb.CLOSE, Verb.CANCEL})
#: Verbs that need more than the right to work incidents.
GUARDED_VERBS = {
    Verb.OVERRIDE_PRIORITY: OVERRIDE,
    Verb.STAND_DOWN: LEAD_MAJOR,
    Verb.PUBLISH_REVIEW: LEAD_MAJOR,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and through which door. `user` None is the system itself."""

    user: "User | None"
    via: Via

    @property
    def is_system(self) -> bool:
        return self.user is None


def is_agent(user: "User | AnonymousUser") -> bool:
    """May work incidents. Django caches the permissions on the user: one or two queries a request."""
    return user.is_active and user.has_perm(WORK)


def sees_internal(user: "User | AnonymousUser") -> bool:
    """May read internal entries of the incidents visible to them."""
    return user.is_active and (user.has_perm(WORK) or user.has_perm(SEE_ALL))


def may(actor: Actor, verb: Verb, incident: Any) -> bool:
    """Whether this actor may try `verb`; whether the state allows it is the transition table's matter.

    `incident` is an `Incident` already reached through `visible_to`.
    """
    if actor.user is None:
        return True
    if not actor.user.is_active:
        return False
    if actor.user.has_perm(WORK):
        return verb not in GUARDED_VERBS or actor.user.has_perm(GUARDED_VERBS[verb])
    own = actor.user.pk in {incident.requester_id, incident.opened_by_id}
    return (own and verb in REQUESTER_VERBS) or (verb in {Verb.COMMENT, Verb.WATCH, Verb.UNWATCH})
