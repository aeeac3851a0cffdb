"""What is still open at an instant."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from reports.metrics.definition import Measure, Unit
from reports.metrics.durations import halves, work_ended

UNRESOLVED = Measure(
    "backlog_unresolved",
    _("Open at the end"),
    _(
        "Incidents opened before that instant and neither resolved nor cancelled before it. One that "
        "was resolved and came back counts as open from its opening on."
    ),
    _("All incidents."),
    Unit.INCIDENTS,
    -1,
)
NOT_CLOSED = Measure(
    "backlog_not_closed",
    _("Not closed at the end"),
    _(
        "Incidents opened before that instant and not closed before it: open ones, and resolved ones "
        "not confirmed."
    ),
    _("All incidents."),
    Unit.INCIDENTS,
    -1,
)


@dataclass(frozen=True, slots=True)
class Backlog:
    at: datetime
    unresolved: int
    not_closed: int


def backlog(population: QuerySet[Incident], instants: Sequence[datetime]) -> list[Backlog]:
    """The backlog at each instant, in two queries. At least one instant."""
    there = {f"u{i}": _still("ended", at) for i, at in enumerate(instants)}
    there |= {f"c{i}": _still("closed_at", at) for i, at in enumerate(instants)}
    rows = population.filter(Q(closed_at=None) | Q(closed_at__gte=min(instants)), opened_at__lt=max(instants))
    recorded, asked = halves(rows)
    found = Counter(recorded.annotate(ended=work_ended(recorded=True)).aggregate(**there))
    found.update(asked.annotate(ended=work_ended()).aggregate(**there))
    return [Backlog(at, found[f"u{i}"], found[f"c{i}"]) for i, at in enumerate(instants)]


def _still(field: str, at: datetime) -> Count:
    return Count(
        "pk", filter=Q(opened_at__lt=at) & (Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": at}))
    )
