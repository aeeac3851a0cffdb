"""What the portal shows of incidents: public entries and what follows from them, never `data`."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.entry_kinds import ENTRY_KINDS
from incidents.enums import FINAL_STATES, LIVE_STATES, EntryKind, HoldReason, State, Visibility
from incidents.models import Incident, TimelineEntry, Watcher
from incidents.models.incident import in_nobodys_hands

#: Entries on one page of a conversation.
SAID = 50
LONGEST_PAGE = 7
NEEDS_REQUESTER = Q(state=State.RESOLVED) | Q(state=State.ON_HOLD, hold_reason=HoldReason.CALLER)


@dataclass(frozen=True, slots=True)
class Step:
    name: Promise
    at: datetime | None
    tone: str  # done, now or nothing yet


@dataclass(frozen=True, slots=True)
class Said:
    """A public entry as the conversation shows it."""

    entry: TimelineEntry
    event: Promise | str

    @property
    def is_talk(self) -> bool:
        return bool(self.entry.text or self.entry.attachments.all())


def visible_or_404(user: User, number: str) -> Incident:
    """Unknown and a stranger's look the same."""
    related = ("requester", "assignee", "team", "service", "location", "duplicate_of", "follows_up")
    incident = Incident.objects.visible_to(user).with_number(number).select_related(*related).first()
    if incident is None:
        raise Http404
    return incident


def joined(incident: Incident, target: Incident) -> str:
    numbers = {"number": incident.number, "target": target.number}
    return gettext("%(number)s was joined with %(target)s. It goes on here.") % numbers


def lies_with_nobody(incident: Incident) -> bool:
    """Then nothing may be promised."""
    return Incident.objects.filter(in_nobodys_hands(), pk=incident.pk).exists()


def my_incidents(user: User, show: str) -> QuerySet[Incident]:
    """One tab of the home page: those that wait for the reader first, then the newest."""
    rows = tab(user, show)
    waits = Case(When(NEEDS_REQUESTER, then=Value(0)), default=Value(1), output_field=IntegerField())
    return with_last_word(rows.select_related("service")).order_by(waits, "-opened_at", "-pk")


def tab(user: User, show: str) -> QuerySet[Incident]:
    """The rows of one tab: `shared`, `closed`, or else those that still live."""
    rows = Incident.objects.visible_to(user)
    if show == "shared":
        watched = Watcher.objects.current(user).values("incident")
        return rows.filter(pk__in=watched).exclude(requester=user)
    return rows.filter(policies.own(user), state__in=FINAL_STATES if show == "closed" else LIVE_STATES)


def with_last_word(rows: QuerySet[Incident]) -> QuerySet[Incident]:
    """`last_kind`, `last_by` and `last_at` of the last public entry: internal work leaves no trace here."""
    last = TimelineEntry.objects.filter(incident=OuterRef("pk"), visibility=Visibility.PUBLIC).order_by(
        "-seq"
    )
    return rows.annotate(
        last_kind=Subquery(last.values("kind")[:1]),
        last_by=Subquery(last.values("actor__first_name")[:1]),
        last_by_id=Subquery(last.values("actor")[:1]),
        last_at=Subquery(last.values("at")[:1]),
    )


@dataclass(frozen=True, slots=True)
class Conversation:
    """One page of what was said, newest first. Pages are counted in public entries alone."""

    said: list[Said]
    number: int
    has_older: bool

    @property
    def newer(self) -> int:
        return self.number - 1

    @property
    def older(self) -> int:
        return self.number + 1


def conversation(incident: Incident, page: str = "") -> Conversation:
    """Whatever the reader's role: here is what the requester reads. `page` as it stands in the address."""
    number = int(page) if page.isascii() and page.isdigit() and 0 < len(page) < LONGEST_PAGE else 1
    number = max(1, number)
    entries = (
        TimelineEntry.objects.filter(incident=incident, visibility=Visibility.PUBLIC)
        .select_related("actor")
        .prefetch_related("attachments")
        .defer("data")
        .order_by("-seq")
    )
    start = (number - 1) * SAID
    found = list(entries[start : start + SAID + 1])
    said = [Said(entry, ENTRY_KINDS[EntryKind(entry.kind)].portal or "") for entry in found[:SAID]]
    return Conversation(said, number, has_older=len(found) > SAID)


def steps(incident: Incident) -> list[Step]:
    """How far it is, in four steps; three of a withdrawn one."""
    if incident.state == State.CANCELLED:
        return [
            Step(_("Received"), incident.opened_at, "done"),
            Step(_("Withdrawn"), incident.closed_at, "done"),
        ]
    reached = {State.NEW: 0, State.IN_PROGRESS: 1, State.ON_HOLD: 1, State.RESOLVED: 2, State.CLOSED: 4}
    here = reached[State(incident.state)]
    stations = (
        (_("Received"), incident.opened_at),
        (_("Being worked on"), incident.acknowledged_at),
        (_("Solved"), incident.resolved_at),
        (_("Closed"), incident.closed_at),
    )
    return [
        Step(name, at if place <= here else None, "done" if place < here else "now" if place == here else "")
        for place, (name, at) in enumerate(stations)
    ]
