"""How many incidents, by what they are."""

from typing import Any

from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from reports.metrics.definition import Measure, Unit

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


def count_by(population: QuerySet[Incident], dimension: str) -> dict[Any, int]:
    """{value: incidents}, the largest first; the key None holds those without a value."""
    rows = population.order_by().annotate(part=DIMENSIONS[dimension]).values("part").annotate(n=Count("pk"))
    return dict(rows.order_by("-n", "part").values_list("part", "n"))


def priority_matrix(population: QuerySet[Incident]) -> dict[tuple[int, int, int], int]:
    """{(impact, urgency, priority): incidents}."""
    rows = population.order_by().values_list("impact", "urgency", "priority").annotate(n=Count("pk"))
    return {(impact, urgency, priority): n for impact, urgency, priority, n in rows}
