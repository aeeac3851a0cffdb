"""What a trend report says: all its numbers, with definition and population, as plain data.

The same data make the page, the mail, the CSV and the API's answer. They hold no title and no person.
A fixed number of queries makes them, however many incidents there are.
"""

from collections.abc import Sequence
from datetime import datetime

from incidents.enums import Metric, Priority
from reports import periods
from reports.content.measures import Content, compared, counted, shared, waited
from reports.content.opened import Opened
from reports.metrics import backlog, counts, flow, sla, survival, volume, waits
from reports.metrics.definition import Measure
from reports.metrics.flow import Share
from reports.metrics.scope import Scope
from reports.metrics.survival import EMPTY, LifeTable
from reports.periods import Period, is_comparable, known_past
from reports.trends.chances import ALPHA, REPORT_RATE
from reports.trends.change import NO_PAST
from reports.trends.counts import count_change, count_changes

#: 2: compared with the usual of many periods, not with the one before.
VERSION = 2
#: Periods in the charts of a weekly or monthly report, itself included.
RUN_UP = 13
#: Lines in the lists of services and categories.
LONGEST = 8
#: Above this a span is drawn by months.
WEEKS_DRAWN = 27


def compose(period: Period, scope: Scope, *, at: datetime) -> Content:
    """The content of the report on a period as known at its end, or at `at` if it is not over."""
    now, before = periods.so_far(period, at), periods.so_far(periods.previous(period), at, like=period)
    since = scope.first_opened()
    past = known_past(period, since)
    numbers = _numbers(now, before, [periods.so_far(slot, at) for slot in slots_of(period)], past, scope)
    return {
        "version": VERSION,
        "scope": {
            "team": str(scope.team or ""),
            "service": str(scope.service or ""),
            "confidential": scope.with_confidential,
        },
        "zone": period.zone.key,
        "period": _named(period),
        "before": _named(before),
        "since": since and since.astimezone(period.zone).date().isoformat(),
        "usual": _usual(past),
        "until": now.end.isoformat(),
        "unfinished": now.cut is not None,
        "rate": REPORT_RATE,
        "alpha": ALPHA,
        "compared": sum(line["p"] is not None for line in numbers["measures"]),
        **numbers,
    }


def slots_of(period: Period) -> Sequence[Period]:
    """What the charts are drawn by: the run-up to a week or month, the weeks or months of a span."""
    if periods.is_week(period):
        return periods.run_up(periods.week_of(period.first, period.zone), RUN_UP)
    if periods.is_month(period):
        return periods.run_up(periods.month_of(period.first, period.zone), RUN_UP)
    weeks = periods.weeks_in(period)
    return weeks if len(weeks) <= WEEKS_DRAWN else periods.months_in(period)


def _named(period: Period) -> dict[str, str]:
    return {"name": period.name, "first": period.first.isoformat(), "last": period.last.isoformat()}


def _usual(past: Sequence[Period]) -> Content:
    """The days that usual numbers are taken from; none where records are too young."""
    if not is_comparable(past):
        return {"first": None, "last": None, "parts": len(past)}
    return {"first": past[0].first.isoformat(), "last": past[-1].last.isoformat(), "parts": len(past)}


