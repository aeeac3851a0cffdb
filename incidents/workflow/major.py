"""Severity and major incidents."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.enums import EntryKind, Impact, Severity, Urgency, Verb, Visibility
from incidents.errors import Invalid
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import guard, transitions
from incidents.workflow.priority import with_priority


def _check_severity(severity: int) -> Severity:
    if severity not in Severity.values:
        raise Invalid({"severity": _("Choose a severity from SEV1 to SEV4.")})
    return Severity(severity)


@transaction.atomic
def assess_severity(
    incident: Incident, *, actor: Actor, at: datetime, severity: Severity, reason: str = ""
) -> TimelineEntry | None:
    """Say how bad it is, by definition; priority stays what the matrix says."""
    transitions.check(incident, Verb.ASSESS_SEVERITY, actor)
    level = _check_severity(severity)
    guard.clean_text("reason", reason)
    if incident.severity == level:
        return None
    return guard.write(
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
    level = _check_severity(severity)
    if not reason.strip():
        raise Invalid({"reason": _("Say in plain words what stands still; stakeholders read it.")})
    said = {"impact": impact, "urgency": urgency}
    changes = with_priority(incident, {name: value for name, value in said.items() if value is not None})
    return guard.write(
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
    if not reason.strip():
        raise Invalid({"reason": _("Say why; stakeholders read it.")})
    return guard.write(
        incident,
        kind=EntryKind.STOOD_DOWN,
        actor=actor,
        at=at,
        changes={"is_major": False},
        text=reason.strip(),
        visibility=Visibility.PUBLIC,
    )
