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

if TYPE_CHECKING:
    from incidents.models.monitoring import AlertQuerySet

log = structlog.get_logger(__name__)

BATCH = 200
#: An alert whose turn failed waits so long, so that others come.
PAUSE = timedelta(minutes=15)


def open_outlasting(at: datetime) -> int:
    """Open what fires without an incident and is in no window (any more); how many."""
    windows = MaintenanceWindow.objects.filter(
        service=OuterRef("service"), service__is_active=True, starts_at__lte=at, ends_at__gt=at
    )
    rows = Alert.objects.firing().due(at).filter(~Exists(windows), incident=None)
    return _each(rows, at, lambda alert: settle(alert, at).incident_id is not None)


def tell_of_lasting(at: datetime) -> int:
    """Tell the desk of what still fires a while after its incident was over; how many."""
    before = at - timedelta(minutes=Desk.current().still_firing_after_minutes)
    resolved = Q(incident__state=State.RESOLVED, incident__resolved_at__lte=before)
    final = Q(incident__state__in=FINAL_STATES, incident__closed_at__lte=before)
    untold = Q(still_firing_told_at=None) | (
        Q(incident__state=State.RESOLVED, still_firing_told_at__lt=F("incident__resolved_at"))
        | Q(incident__state__in=FINAL_STATES, still_firing_told_at__lt=F("incident__closed_at"))
    )
    rows = Alert.objects.firing().due(at).filter(resolved | final, untold)
    return _each(rows, at, lambda alert: _tell(alert, at))


def _tell(alert: Alert, at: datetime) -> bool:
    if alert.incident is None:
        return False
    incident = at_home(alert, alert.incident, at)
    return not incident.is_open and tell_still_firing(alert, incident, at)


def _each(rows: "AlertQuerySet", at: datetime, act: Callable[[Alert], bool]) -> int:
    """Each in its own transaction. One that fails is put off and named, and the others come."""
    done = 0
    for alert in rows.select_related("incident", "service__team", "source__team").order_by("pk")[:BATCH]:
        try:
            with transaction.atomic():
                done += act(alert)
        except (StaleIncident, Overtaken):
            log.info("alert_looked_at_again", alert=alert.pk)
        except Exception:  # whatever it is, the next alert is looked at
            log.exception("alert_put_off", alert=alert.pk)
            Alert.objects.filter(pk=alert.pk).update(look_again_at=at + PAUSE)
    return done
