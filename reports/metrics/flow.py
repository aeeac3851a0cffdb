"""How incidents move: from state to state, between teams, and back."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext_lazy as _

from incidents.enums import EntryKind, State
from incidents.models import Incident, TimelineEntry
from reports.metrics.definition import Measure, Unit
from reports.metrics.volume import within
from reports.periods import Period

DONE = (State.RESOLVED, State.CLOSED)
#: The raw state of an imported entry, ours where there is none.
RECORDED = Case(
    When(source_state="", then=F("state_after")), default=F("source_state"), output_field=CharField()
)

STATE_TRANSITIONS = Measure(
    "state_transitions",
    _("Moves between states"),
    _(
        "Pairs of neighbouring timeline entries of one incident by the state after each; "
        "staying put counts too."
    ),
    _("All pairs of neighbouring entries."),
    Unit.CHANGES,
)
STATE_TRANSITIONS_RECORDED = Measure(
    "state_transitions_recorded",
    _("Moves between states, as recorded"),
    _("The same pairs by the raw state of the record they were imported from, where there is one."),
    _("All pairs of neighbouring entries."),
    Unit.CHANGES,
)
REOPENED_BY_TRANSITION = Measure(
    "reopened_by_transition",
    _("Incidents that ever came back"),
    _("Incidents with at least one move from resolved or closed to a state that is neither."),
    _("All incidents with a timeline."),
    Unit.INCIDENTS,
    -1,
)
REASSIGNMENTS = Measure(
    "reassignments",
    _("Moves between teams"),
    _(
        "Incidents by the number of times they went from one team to another; the first assignment "
        "is no move."
    ),
    _("All incidents."),
    Unit.INCIDENTS,
    -1,
)
REOPENED_SHARE = Measure(
    "reopened_share",
    _("Reopened"),
    _(
        "Incidents that went from resolved back to work in the period, of all that were resolved "
        "or came back in it."
    ),
    _("Incidents that were resolved or reopened in the period."),
    Unit.SHARE,
    -1,
)
REASSIGNED_SHARE = Measure(
    "reassigned_share",
    _("Moved between teams"),
    _("Incidents that were in more than one team before they were resolved, of all resolved in the period."),
    _("Incidents whose recorded resolution lies in the period."),
    Unit.SHARE,
    -1,
)


@dataclass(frozen=True, slots=True)
class Share:
    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """None of nothing."""
        return self.part / self.whole if self.whole else None


def state_transitions(entries: QuerySet[TimelineEntry]) -> dict[tuple[str, str], int]:
    """{(state, next state): neighbouring pairs}, in our states."""
    return _pairs(entries, F("state_after"))


def state_transitions_recorded(entries: QuerySet[TimelineEntry]) -> dict[tuple[str, str], int]:
    """The same in the raw states of imported records."""
    return _pairs(entries, RECORDED)


def _pairs(entries: QuerySet[TimelineEntry], label: F | Case) -> dict[tuple[str, str], int]:
    rows = (
        entries.order_by()
        .annotate(before=_before(label), after=label)
        .filter(before__isnull=False)
        .values_list("before", "after")
        .annotate(n=Count("pk"))
    )
    return {(before, after): n for before, after, n in rows}


def _before(label: F | Case) -> Subquery:
    earlier = TimelineEntry.objects.filter(incident=OuterRef("incident"), seq=OuterRef("seq") - 1)
    return Subquery(earlier.annotate(label=label).values("label")[:1])


def reopened_by_transition(entries: QuerySet[TimelineEntry]) -> int:
    """Incidents, not times."""
    back = entries.order_by().exclude(state_after__in=DONE).annotate(before=_before(F("state_after")))
    return back.filter(before__in=DONE).values("incident").distinct().count()


def reassignments(population: QuerySet[Incident]) -> dict[int, int]:
    """{moves between teams: incidents}."""
    rows = population.order_by().values_list("reassignment_count").annotate(n=Count("pk"))
    return dict(rows.order_by("reassignment_count"))


def reopened_in(entries: QuerySet[TimelineEntry], periods: Sequence[Period]) -> list[Share]:
    """The reopened share of each period, in one query."""
    rows = entries.filter(
        kind__in=(EntryKind.RESOLVED, EntryKind.REOPENED),
        at__gte=min(period.start for period in periods),
        at__lt=max(period.end for period in periods),
    )
    counts = {}
    for i, period in enumerate(periods):
        here = within("at", period)
        counts[f"w{i}"] = Count("incident", filter=here, distinct=True)
        counts[f"p{i}"] = Count("incident", filter=here & Q(kind=EntryKind.REOPENED), distinct=True)
    found = rows.aggregate(**counts)
    return [Share(found[f"p{i}"], found[f"w{i}"]) for i in range(len(periods))]


def reassigned_in(population: QuerySet[Incident], periods: Sequence[Period]) -> list[Share]:
    """The share moved between teams of each period's resolved incidents, in one query."""
    first = min(period.start for period in periods)
    rows = population.filter(
        Q(closed_at=None) | Q(closed_at__gte=first), resolved_at__gte=first, state__in=DONE
    )
    counts = {}
    for i, period in enumerate(periods):
        here = within("resolved_at", period)
        counts[f"w{i}"] = Count("pk", filter=here)
        counts[f"p{i}"] = Count("pk", filter=here & Q(reassignment_count__gt=0))
    found = rows.aggregate(**counts)
    return [Share(found[f"p{i}"], found[f"w{i}"]) for i in range(len(periods))]
