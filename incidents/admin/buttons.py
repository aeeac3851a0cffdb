"""What a person may do to an incident now, as buttons of its page."""

from dataclasses import dataclass

from django.urls import reverse

from incidents import policies, workflow
from incidents.enums import State, Verb
from incidents.models import (
    Incident,
)
from incidents.policies import Actor
from incidents.verbs import VERBS, Page, address_of
from itsm.ui.texts import StrOrPromise


@dataclass(frozen=True, slots=True)
class Button:
    slug: str
    label: StrOrPromise
    url: str
    key: str = ""
    primary: bool = False


def buttons(incident: Incident, actor: Actor) -> tuple[list[Button], list[Button]]:
    """What this person may do now: in front, and behind "More". Empty for who only reads."""
    if actor.user is None or not policies.is_agent(actor.user):
        return [], []
    allowed = set(workflow.allowed_verbs(incident, actor))
    if Verb.CLOSE in allowed and workflow.close_refusal(incident, actor):
        allowed.discard(Verb.CLOSE)
    front = sorted(
        (verb for verb in allowed if incident.state in VERBS[verb].in_front),
        key=lambda verb: VERBS[verb].in_front[State(incident.state)],
    )
    rest = [
        verb
        for verb, each in VERBS.items()
        if each.page == Page.MENU and verb in allowed and verb not in front
    ]
    return (
        [_button(incident, verb, primary=place == 0) for place, verb in enumerate(front)],
        [_button(incident, verb) for verb in rest],
    )


def _button(incident: Incident, verb: Verb, *, primary: bool = False) -> Button:
    slug = address_of(verb)
    return Button(slug, verb.label, page_of(incident, slug), VERBS[verb].key, primary)


def page_of(incident: Incident, slug: str) -> str:
    return reverse(f"admin:incidents_incident_{slug.replace('-', '_')}", args=[incident.pk])
