"""What monitoring says of an incident that is there already."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.enums import EntryKind, Impact, Urgency
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import persist
from incidents.workflow.priority import priority_for


@transaction.atomic
def record_alert(
    incident: Incident, *, actor: Actor, at: datetime, text: str, alert: Mapping[str, object]
) -> TimelineEntry:
    """Note that an alert joined, or ended. Internal, in any state; repeats are counted on the alert alone.

    With `over` in `alert`, those who were told of the alert are told that it is over.
    """
    return persist.write(
        incident, kind=EntryKind.ALERTED, actor=actor, at=at, text=text, data={"alert": dict(alert)}
    )


@transaction.atomic
def record_worsening(
    incident: Incident,
    *,
    actor: Actor,
    at: datetime,
    text: str,
    alert: Mapping[str, object],
    impact: Impact,
    urgency: Urgency,
) -> TimelineEntry:
    """Note that an alert is more severe than it was; the desk hears. Internal, in any state.

    While work is owed, impact and urgency rise to the given ones and never fall; priority follows the
    matrix unless it was overridden, and the clocks follow the priority.
    """
    changes: dict[str, Any] = {}
    if incident.is_open:
        changes = {"impact": min(incident.impact, impact), "urgency": min(incident.urgency, urgency)}
        if not incident.priority_overridden and persist.differing(incident, changes):
            opened_at = incident.opened_at
            changes["priority"] = priority_for(changes["impact"], changes["urgency"], at=opened_at)
    return persist.write(
        incident,
        kind=EntryKind.WORSENED,
        actor=actor,
        at=at,
        text=text,
        changes=changes,
        data={"alert": dict(alert)},
    )


@transaction.atomic
def record_still_firing(
    incident: Incident, *, actor: Actor, at: datetime, text: str, alert: Mapping[str, Any]
) -> TimelineEntry:
    """Note that an alert goes on though the incident is over; the desk hears. Internal, in any state."""
    return persist.write(
        incident, kind=EntryKind.STILL_FIRING, actor=actor, at=at, text=text, data={"alert": dict(alert)}
    )
