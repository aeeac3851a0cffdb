"""Alerts that go on after their incident was resolved or cancelled by hand: the desk hears, once."""

from datetime import datetime, timedelta

from incidents import workflow
from incidents.enums import State
from incidents.ingest.placing import MONITORING, alert_facts
from incidents.models import Alert, Desk, Incident


def tell_still_firing(alert: Alert, incident: Incident, at: datetime) -> bool:
    """Once each time the incident is over, after the desk's while. True when it was told now."""
    over_at = incident.resolved_at if incident.state == State.RESOLVED else incident.closed_at
    told_at = alert.still_firing_told_at
    if over_at is None or (told_at and told_at >= over_at):
        return False
    if at < over_at + timedelta(minutes=Desk.current().still_firing_after_minutes):
        return False
    rows = Alert.objects.firing().filter(pk=alert.pk, still_firing_told_at=told_at)
    if not rows.update(still_firing_told_at=at):
        return False
    text = f"Still fires since {incident.get_state_display().lower()}: {alert.title}"
    workflow.record_still_firing(incident, actor=MONITORING, at=at, text=text, alert=alert_facts(alert))
    return True
