"""How many incidents, by what they are."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from reports.metrics.definition import Measure, Unit
from reports.metrics.volume import within
from reports.periods import Period

#: What incidents are counted by -> where it stands. The top category, not the subcategory.
DIMENSIONS: dict[str, Any] = {
    "priority": F("priority"),
    "impact": F("impact"),
    "urgency": F("urgency"),
    "channel": F("channel"),
    "state": F("state"),
    "category": Coalesce("category__parent__name", "category__name"),
    "subcategory": F("category__name"),
    "service": F("service__name"),
    "team": F("team__name"),
    "location": F("location__name"),
}

COUNT_BY = Measure(
    "count_by",
    _("Incidents by kind"),
    _("Incidents by their present priority, impact, urgency, channel, category, service or team."),
    _("All incidents. Those without the property count under none; nothing is left out."),
    Unit.INCIDENTS,
)
PRIORITY_MATRIX = Measure(
    "priority_matrix",
    _("Impact and urgency"),
    _("Incidents by their present impact, urgency and the priority they have."),
    _("All incidents."),
    Unit.INCIDENTS,
)


def count_by(population: QuerySet[Incident], dimension: str) -> dict[object, int]:
    """{value: incidents}, the largest first; the key None holds those without a value."""
    rows = population.order_by().annotate(part=DIMENSIONS[dimension]).values("part").annotate(n=Count("pk"))
    found = rows.values_list("part", "n")
    return dict(sorted(found, key=lambda row: (-row[1], str(row[0]))))


def count_in(
    population: QuerySet[Incident], dimension: str, periods: Sequence[Period]
) -> dict[object, list[int]]:
    """{value: incidents opened in each period}, the largest of the first period first, in one query."""
    counts = {f"p{i}": Count("pk", filter=within("opened_at", period)) for i, period in enumerate(periods)}
    rows: Any = (
        population.order_by()
        .filter(
            opened_at__gte=min(period.start for period in periods),
            opened_at__lt=max(period.end for period in periods),
        )
        .annotate(part=DIMENSIONS[dimension])
        .values("part")
        .annotate(**counts)
    )
    found = {row["part"]: [row[name] for name in counts] for row in rows}
    return dict(sorted(found.items(), key=lambda item: ([-n for n in item[1]], str(item[0]))))


def priority_matrix(population: QuerySet[Incident]) -> dict[tuple[int, int, int], int]:
    """{(impact, urgency, priority): incidents}."""
    rows = population.order_by().values_list("impact", "urgency", "priority").annotate(n=Count("pk"))
    return {(impact, urgency, priority): n for impact, urgency, priority, n in rows}
