"""Who may do what. Questions about a person only; row access is `Incident.objects.visible_to`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext as _

from incidents.enums import Verb, Via
from incidents.rights import LEAD_MAJOR, SEE_ALL, SEE_CONFIDENTIAL, WORK
from incidents.verbs import VERBS, Who, verbs_where

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


#: Verbs that end a major incident without its review: only for who leads majors.
ENDS_A_MAJOR = verbs_where(lambda verb: verb.ends_a_major)


class AnIncident(Protocol):
    """What is asked of an incident here."""

    is_major: bool
    requester_id: int | None
    opened_by_id: int | None

    @property
    def number(self) -> str: ...


class ATeam(Protocol):
    @property
    def members(self) -> Any: ...


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


def sees_everything(user: "User | AnonymousUser") -> bool:
    """May read every incident, confidential ones of all teams too."""
    return user.is_active and user.has_perms((SEE_ALL, SEE_CONFIDENTIAL))


def only_reads(user: "User") -> bool:
    """May read what everybody reports and does not work on it: an auditor changes nothing, by any door."""
    return user.has_perm(SEE_ALL) and not user.has_perm(WORK)


def may_staff(user: "User", team: ATeam) -> bool:
    """May decide who is in the team, among those who keep teams at all: nobody grants sight they have not."""
    return sees_everything(user) or team.members.filter(pk=user.pk).exists()


def own(user: "User") -> Q:
    """Incidents of this person: they asked for them, or logged them for nobody else."""
    return Q(requester=user) | Q(requester=None, opened_by=user)


def is_own(user: "User", incident: AnIncident) -> bool:
    """`own` of one incident."""
    if incident.requester_id is None:
        return incident.opened_by_id == user.pk
    return incident.requester_id == user.pk


def may(actor: Actor, verb: Verb, incident: AnIncident) -> bool:
    """Whether this actor may try `verb`; whether the state allows it is the transition table's matter.

    `incident` is an `Incident` already reached through `visible_to`.
    """
    return not why_not(actor, verb, incident)


def why_not(actor: Actor, verb: Verb, incident: AnIncident) -> str:
    """The sentence that refuses `verb` to this actor; empty if they may."""
    user = actor.user
    if user is None:
        return ""
    if not user.is_active:
        return _("This account is switched off.")
    if user.has_perm(WORK):
        return _not_as_agent(user, verb, incident)
    return why_only_read(user) or _not_as_requester(user, verb, incident)


def why_only_read(user: "User") -> str:
    """The sentence that refuses every change to who only reads; empty for everybody else."""
    if not only_reads(user):
        return ""
    return _(
        "This account reads everything and changes nothing. "
        "To report or to answer, use an account of your own or call the service desk."
    )


def _not_as_requester(user: "User", verb: Verb, incident: AnIncident) -> str:
    who = VERBS[verb].who
    if who == Who.CONCERNED or (who == Who.OWN and is_own(user, incident)):
        return ""  # what is visible to them they asked for, logged or watch
    message = (
        _("Only the requester or the service desk may do this: %(verb)s.")
        if who == Who.OWN
        else _("Only the service desk may do this: %(verb)s.")
    )
    return message % {"verb": verb.label}


def _not_as_agent(user: "User", verb: Verb, incident: AnIncident) -> str:
    needs = VERBS[verb].needs
    if needs and not user.has_perm(needs):
        return _("You may not do this: %(verb)s. Ask a team lead or the incident manager.") % {
            "verb": verb.label
        }
    if verb in ENDS_A_MAJOR and incident.is_major and not user.has_perm(LEAD_MAJOR):
        return _("%(number)s is a major incident. Only who leads majors may do this: %(verb)s.") % {
            "number": incident.number,
            "verb": verb.label,
        }
    return ""
