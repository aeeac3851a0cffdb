"""How much comes in and goes out, by local time."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncWeek
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from reports.metrics.definition import Measure, Unit
from reports.metrics.durations import halves, resolved_filled
from reports.metrics.seconds import UnixSeconds
from reports.periods import Period, week_name

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Integers = npt.NDArray[np.int64]

OPENED = Measure(
    "opened",
    _("Incidents opened"),
    _("Incidents whose opening time lies in the period. Duplicates that were merged later count too."),
    _("All incidents."),
    Unit.INCIDENTS,
    -1,
)
RESOLVED = Measure(
    "resolved",
    _("Incidents resolved"),
    _("Incidents whose last resolution lies in the period. An incident that came back counts once."),
    _("Incidents that are resolved or closed when the report is made; cancelled ones are left out."),
    Unit.INCIDENTS,
)
CLOSED = Measure(
    "closed",
    _("Incidents closed"),
    _("Incidents whose closing lies in the period."),
    _("All closed and cancelled incidents."),
    Unit.INCIDENTS,
)


def per_iso_week(population: QuerySet[Incident], field: str, zone: ZoneInfo) -> dict[str, int]:
    """{`2026-W47`: incidents} by a time field; weeks without any are not in it."""
    rows = (
        population.order_by()
        .filter(**{f"{field}__isnull": False})
        .annotate(monday=TruncWeek(field, tzinfo=zone))
        .values_list("monday")
        .annotate(n=Count("pk"))
        .order_by("monday")
    )
    return {week_name(monday.date()): n for monday, n in rows}


def per_weekday(population: QuerySet[Incident], zone: ZoneInfo) -> dict[int, int]:
    """{weekday, Monday 0: incidents opened}."""
    rows = population.order_by().annotate(day=ExtractIsoWeekDay("opened_at", tzinfo=zone)).values_list("day")
    return {day - 1: n for day, n in rows.annotate(n=Count("pk")).order_by("day")}


def per_hour(population: QuerySet[Incident], zone: ZoneInfo) -> dict[int, int]:
    """{hour of the day: incidents opened}."""
    rows = population.order_by().annotate(hour=ExtractHour("opened_at", tzinfo=zone)).values_list("hour")
    return dict(rows.annotate(n=Count("pk")).order_by("hour"))


def within(field: str, period: Period) -> Q:
    return Q(**{f"{field}__gte": period.start, f"{field}__lt": period.end})


def opened_in(population: QuerySet[Incident], periods: Sequence[Period]) -> list[int]:
    """Incidents opened in each period, in one query."""
    rows = population.filter(
        opened_at__gte=min(period.start for period in periods),
        opened_at__lt=max(period.end for period in periods),
    )
    found = rows.aggregate(
        **{f"p{i}": Count("pk", filter=within("opened_at", period)) for i, period in enumerate(periods)}
    )
    return [found[f"p{i}"] for i in range(len(periods))]


def opened_times(population: QuerySet[Incident], first: datetime, until: datetime) -> "Integers":
    """Unix seconds of each opening from `first` on and before `until`, rising."""
    import numpy as np  # noqa: PLC0415 -- slow import

    rows = population.order_by().filter(opened_at__gte=first, opened_at__lt=until)
    times = np.fromiter(rows.values_list(UnixSeconds("opened_at"), flat=True), dtype=np.int64)
    return np.sort(times)


def resolved_in(population: QuerySet[Incident], periods: Sequence[Period]) -> list[int]:
    """Incidents last resolved in each period, in two queries."""
    first = min(period.start for period in periods)
    recorded, asked = halves(population.filter(Q(closed_at=None) | Q(closed_at__gte=first)))
    here = {f"p{i}": Count("pk", filter=within("ended", period)) for i, period in enumerate(periods)}
    found = Counter(recorded.annotate(ended=resolved_filled(recorded=True)).aggregate(**here))
    found.update(asked.annotate(ended=resolved_filled()).aggregate(**here))
    return [found[f"p{i}"] for i in range(len(periods))]
