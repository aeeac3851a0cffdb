"""How it ends: resolved, confirmed, reopened, closed, cancelled."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.enums import EntryKind, ResolutionCode, State, Verb, Visibility
from incidents.errors import IllegalTransition, Refused
from incidents.models import Incident, Review, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import persist, transitions
from incidents.workflow.accepting import accept
from incidents.workflow.declared import check_may_end, was_declared
from incidents.workflow.family import NOBODY, along
from incidents.workflow.handling import acknowledgement


@transaction.atomic
def resolve(
    incident: Incident, *, actor: Actor, at: datetime, code: ResolutionCode, text: str
) -> TimelineEntry:
    """Service is restored, and the requester is told how. Never waits for the root cause.

    The resolve clock stops. Children are resolved with the same words, but for those the actor may not
    see: how many those are is in the entry.
    """
    transitions.check(incident, Verb.RESOLVE, actor)
    accept(Verb.RESOLVE, {"code": code, "text": text}, at=at)
    family = along(incident, Verb.RESOLVE, actor)
    entry = persist.write(
        incident,
        kind=EntryKind.RESOLVED,
        actor=actor,
        at=at,
        changes={
            "state": State.RESOLVED,
            "hold_reason": "",
            "resolution_code": ResolutionCode(code),
            "resolution": text.strip(),
            "resolved_at": at,
            **acknowledgement(incident, actor, at),
        },
        text=text.strip(),
        visibility=Visibility.PUBLIC,
        data=family.told(),
    )
    for child in family.children:
        resolve(child, actor=actor, at=at, code=code, text=text)
    return entry


@transaction.atomic
def reopen(
    incident: Incident, *, actor: Actor, at: datetime, text: str, children: bool = False
) -> TimelineEntry:
    """It is not solved after all. Counted; the resolve clock goes on where it stopped.

    With `children` those that were resolved along with it are reopened with the same words.
    """
    transitions.check(incident, Verb.REOPEN, actor)
    accept(Verb.REOPEN, {"text": text}, at=at)
    family = along(incident, Verb.REOPEN, actor).resolved_at(incident.resolved_at) if children else NOBODY
    entry = persist.write(
        incident,
        kind=EntryKind.REOPENED,
        actor=actor,
        at=at,
        changes=reopening(incident),
        text=text.strip(),
        visibility=Visibility.PUBLIC,
        data=family.told(),
    )
    for child in family.children:
        reopen(child, actor=actor, at=at, text=text)
    return entry


def reopening(incident: Incident) -> dict[str, object]:
    """What changes when it turns out not to be solved."""
    return {
        "state": State.IN_PROGRESS,
        "resolution_code": "",
        "resolution": "",
        "resolved_at": None,
        "mitigated_at": None,  # the service is not back after all
        "reopen_count": incident.reopen_count + 1,
    }


def close_refusal(incident: Incident, actor: Actor) -> str:
    """Why `close` would be refused to this actor now; empty if it would not. Writes nothing.

    What once was declared a major incident needs its published review, stood down or not.
    """
    try:
        transitions.check(incident, Verb.CLOSE, actor)
    except Refused as refusal:
        return refusal.message
    return _unreviewed(incident)


def _unreviewed(incident: Incident) -> str:
    if not was_declared(incident):
        return ""
    if Review.objects.filter(incident=incident, published_at__isnull=False).exists():
        return ""
    return _("%(number)s was declared a major incident: publish its review before you close it.") % {
        "number": incident.number
    }


@transaction.atomic
def close(incident: Incident, *, actor: Actor, at: datetime, note: str = "") -> TimelineEntry:
    """Confirmed, by the requester, an agent or time. A major needs its published review first."""
    transitions.check(incident, Verb.CLOSE, actor)
    if refusal := _unreviewed(incident):
        raise IllegalTransition(refusal)
    return persist.write(
        incident,
        kind=EntryKind.CLOSED,
        actor=actor,
        at=at,
        changes={"state": State.CLOSED, "closed_at": at},
        text=note.strip(),
        visibility=Visibility.PUBLIC,
    )


@transaction.atomic
def cancel(incident: Incident, *, actor: Actor, at: datetime, reason: str) -> TimelineEntry:
    """It was none, or is not wanted any more. The requester reads the reason."""
    transitions.check(incident, Verb.CANCEL, actor)
    check_may_end(incident, Verb.CANCEL, actor)
    accept(Verb.CANCEL, {"reason": reason}, at=at)
    return persist.write(
        incident,
        kind=EntryKind.CANCELLED,
        actor=actor,
        at=at,
        changes={"state": State.CANCELLED, "hold_reason": "", "closed_at": at},
        text=reason.strip(),
        visibility=Visibility.PUBLIC,
    )
