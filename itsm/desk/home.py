"""What an agent sees first: what is theirs, what is nobody's, what runs out, and what went wrong.

A fixed number of queries; each list is cut in the database.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Case, Count, Exists, OuterRef, QuerySet, When, prefetch_related_objects
from django.db.models.functions import TruncDate
from django.utils import timezone

from incidents import bounded, policies, rights
from incidents.bounded import FEW, MOST, Bounded
from incidents.models import Clock, Incident, LedgerCheck, SetAside, Team, TimelineEntry
from incidents.models.incident import IncidentQuerySet, open_in_nobodys_hands
from incidents.models.sla import late, late_or_soon, next_clock, soon
from itsm import ticks
from itsm.desk.first_steps import Step, shown_on_home
from notifications.models import Delivery

ROWS = 5
TEAMS = 8
NEWS = 7
TREND = 14  # days


@dataclass(frozen=True, slots=True)
class Row:
    """An incident with the clock that matters most, as a list shows them."""

    incident: Incident
    clock: Clock | None


@dataclass(frozen=True, slots=True)
class TeamLoad:
    team: Team
    open: int
    soon: int
    late: int


@dataclass(frozen=True, slots=True)
class Day:
    """Opened and resolved per day, the last is today."""

    opened: list[int]
    resolved: list[int]


@dataclass(slots=True)
class Home:
    mine: list[Row] = field(default_factory=list)
    unassigned: list[Row] = field(default_factory=list)
    due: list[Row] = field(default_factory=list)
    majors: list[Row] = field(default_factory=list)
    teams: list[TeamLoad] = field(default_factory=list)
    news: list[TimelineEntry] = field(default_factory=list)
    trouble: list[Delivery] = field(default_factory=list)
    unheard: int = 0
    set_aside: list[SetAside] = field(default_factory=list)
    ledger: LedgerCheck | None = None
    faults: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    days: Day | None = None
    sees_deliveries: bool = False
    first_steps: list[Step] = field(default_factory=list)
    most: int = MOST
    few: int = FEW


def home(user: User | AnonymousUser, *, at: datetime) -> Home:
    page = Home()
    if not isinstance(user, User):
        return page
    if policies.sees_internal(user):
        add_work(page, user, at)
    if user.has_perm("notifications.view_delivery"):
        page.sees_deliveries = True
        page.unheard = Delivery.objects.visible_to(user).unheard()[:MOST].count()
        page.trouble = list(
            Delivery.objects.visible_to(user).in_trouble().for_list().order_by("-due_at", "-pk")[:ROWS]
        )
    page.first_steps = shown_on_home(user, today=timezone.localdate(at))
    if user.has_perm("incidents.view_setaside"):
        page.set_aside = list(SetAside.objects.visible_to(user).order_by("since", "pk")[:ROWS])
        page.faults = list(ticks.faults(at))
    if user.has_perm("incidents.view_ledgercheck"):
        page.ledger = LedgerCheck.objects.visible_to(user).filter(breaches__gt=0).first()
    return page


def add_work(page: Home, user: User, at: datetime) -> None:
    seen = Incident.objects.visible_to(user)
    work = seen.open()
    by_priority = work.for_list().order_by("priority", "pk")
    mine = list(by_priority.filter(assignee=user)[:ROWS])
    unassigned = list(by_priority.filter(assignee=None)[:ROWS])
    majors = list(by_priority.filter(is_major=True)[:ROWS])
    prefetch_related_objects([*mine, *unassigned, *majors], "clocks")
    page.mine, page.unassigned, page.majors = rows_of(mine), rows_of(unassigned), rows_of(majors)
    page.due = first_due(work, at)
    page.counts = count_work(work, user, at)
    page.teams = team_loads(work, at)
    page.days = per_day(seen, at)
    page.news = list(
        TimelineEntry.objects.filter(Exists(seen.filter(pk=OuterRef("incident"))))
        .select_related("incident", "actor")
        .order_by("-pk")[:NEWS]
    )


def first_due(work: IncidentQuerySet, at: datetime) -> list[Row]:
    """Time runs out within the hour or ran out within a day; those that can still be met first."""
    window = work.filter(late_or_soon(at), next_due_at__gt=at - timedelta(days=1))
    late_last = Case(When(late(at), then=1), default=0)
    found = list(window.for_list().order_by(late_last, "next_due_at", "pk")[:ROWS])
    prefetch_related_objects(found, "clocks")
    return rows_of(found)


def rows_of(incidents: list[Incident]) -> list[Row]:
    return [Row(incident, next_clock(incident.clocks.all())) for incident in incidents]


def count_work(work: QuerySet[Incident], user: User, at: datetime) -> dict[str, int]:
    """What the tiles say, each to MOST and no further."""
    asked = {
        "open": work,
        "mine": work.filter(assignee=user),
        "unassigned": work.filter(assignee=None),
        "soon": work.filter(soon(at)),
        "late": work.filter(late(at)),
    }
    if user.has_perm(rights.OVERRIDE):
        asked["nobodys"] = work.filter(pk__in=open_in_nobodys_hands())
    return bounded.counts(asked, most=MOST)


def team_loads(work: QuerySet[Incident], at: datetime) -> list[TeamLoad]:
    """The teams with the most open work, each counted to FEW and no further."""

    def of_team(rows: QuerySet[Incident]) -> Bounded:
        return Bounded(rows.filter(team=OuterRef("pk")).order_by().values("pk")[: FEW + 1])

    loads = Team.objects.annotate(
        open=of_team(work), soon=of_team(work.filter(soon(at))), late=of_team(work.filter(late(at)))
    )
    busiest: list[Any] = list(loads.filter(open__gt=0).order_by("-open", "pk")[:TEAMS])
    return [TeamLoad(team, team.open, team.soon, team.late) for team in busiest]


def per_day(seen: QuerySet[Incident], at: datetime) -> Day:
    zone = timezone.get_current_timezone()
    today = timezone.localtime(at, zone).date()
    days = [today - timedelta(days=back) for back in reversed(range(TREND))]
    since = datetime.combine(days[0], datetime.min.time(), tzinfo=zone)

    def tally(name: str, rows: QuerySet[Incident]) -> list[int]:
        by_day = rows.annotate(day=TruncDate(name, tzinfo=zone)).values("day").annotate(n=Count("pk"))
        found: dict[date, int] = dict(by_day.order_by("day").values_list("day", "n"))
        return [found.get(day, 0) for day in days]

    # Resolved since then means changed since then: that column has an index.
    resolved = seen.filter(updated_at__gte=since, resolved_at__gte=since)
    return Day(tally("opened_at", seen.filter(opened_at__gte=since)), tally("resolved_at", resolved))
