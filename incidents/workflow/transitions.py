"""The table of legal moves. Admin buttons, portal, API and documentation all read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from incidents import policies
from incidents.enums import FINAL_STATES, LIVE_STATES, OPEN_STATES, State, Verb
from incidents.errors import IllegalTransition, NotAllowed

if TYPE_CHECKING:
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
}


def verbs_from(state: str) -> list[Verb]:
    """The verbs the table allows in this state, in the table's order."""
    return [verb for verb, transition in TRANSITIONS.items() if state in transition.sources]


def allowed_verbs(incident: "Incident", actor: "Actor") -> list[Verb]:
    """What this actor may do to the incident now: the table, cut by policy."""
    return [verb for verb in verbs_from(incident.state) if policies.may(actor, verb, incident)]


def check(incident: "Incident", verb: Verb, actor: "Actor") -> None:
    """Raises NotAllowed or IllegalTransition, with a message for the person who asked."""
    if not policies.may(actor, verb, incident):
        raise NotAllowed(
            _("You may not do this: %(verb)s. Ask a team lead or the incident manager.")
            % {"verb": verb.label}
        )
    if incident.state in TRANSITIONS[verb].sources:
        return
    if incident.state in FINAL_STATES:
        message = _(
            "%(number)s is %(state)s; nothing changes it any more. Open a new incident that refers to it."
        )
    else:
        message = _("%(number)s is %(state)s. That does not go with: %(verb)s.")
    raise IllegalTransition(
        message
        % {"number": incident.number, "state": State(incident.state).label.lower(), "verb": verb.label}
    )