def _numbers(
    now: Period, before: Period, slots: Sequence[Period], past: Sequence[Period], scope: Scope
) -> Content:
    incidents = scope.incidents()
    every = list(dict.fromkeys([now, before, *slots, *past]))
    opened = dict(zip(every, volume.opened_in(incidents, every), strict=True))
    resolved = dict(zip(slots, volume.resolved_in(incidents, slots), strict=True))
    met = sla.targets_met_in(scope.clocks(), every)
    reopened, moved = flow.reopened_in(scope.entries(), every), flow.reassigned_in(incidents, every)
    stock = _stock(now, before, slots, past, scope)
    times = volume.opened_times(incidents, past[0].start if past else now.start, now.start)
    came = Opened.of(now, past, opened, times)
    pieces = periods.pieces([now, *slots, *past])
    taken = {
        waits.WAITED_TO_ACKNOWLEDGE: survival.waited_to_acknowledge(
            incidents, until=now.end, by=survival.opened_within(pieces)
        ),
        waits.WAITED_TO_RESOLVE: survival.waited_to_resolve(
            incidents, until=now.end, by=survival.opened_within(pieces)
        ),
    }

    def tables(measure: Measure, spells: Sequence[Period]) -> list[LifeTable]:
        found = [(piece, taken[measure].get(i, EMPTY)) for i, piece in enumerate(pieces)]
        return [
            LifeTable.merged([table for piece, table in found if periods.is_in(piece, spell)])
            for spell in spells
        ]

    def wait(measure: Measure) -> Content:
        latest, earlier = tables(measure, [now, before])
        return waited(measure, latest, earlier, tables(measure, slots), tables(measure, past))

    def share(measure: Measure, values: Sequence[Share]) -> Content:
        known = dict(zip(every, values, strict=True))
        return shared(
            measure,
            known[now],
            known[before],
            [known[slot] for slot in slots],
            [known[part] for part in past],
        )

    to_resolve = tables(waits.WAITED_TO_RESOLVE, slots)
    trend = [opened[slot] for slot in slots]
    measures = [
        {
            **counted(volume.OPENED, opened[now], opened[before], trend, came.change(slots)),
            "by": "week" if "-W" in slots[0].name else "month",
        },
        stock,
        wait(waits.WAITED_TO_ACKNOWLEDGE),
        wait(waits.WAITED_TO_RESOLVE),
        share(sla.ACKNOWLEDGE_TARGET_MET, met[Metric.ACKNOWLEDGE]),
        share(sla.RESOLVE_TARGET_MET, met[Metric.RESOLVE]),
        share(flow.REOPENED_SHARE, reopened),
        share(flow.REASSIGNED_SHARE, moved),
    ]
    return {
        "measures": measures,
        "slots": [
            {
                "name": slot.name,
                "first": slot.first.isoformat(),
                "opened": opened[slot],
                **came.usual_in(slot),
                "resolved": resolved[slot],
                "open": left,
                "p50": table.percentile(0.5),
                "p90": table.percentile(0.9),
            }
            for slot, left, table in zip(slots, stock["trend"], to_resolve, strict=True)
        ],
        "services": _listed(scope, "service", [now, before, *past], came),
        "categories": _listed(scope, "category", [now, before, *past], came),
        "priorities": _priorities(scope, now),
    }


def _stock(
    now: Period, before: Period, slots: Sequence[Period], past: Sequence[Period], scope: Scope
) -> Content:
    """What is open at the end, against what was open at the same hour of the same weekday before."""
    then = periods.same_times(now, past)
    ends = [now.end, before.end, *(slot.end for slot in slots), *then]
    instants = list(dict.fromkeys(ends))
    levels = dict(zip(instants, backlog.backlog(scope.incidents(), instants), strict=True))
    left, earlier, *rest = (levels[end].unresolved for end in ends)
    change = count_change(left, rest[len(slots) :])
    return counted(backlog.UNRESOLVED, left, earlier, rest[: len(slots)], change)


def _listed(scope: Scope, dimension: str, spells: Sequence[Period], came: Opened) -> list[Content]:
    found = counts.count_in(scope.incidents(), dimension, spells)
    rows = [(now, past) for now, _before, *past in found.values()]
    if came.usual is None:
        changes = [NO_PAST] * len(rows)
    else:
        changes = count_changes(rows, exposure=came.exposure, exposures=came.exposures)
    return [
        {"name": name or "", "now": now, "before": before, **compared(change)}
        for (name, (now, before, *_past)), change in zip(found.items(), changes, strict=True)
        if now
    ][:LONGEST]


def _priorities(scope: Scope, period: Period) -> list[Content]:
    incidents = scope.incidents().filter(volume.within("opened_at", period))
    tables = survival.waited_to_resolve(incidents, until=period.end, by=counts.DIMENSIONS["priority"])
    return [
        {
            "priority": priority.value,
            "n": table.n,
            "waiting": table.waiting,
            "p50": table.percentile(0.5),
            "p90": table.percentile(0.9),
            "longest": table.longest,
        }
        for priority in Priority
        if (table := tables.get(priority.value, EMPTY)).n
    ]
