"""How long things took, each between two named events. For finished incidents only: see `survival`."""

from django.db.models import Case, DateTimeField, Expression, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from incidents.enums import State
from incidents.models import Incident, TimelineEntry
from reports.metrics.definition import Measure, Unit
from reports.metrics.seconds import SecondsBetween
from reports.metrics.summary import Summary, summarise

#: The work came to an end that counts as an answer.
ANSWERED = Q(state__in=(State.RESOLVED, State.CLOSED))

TIME_TO_ACKNOWLEDGE = Measure(
    "time_to_acknowledge",
    _("Time to acknowledge, acknowledged only"),
    _("From opened to the first moment the incident was no longer new. Elapsed time, not business hours."),
    _("All incidents; those never acknowledged are left out and counted as missing."),
    Unit.MINUTES,
    -1,
)
TIME_TO_FIRST_ASSIGNMENT = Measure(
    "time_to_first_assignment",
    _("Time to first assignment, assigned only"),
    _("From opened to the first moment somebody was named assignee. Elapsed time."),
    _("All incidents; those never assigned to a person are left out and counted as missing."),
    Unit.MINUTES,
    -1,
)
TIME_TO_RESOLVE_RECORDED = Measure(
    "time_to_resolve_recorded",
    _("Time to resolve, as recorded"),
    _("From opened to the recorded time of the last resolution. Elapsed time."),
    _("Incidents with a recorded resolution; all others are left out and counted as missing."),
    Unit.MINUTES,
    -1,
)
TIME_TO_RESOLVE = Measure(
    "time_to_resolve",
    _("Time to resolve, resolved only"),
    _(
        "From opened to the last resolution: the recorded time, else the last entry of the timeline in the "
        "state resolved, else the closing. Elapsed time."
    ),
    _("Resolved and closed incidents; open and cancelled ones are left out and counted as missing."),
    Unit.MINUTES,
    -1,
)
TIME_TO_CLOSE = Measure(
    "time_to_close",
    _("Time to close, closed only"),
    _("From opened to closed or cancelled. Elapsed time; it holds the days of waiting for an objection."),
    _("Closed and cancelled incidents; all others are left out and counted as missing."),
    Unit.MINUTES,
    -1,
)


def time_to_acknowledge(population: QuerySet[Incident], *, by: str | None = None) -> dict[object, Summary]:
    return summarise(population, since_opened("acknowledged_at"), by=by)


def time_to_first_assignment(
    population: QuerySet[Incident], *, by: str | None = None
) -> dict[object, Summary]:
    return summarise(population, since_opened("first_assigned_at"), by=by)


def time_to_resolve_recorded(
    population: QuerySet[Incident], *, by: str | None = None
) -> dict[object, Summary]:
    return summarise(population, since_opened("resolved_at"), by=by)


def time_to_resolve(population: QuerySet[Incident], *, by: str | None = None) -> dict[object, Summary]:
    return summarise(population, since_opened(resolved_filled()), by=by)


def time_to_close(population: QuerySet[Incident], *, by: str | None = None) -> dict[object, Summary]:
    return summarise(population, since_opened("closed_at"), by=by)


def since_opened(end: str | Expression) -> SecondsBetween:
    return SecondsBetween(F("opened_at"), F(end) if isinstance(end, str) else end)


def resolved_filled(*, recorded: bool = False) -> Case:
    """When the incident was last resolved, NULL while it is open or if it was cancelled.

    Only imported incidents lack the recorded time; the timeline is asked for those alone.
    `recorded`: the population has none of them.
    """
    if recorded:
        return Case(When(ANSWERED, then=F("resolved_at")), output_field=DateTimeField())
    last = (
        TimelineEntry.objects.filter(incident=OuterRef("pk"), state_after=State.RESOLVED)
        .order_by("-seq")
        .values("at")[:1]
    )
    return Case(
        When(ANSWERED & Q(resolved_at__isnull=False), then=F("resolved_at")),
        When(ANSWERED, then=Coalesce(Subquery(last), F("closed_at"))),
        output_field=DateTimeField(),
    )


def work_ended(*, recorded: bool = False) -> Case:
    """When work on it ended: resolved, or cancelled. `recorded` as for `resolved_filled`."""
    return Case(
        When(state=State.CANCELLED, then=F("closed_at")),
        default=resolved_filled(recorded=recorded),
        output_field=DateTimeField(),
    )


def halves(population: QuerySet[Incident]) -> tuple[QuerySet[Incident], QuerySet[Incident]]:
    """Those with every time recorded, and those whose timeline has to be asked.

    A sum over many instants or periods asks both and adds: else a database asks the timeline once for
    each of them.
    """
    asked = ANSWERED & Q(resolved_at=None)
    return population.exclude(asked), population.filter(asked)
