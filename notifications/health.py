"""Whether news gets out, for the health page and for whoever asks."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings

from incidents.models import Clock, IngestEvent, SetAside, TimelineEntry
from incidents.models.monitoring import EventStatus
from notifications.delivery.worker import SWEEP
from notifications.enums import Status
from notifications.inbound.mailbox import ROLE
from notifications.inbound.place import mailbox
from notifications.models import ChannelPause, Delivery, Heartbeat

#: Sweeps come every 15 seconds.
LATE = timedelta(minutes=2)
#: The mailbox is asked every minute.
MAIL_LATE = timedelta(minutes=10)
#: So many rows set aside are named.
MOST = 20
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PipelineHealth:
    overdue: int
    unannounced: int
    sweep_at: datetime | None
    dead: int
    expired: int
    unscanned: int
    unheard: list[str] = field(default_factory=list)
    set_aside: list[str] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.faults


def pipeline_health(at: datetime) -> PipelineHealth:
    """A few small queries. `faults` says in words what is wrong; `unheard` which messages reached nobody."""
    overdue = Delivery.objects.overdue(at, LATE).count()
    unannounced = TimelineEntry.objects.unannounced().filter(recorded_at__lte=at - LATE).count()
    unscanned = Clock.objects.due_for_notice(at - LATE).count()
    seen = Heartbeat.objects.filter(role=SWEEP).values_list("at", flat=True).first()
    dead = Delivery.objects.unheard().filter(status=Status.DEAD).count()
    expired = Delivery.objects.unheard().filter(status=Status.CANCELLED).count()
    unheard = [
        _named(row) for row in Delivery.objects.unheard().select_related("incident").order_by("pk")[:MOST]
    ]
    pauses = list(ChannelPause.objects.in_force(at).order_by("channel"))
    bad_rows = [f"{row}: {row.error}" for row in SetAside.objects.order_by("since", "pk")[:MOST]]
    faults = []
    if overdue:
        faults.append(f"{overdue} deliveries are overdue")
    if unannounced:
        faults.append(f"{unannounced} timeline entries are not announced")
    if unscanned:
        faults.append(f"{unscanned} clocks reached a threshold that nobody wrote down")
    if unheard:
        faults.append(f"{dead + expired} messages reached nobody: {dead} given up, {expired} expired")
    if seen is None or seen <= at - LATE:
        faults.append("no sweep has come by: is a worker running, and beat?")
    if mailbox_is_silent(at):
        faults.append("the mailbox of INBOUND_MAIL_URL could not be fetched from")
    if given_up := IngestEvent.objects.filter(
        status=EventStatus.GIVEN_UP, received_at__gt=at - ONE_DAY
    ).count():
        faults.append(f"{given_up} bodies of alerts were given up: see the received events")
    faults += [f"set aside: {bad_row}" for bad_row in bad_rows]
    faults += [f"{pause.channel} is paused: {pause.reason}" for pause in pauses if pause.needs_mending]
    paused = [pause.channel for pause in pauses]
    return PipelineHealth(
        overdue, unannounced, seen, dead, expired, unscanned, unheard, bad_rows, paused, faults
    )


def _named(row: Delivery) -> str:
    what = row.incident.number if row.incident else row.key
    return f"delivery {row.pk}, {what}: {row.status_reason}"


def mailbox_is_silent(at: datetime) -> bool:
    """Where one is fetched from at all."""
    if mailbox(settings.INBOUND_MAIL_URL) is None:
        return False
    seen = Heartbeat.objects.filter(role=ROLE).values_list("at", flat=True).first()
    return seen is None or seen <= at - MAIL_LATE
