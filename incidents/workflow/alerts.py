"""What monitoring says of an incident that is there already."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from incidents.enums import EntryKind
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.workflow import guard


@transaction.atomic
def record_alert(
    incident: Incident, *, actor: Actor, at: datetime, text: str, alert: Mapping[str, Any]
) -> TimelineEntry:
    """Note that an alert joined, or ended. Internal, in any state; repeats are counted on the alert alone."""
    return guard.write(
        incident, kind=EntryKind.ALERTED, actor=actor, at=at, text=text, data={"alert": dict(alert)}
    )
