"""Which verbs may be used now, by the table of verbs, the policies, and what is so already."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import FINAL_STATES, State, Verb
from incidents.errors import IllegalTransition, NotAllowed
from incidents.verbs import VERBS, verbs_from

if TYPE_CHECKING:
    from incidents.models import Incident
    from incidents.policies import Actor


def not_now(incident: "Incident", verb: Verb, actor: "Actor") -> str:
    """What speaks against the verb though table and policy allow it; empty if nothing does. No query."""
    definition = VERBS[verb]
    refusal = None
    if definition.unless and definition.unless[0](incident):
        refusal = definition.unless[1]
    elif definition.for_requesters and actor.user is not None and not policies.is_agent(actor.user):
        states, words = definition.for_requesters
        refusal = None if incident.state in states else words
    return str(refusal) % {"number": incident.number} if refusal else ""


def allowed_verbs(incident: "Incident", actor: "Actor") -> list[Verb]:
    """What this actor may do to the incident now: the table, cut by policy and by what is so already."""
    return [
        verb
        for verb in verbs_from(incident.state)
        if policies.may(actor, verb, incident) and not not_now(incident, verb, actor)
    ]


def check(incident: "Incident", verb: Verb, actor: "Actor") -> None:
    """Raises NotAllowed or IllegalTransition, with a message for the person who asked."""
    if refusal := policies.why_not(actor, verb, incident):
        raise NotAllowed(refusal)
    if incident.state not in VERBS[verb].sources:
        raise IllegalTransition(_wrong_state(incident, verb))
    if refusal := not_now(incident, verb, actor):
        raise IllegalTransition(refusal)


def _wrong_state(incident: "Incident", verb: Verb) -> str:
    if incident.state in FINAL_STATES:
        message = _(
            "%(number)s is %(state)s; nothing changes it any more. Open a new incident that refers to it."
        )
    else:
        message = _("%(number)s is %(state)s. That does not go with: %(verb)s.")
    return message % {
        "number": incident.number,
        "state": State(incident.state).label.lower(),
        "verb": verb.label,
    }
