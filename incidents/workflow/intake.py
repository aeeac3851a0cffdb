"""An incident is logged, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from incidents import limits, policies
from incidents.enums import Channel, Impact, State, Urgency
from incidents.errors import Invalid, NotAllowed
from incidents.lines import one_line
from incidents.models import Category, ConfigurationItem, Incident, Location, Service, Team
from incidents.policies import Actor
from incidents.workflow import attaching, owning, pace, persist
from incidents.workflow.priority import priority_for

if TYPE_CHECKING:
    from django.core.files.base import File

    from incidents.workflow.attaching import StoredFile


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is known when an incident is logged."""

    title: str
    channel: Channel
    description: str = ""
    requester: User | None = None
    impact: int = Impact.MEDIUM
    urgency: int = Urgency.MEDIUM
    service: Service | None = None
    category: Category | None = None
    configuration_item: ConfigurationItem | None = None
    location: Location | None = None
    team: Team | None = None
    started_at: datetime | None = None
    detected_at: datetime | None = None
    is_confidential: bool = False
    follows_up: Incident | None = None


def open_incident(
    report: Report, *, actor: Actor, at: datetime, attachments: Sequence["File[bytes] | StoredFile"] = ()
) -> Incident:
    """Log an incident, with a team if the desk has one for it. Raises Invalid, TooMany.

    Anybody may report but who only reads; a door decides for whom.
    """
    incident = _drawn(report, actor, at)
    with attaching.stored(attachments) as files, transaction.atomic():
        pace.brake_reports(actor, at=at)
        data = {"attachments": [file.facts() for file in files]} if files else {}
        entry = persist.create(incident, actor=actor, text=incident.description, data=data)
        attaching.attach(entry, files)
    return incident


@transaction.atomic
def open_incidents(reports: Sequence[Report], *, actor: Actor, at: datetime) -> list[Incident]:
    """Log many at once, in as many statements as one costs. For machines: nobody's pace is counted."""
    incidents = [_drawn(report, actor, at) for report in reports]
    if incidents:
        persist.create_all([persist.Birth(each, each.description) for each in incidents], actor=actor)
    return incidents


def _drawn(report: Report, actor: Actor, at: datetime) -> Incident:
    """The row as it will be. Raises what `open_incident` says of a report."""
    if actor.user is not None and (refusal := policies.why_only_read(actor.user)):
        raise NotAllowed(refusal)
    title = one_line(report.title)
    if not title:
        raise Invalid({"title": _("Say in one line what is wrong.")})
    if len(title) > limits.LINE:
        message = _("Keep the title to %(limit)d characters and put the rest into the description.")
        raise Invalid({"title": message % {"limit": limits.LINE}})
    if report.started_at and report.started_at > at:
        raise Invalid({"started_at": _("This lies in the future.")})
    return Incident(
        title=title,
        description=report.description.strip(),
        state=State.NEW,
        channel=report.channel,
        requester=report.requester,
        opened_by=actor.user,
        impact=report.impact,
        urgency=report.urgency,
        priority=priority_for(report.impact, report.urgency, at=at),
        service=report.service,
        category=report.category,
        configuration_item=report.configuration_item,
        location=report.location,
        team=owning.team_for(report, named=report.team),
        started_at=report.started_at,
        detected_at=report.detected_at,
        is_confidential=report.is_confidential,
        follows_up=report.follows_up,
        opened_at=at,
        updated_at=at,
    )
