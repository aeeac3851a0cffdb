"""What nobody repeats, and yet is so: alerts that outlast a maintenance window or their incident."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from incidents.enums import FINAL_STATES, State
from incidents.errors import StaleIncident
from incidents.ingest.correlate import at_home, settle
from incidents.ingest.lasting import tell_still_firing
from incidents.ingest.placing import Overtaken
from incidents.models import Alert, Desk, MaintenanceWindow
from incidents.sweeping import Stop, for_each, never

if TYPE_CHECKING:
    from incidents.models.monitoring import AlertQuerySet

log = structlog.get_logger(__name__)


def open_outlasting(at: datetime, *, stop: Stop = never) -> int:
    """Open what fires without an incident and is in no window (any more); how many."""
    windows = MaintenanceWindow.objects.filter(
        service=OuterRef("service"), service__is_active=True, starts_at__lte=at, ends_at__gt=at
    )
    rows = Alert.objects.firing().filter(~Exists(windows), incident=None)
    return _each("open_outlasting", rows, lambda alert: settle(alert, at).incident_id is not None, at, stop)


def tell_of_lasting(at: datetime, *, stop: Stop = never) -> int:
    """Tell the desk of what still fires a while after its incident was over; how many."""
    before = at - timedelta(minutes=Desk.current().still_firing_after_minutes)
    resolved = Q(incident__state=State.RESOLVED, incident__resolved_at__lte=before)
    final = Q(incident__state__in=FINAL_STATES, incident__closed_at__lte=before)
    untold = Q(still_firing_told_at=None) | (
        Q(incident__state=State.RESOLVED, still_firing_told_at__lt=F("incident__resolved_at"))
        | Q(incident__state__in=FINAL_STATES, still_firing_told_at__lt=F("incident__closed_at"))
    )
    rows = Alert.objects.firing().filter(resolved | final, untold)
    return _each("tell_of_lasting", rows, lambda alert: _tell(alert, at), at, stop)


def _tell(alert: Alert, at: datetime) -> bool:
    if alert.incident is None:
        return False
    incident = at_home(alert, alert.incident, at)
    return not incident.is_open and tell_still_firing(alert, incident, at)


def _each(job: str, rows: "AlertQuerySet", act: Callable[[Alert], bool], at: datetime, stop: Stop) -> int:
    """Each in its own transaction; how many came to something."""
    done = 0

    def one(alert: Alert) -> None:
        nonlocal done
        try:
            with transaction.atomic():
                done += act(alert)
        except (StaleIncident, Overtaken):
            log.info("alert_looked_at_again", alert=alert.pk)

    whole = rows.select_related("incident", "service__team", "source__team")
    for_each(f"incidents.{job}", whole, one, at=at, stop=stop)
    return done
