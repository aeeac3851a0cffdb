"""What stands beside the timeline: people, clocks, analysis, relatives, alerts."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.enums import ActionOutcome, Channel
from incidents.models import (
    Action,
    Alert,
    Clock,
    Hypothesis,
    Incident,
    Profile,
    Service,
    Watcher,
    services_at_risk,
)
from itsm.ui.texts import StrOrPromise

EARLIER = 6
AT_RISK = 8
ALERTS = 10
RELATIVES = 30


@dataclass(frozen=True, slots=True)
class MeasuredClock:
    """A clock, and the times it ran."""

    clock: Clock
    spans: list[tuple[datetime, datetime | None]]
    at: datetime

    @classmethod
    def of(cls, clock: Clock, at: datetime) -> "MeasuredClock":
        spans = [
            (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
            for start, end in clock.intervals
        ]
        return cls(clock, spans, at)

    @property
    def target_seconds(self) -> int:
        return 60 * self.clock.target_minutes

    @property
    def elapsed(self) -> float:
        """Until this page was drawn, pauses left out."""
        return sum(((end or self.at) - start).total_seconds() for start, end in self.spans)


@dataclass(slots=True)
class Panels:
    profile: Profile | None
    local_time: datetime | None
    earlier: list[Incident]
    watchers: list[Watcher]
    at_risk: list[Service]
    hypotheses: list[Hypothesis]
    planned: list[Action]
    relatives: list[tuple[StrOrPromise, Incident]]
    sla_clocks: list[MeasuredClock]
    alerts: list[Alert]


def panels(incident: Incident, user: User, *, at: datetime) -> Panels:
    profile = getattr(incident.requester, "profile", None)
    relatives = relatives_of(incident, user)
    return Panels(
        profile=profile,
        local_time=local_time(profile, at),
        earlier=earlier_of(incident.requester, user, but=incident.pk),
        watchers=list(incident.watchers.current().select_related("user").order_by("added_at", "pk")),
        at_risk=list(services_at_risk(incident.service)[:AT_RISK]) if incident.service else [],
        hypotheses=list(incident.hypotheses.order_by("pk")),
        planned=list(incident.actions.filter(outcome=ActionOutcome.PLANNED).order_by("planned_for", "pk")),
        relatives=relatives,
        sla_clocks=[
            MeasuredClock.of(clock, at) for clock in incident.clocks.select_related("calendar").order_by("pk")
        ],
        alerts=alerts_of(incident, relatives),
    )


def local_time(profile: Profile | None, at: datetime) -> datetime | None:
    if profile is None:
        return None
    try:
        return at.astimezone(ZoneInfo(profile.zone_name(settings.TIME_ZONE)))
    except (ZoneInfoNotFoundError, ValueError):
        return None


def earlier_of(requester: User | None, user: User, *, but: int | None = None) -> list[Incident]:
    if requester is None:
        return []
    rows = Incident.objects.visible_to(user).filter(requester=requester).exclude(pk=but or 0)
    return list(rows.newest_first()[:EARLIER])


def relatives_of(incident: Incident, user: User) -> list[tuple[StrOrPromise, Incident]]:
    """Upwards from the row itself, downwards in one query. Those hidden from this person are left out."""
    kin = Q(parent=incident) | Q(duplicate_of=incident) | Q(follows_up=incident)
    above = (incident.parent_id, incident.duplicate_of_id, incident.follows_up_id)
    rows = Incident.objects.visible_to(user).filter(kin | Q(pk__in=[pk for pk in above if pk]))
    found: list[tuple[StrOrPromise, Incident]] = []
    for row in rows.order_by("pk")[:RELATIVES]:
        if row.pk == incident.parent_id:
            found.append((_("parent"), row))
        elif row.pk == incident.duplicate_of_id:
            found.append((_("the one it was merged into"), row))
        elif row.pk == incident.follows_up_id:
            found.append((_("the one it comes back to"), row))
        elif row.parent_id == incident.pk:
            found.append((_("child"), row))
        elif row.duplicate_of_id == incident.pk:
            found.append((_("duplicate"), row))
        else:
            found.append((_("came back as"), row))
    return found


def alerts_of(incident: Incident, relatives: list[tuple[StrOrPromise, Incident]]) -> list[Alert]:
    """Only what monitoring opened has any, and what such a one was merged into."""
    merged = any(row.duplicate_of_id == incident.pk for _kind, row in relatives)
    if incident.channel != Channel.MONITORING and not merged:
        return []
    return list(incident.alerts.select_related("source").order_by("-last_seen_at", "-pk")[:ALERTS])
