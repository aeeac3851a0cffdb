"""Severity and major incidents."""

from datetime import datetime

from django.db import transaction

from incidents.enums import EntryKind, Impact, Severity, Urgency, Verb, Visibility
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import persist, transitions
from incidents.workflow.accepting import accept
from incidents.workflow.priority import with_priority


@transaction.atomic
def assess_severity(
    incident: Incident, *, actor: Actor, at: datetime, severity: Severity, reason: str = ""
) -> TimelineEntry | None:
    """Say how bad it is, by definition; priority stays what the matrix says."""
    transitions.check(incident, Verb.ASSESS_SEVERITY, actor)
    accept(Verb.ASSESS_SEVERITY, {"severity": severity, "reason": reason}, at=at)
    level = Severity(severity)
    if incident.severity == level:
        return None
    return persist.write(
        incident,
        kind=EntryKind.SEVERITY_ASSESSED,
        actor=actor,
        at=at,
        changes={"severity": level},
        data={"reason": reason} if reason else None,
    )


@transaction.atomic
def declare_major(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    severity: Severity,
    reason: str,
    impact: Impact | None = None,
    urgency: Urgency | None = None,
) -> TimelineEntry:
    """Treat it as a major incident from now on. Stakeholders of the service read the reason.

    Impact and urgency, where they are said, bring their priority along, and the clocks follow it.
    """
    transitions.check(incident, Verb.DECLARE_MAJOR, actor)
    accept(Verb.DECLARE_MAJOR, {"severity": severity, "reason": reason}, at=at)
    level = Severity(severity)
    said = {"impact": impact, "urgency": urgency}
    changes = with_priority(incident, {name: value for name, value in said.items() if value is not None})
    return persist.write(
        incident,
        kind=EntryKind.MAJOR_DECLARED,
        actor=actor,
        at=at,
        changes={"is_major": True, "severity": level, **changes},
        text=reason.strip(),
        visibility=Visibility.PUBLIC,
    )


@transaction.atomic
def stand_down(incident: Incident, *, actor: Actor, at: datetime, reason: str) -> TimelineEntry:
    """It is a major incident no more. Stakeholders read the reason."""
    transitions.check(incident, Verb.STAND_DOWN, actor)
    accept(Verb.STAND_DOWN, {"reason": reason}, at=at)
    return persist.write(
        incident,
        kind=EntryKind.STOOD_DOWN,
        actor=actor,
        at=at,
        changes={"is_major": False},
        text=reason.strip(),
        visibility=Visibility.PUBLIC,
    )
