"""What the incident page shows around the timeline: clocks, buttons, people, analysis, relatives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from incidents import policies, workflow
from incidents.admin.access import user_of
from incidents.admin.entries import Line, lines_of
from incidents.admin.queue import VIEWS, neighbours
from incidents.entry_kinds import Tab, kinds_where
from incidents.enums import ActionOutcome, Channel, State, Verb
from incidents.models import (
    Action,
    Alert,
    Clock,
    Hypothesis,
    Incident,
    Profile,
    Review,
    Service,
    TimelineEntry,
    Watcher,
    services_at_risk,
)
from incidents.policies import Actor
from incidents.verbs import VERBS, Page, address_of
from itsm.ui.pages import StrOrPromise

PAGE = 50
EARLIER = 6
AT_RISK = 8
ALERTS = 10
RELATIVES = 30

TALK = kinds_where(lambda kind: kind.tab == Tab.TALK)
FINDINGS = kinds_where(lambda kind: kind.tab == Tab.FINDINGS)
SHOWS: dict[str, tuple[StrOrPromise, Q]] = {
    "all": (_("All"), Q()),
    Tab.TALK: (_("Conversation"), Q(kind__in=TALK) | (Q(visibility="public") & ~Q(text=""))),
    Tab.CHANGES: (_("Changes"), ~Q(kind__in=(*TALK, *FINDINGS))),
    Tab.FINDINGS: (_("Findings"), Q(kind__in=FINDINGS)),
}


@dataclass(frozen=True, slots=True)
class Button:
    slug: str
    label: StrOrPromise
    url: str
    key: str = ""
    primary: bool = False


@dataclass(slots=True)
class Stream:
    """One page of the timeline, its tabs, and where the next page begins."""

    lines: list[Line]
    tabs: list[tuple[str, StrOrPromise, int]]
    show: str
    oldest_first: bool
    more: int | None
    is_continued: bool


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


def buttons(incident: Incident, actor: Actor) -> tuple[list[Button], list[Button]]:
    """What this person may do now: in front, and behind "More". Empty for who only reads."""
    if actor.user is None or not policies.is_agent(actor.user):
        return [], []
    allowed = set(workflow.allowed_verbs(incident, actor))
    if Verb.CLOSE in allowed and workflow.close_refusal(incident, actor):
        allowed.discard(Verb.CLOSE)
    front = sorted(
        (verb for verb in allowed if incident.state in VERBS[verb].in_front),
        key=lambda verb: VERBS[verb].in_front[State(incident.state)],
    )
    rest = [
        verb
        for verb, each in VERBS.items()
        if each.page == Page.MENU and verb in allowed and verb not in front
    ]
    return (
        [_button(incident, verb, primary=place == 0) for place, verb in enumerate(front)],
        [_button(incident, verb) for verb in rest],
    )


def _button(incident: Incident, verb: Verb, *, primary: bool = False) -> Button:
    slug = address_of(verb)
    return Button(slug, verb.label, page_of(incident, slug), VERBS[verb].key, primary)


def page_of(incident: Incident, slug: str) -> str:
    return reverse(f"admin:incidents_incident_{slug.replace('-', '_')}", args=[incident.pk])


def stream(incident: Incident, request: HttpRequest) -> Stream:
    """By `seq`, which is unique in an incident: the page after 5,000 entries costs what the first does."""
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    oldest_first = request.GET.get("order") == "old"
    start = request.GET.get("from", "")
    rows = incident.entries.filter(SHOWS[show][1])
    if start.isascii() and start.isdigit() and len(start) < 10:
        rows = rows.filter(**{"seq__gt" if oldest_first else "seq__lt": int(start)})
    page: list[TimelineEntry] = list(
        rows.select_related("actor").order_by("seq" if oldest_first else "-seq")[: PAGE + 1]
    )
    tally = incident.entries.aggregate(**{name: Count("pk", filter=q) for name, (_label, q) in SHOWS.items()})
    return Stream(
        lines=lines_of(incident, page[:PAGE], user_of(request)),
        tabs=[(name, label, tally[name]) for name, (label, _q) in SHOWS.items()],
        show=show,
        oldest_first=oldest_first,
        more=page[PAGE - 1].seq if len(page) > PAGE else None,
        is_continued=bool(start),
    )


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


def stepper(incident: Incident, request: HttpRequest, user: User, *, at: datetime) -> dict[str, Any] | None:
    """The place in the tab one came from, with the neighbours for the keys j and k."""
    view = request.GET.get("view", "")
    if not view and incident.assignee_id == user.pk and incident.is_open:
        view = "mine"
    found = neighbours(user, view, incident.pk, at=at) if view else None
    if found is None:
        return None
    place, length, before, after = found
    return {
        "view": view,
        "label": VIEWS[view].label,
        "place": place,
        "length": length,
        "before": before,
        "after": after,
    }


#: What a review retells, minute by minute.
STEPS = kinds_where(lambda kind: kind.in_review)


def sections_of(review: Review) -> list[tuple[StrOrPromise, str]]:
    written = (
        (_("Summary"), review.summary),
        (_("Impact"), review.impact),
        (_("Root cause"), review.root_cause),
        (_("What made it worse"), review.contributing_factors),
        (_("What went well"), review.went_well),
        (_("What did not"), review.went_badly),
    )
    return [(title, text) for title, text in written if text.strip()]


def facts_of(incident: Incident) -> list[tuple[StrOrPromise, datetime | None, float | None]]:
    """Moments and the spans between two of them; what has no start or no end is left out."""
    began = incident.started_at or incident.detected_at or incident.opened_at
    rows: list[tuple[StrOrPromise, datetime | None, float | None]] = [
        (_("Started"), incident.started_at, None),
        (_("Detected"), incident.detected_at, None),
        (_("Opened"), incident.opened_at, None),
        (_("Acknowledged"), incident.acknowledged_at, None),
        (_("Service was back"), incident.mitigated_at, None),
        (_("Resolved"), incident.resolved_at, None),
        (_("Started until detected"), None, span(incident.started_at, incident.detected_at)),
        (_("Opened until acknowledged"), None, span(incident.opened_at, incident.acknowledged_at)),
        (_("Began until service was back"), None, span(began, incident.mitigated_at)),
        (_("Opened until resolved"), None, span(incident.opened_at, incident.resolved_at)),
    ]
    return [row for row in rows if row[1] is not None or row[2] is not None]


def span(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
