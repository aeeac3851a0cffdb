"""How often SLA targets are met."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from incidents.enums import Metric
from incidents.models import Clock
from reports.metrics.definition import Measure, Unit
from reports.metrics.flow import Share
from reports.metrics.volume import within
from reports.periods import Period

DEFINITION = _(
    "Clocks that stopped in time, of all clocks that stopped in the period or were running late at its end. "
    "Running late counts as missed: a target is not met by leaving the incident open."
)
POPULATION = _(
    "Clocks stopped in the period or late at its end; cancelled clocks and those still in time are left out."
)

ACKNOWLEDGE_TARGET_MET = Measure(
    "acknowledge_target_met", _("Acknowledge target met"), DEFINITION, POPULATION, Unit.SHARE, 1
)
RESOLVE_TARGET_MET = Measure(
    "resolve_target_met", _("Resolve target met"), DEFINITION, POPULATION, Unit.SHARE, 1
)


def targets_met_in(clocks: QuerySet[Clock], periods: Sequence[Period]) -> dict[str, list[Share]]:
    """{metric: met share of each period}, in one query."""
    first = min(period.start for period in periods)
    last = max(period.end for period in periods)
    counts = {}
    for i, period in enumerate(periods):
        stopped = within("stopped_at", period)
        counts[f"w{i}"] = Count("pk", filter=stopped | _late_at(period))
        counts[f"p{i}"] = Count("pk", filter=stopped & Q(breached=False))
    rows: Any = (
        clocks.order_by()
        .filter(Q(stopped_at=None) | Q(stopped_at__gte=first), cancelled=False, started_at__lt=last)
        .values("metric")
        .annotate(**counts)
    )
    found = {row["metric"]: [Share(row[f"p{i}"], row[f"w{i}"]) for i in range(len(periods))] for row in rows}
    nothing = [Share(0, 0)] * len(periods)
    return {metric: found.get(metric, nothing) for metric in Metric.values}


def _late_at(period: Period) -> Q:
    """Not stopped by its end and past its due time; a paused clock has none, only its breach."""
    running = Q(stopped_at=None) | Q(stopped_at__gte=period.end)
    late = Q(due_at__lt=period.end) | Q(due_at=None, breached=True)
    return Q(started_at__lt=period.end) & running & late
