"""The table of legal moves. Admin buttons, portal, API and documentation all read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import FINAL_STATES, LIVE_STATES, OPEN_STATES, State, Verb
from incidents.errors import IllegalTransition, NotAllowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.models import Incident
    from incidents.policies import Actor


@dataclass(frozen=True, slots=True)
class Transition:
    """From which states a verb may be used, and the state it leads to (None: it stays)."""

    sources: frozenset[State]
    target: State | None = None


_OPEN = frozenset(OPEN_STATES)
_LIVE = frozenset(LIVE_STATES)
_ANY = frozenset(State)

TRANSITIONS: Mapping[Verb, Transition] = {
    Verb.ACKNOWLEDGE: Transition(frozenset({State.NEW}), State.IN_PROGRESS),
    Verb.ASSIGN: Transition(_OPEN),  # a new one with an assignee goes to in_progress
    Verb.RESUME: Transition(frozenset({State.ON_HOLD}), State.IN_PROGRESS),
    Verb.HOLD: Transition(frozenset({State.NEW, State.IN_PROGRESS}), State.ON_HOLD),
    Verb.MITIGATE: Transition(_OPEN),
    Verb.RESOLVE: Transition(_OPEN, State.RESOLVED),
    Verb.REOPEN: Transition(frozenset({State.RESOLVED}), State.IN_PROGRESS),
    Verb.CLOSE: Transition(frozenset({State.RESOLVED}), State.CLOSED),
    Verb.CANCEL: Transition(_OPEN, State.CANCELLED),
    Verb.MERGE: Transition(_OPEN, State.CANCELLED),
    Verb.COMMENT: Transition(_LIVE),
    Verb.NOTE: Transition(_ANY),
    Verb.EDIT: Transition(_LIVE),
    Verb.OVERRIDE_PRIORITY: Transition(_OPEN),
    Verb.ASSESS_SEVERITY: Transition(_LIVE),
    Verb.DECLARE_MAJOR: Transition(_LIVE),
    Verb.STAND_DOWN: Transition(_LIVE),
    Verb.ADD_EVIDENCE: Transition(_ANY),
    Verb.ADD_HYPOTHESIS: Transition(_ANY),
    Verb.WEIGH_HYPOTHESIS: Transition(_ANY),
    Verb.RECORD_ROOT_CAUSE: Transition(_ANY),
    Verb.PLAN_ACTION: Transition(_LIVE),
    Verb.RECORD_ACTION: Transition(_ANY),
    Verb.WATCH: Transition(_LIVE),
    Verb.UNWATCH: Transition(_ANY),
    Verb.LINK_PARENT: Transition(_LIVE),
    Verb.LINK_PROBLEM: Transition(_ANY),
    Verb.PUBLISH_REVIEW: Transition(_ANY),
    Verb.REDACT: Transition(_ANY),
}


def _requesters_late_cancel(incident: "Incident", actor: "Actor") -> str:
    if actor.user is None or policies.is_agent(actor.user) or incident.state == State.NEW:
        return ""
    return _("%(number)s is being worked on already. Write that you do not need it any more.")


#: Where the state is not all: the sentence that refuses a verb (with %(number)s), or nothing.
NOT_NOW: Mapping[Verb, "Callable[[Incident, Actor], str]"] = {
    Verb.MITIGATE: lambda incident, _actor: (
        _("The service of %(number)s is back already. Write what is new as a reply.")
        if incident.mitigated_at
        else ""
    ),
    Verb.DECLARE_MAJOR: lambda incident, _actor: (
        _("%(number)s is a major incident already. Write what is new as a reply.")
        if incident.is_major
        else ""
    ),
    Verb.STAND_DOWN: lambda incident, _actor: (
        "" if incident.is_major else _("%(number)s is no major incident.")
    ),
    Verb.CANCEL: _requesters_late_cancel,
}


def not_now(incident: "Incident", verb: Verb, actor: "Actor") -> str:
    """What speaks against the verb though table and policy allow it; empty if nothing does. No query."""
    asked = NOT_NOW.get(verb)
    refusal = asked(incident, actor) if asked else ""
    return refusal % {"number": incident.number} if refusal else ""


def verbs_from(state: str) -> list[Verb]:
    """The verbs the table allows in this state, in the table's order."""
    return [verb for verb, transition in TRANSITIONS.items() if state in transition.sources]


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
    if incident.state not in TRANSITIONS[verb].sources:
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
