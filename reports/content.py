"""What a trend report says: all its numbers, with definition and population, as plain data.

The same data make the page, the mail, the CSV and the API's answer. They hold no title and no person.
A fixed number of queries makes them, however many incidents there are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from incidents.enums import Metric, Priority
from reports import periods, trends
from reports.metrics import backlog, counts, flow, promises, survival, volume
from reports.metrics.definition import Measure
from reports.metrics.flow import Share
from reports.metrics.scope import Scope
from reports.metrics.survival import EMPTY, LifeTable
from reports.periods import Period
from reports.trends import Change

VERSION = 1
#: Periods in the charts of a weekly or monthly report, itself included.
RUN_UP = 13
#: Lines in the lists of services and categories.
LONGEST = 8
#: Above this a span is drawn by months.
WEEKS_DRAWN = 27

Content = dict[str, Any]


def compose(period: Period, scope: Scope, *, at: datetime) -> Content:
    """The content of the report on a period as known at its end, or at `at` if it is not over."""
    before, slots = periods.previous(period), slots_of(period)
    until = min(period.end, at)
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
        "until": until.isoformat(),
        "unfinished": until < period.end,
        **_numbers(period, before, slots, scope, until),
    }


def slots_of(period: Period) -> Sequence[Period]:
    """What the charts are drawn by: the run-up to a week or month, the weeks or months of a span."""
    if periods.is_week(period) or periods.is_month(period):
        return periods.run_up(period, RUN_UP)
    weeks = periods.weeks_in(period)
    return weeks if len(weeks) <= WEEKS_DRAWN else periods.months_in(period)


def _named(period: Period) -> dict[str, str]:
    return {"name": period.name, "first": period.first.isoformat(), "last": period.last.isoformat()}


def _numbers(
    period: Period, before: Period, slots: Sequence[Period], scope: Scope, until: datetime
) -> Content:
    incidents = scope.incidents()
    pair, every = [period, before], [period, before, *slots]
    exposure = _exposure(period, before, until)
    opened = volume.opened_in(incidents, every)
    resolved = volume.resolved_in(incidents, every)
    ends = [min(each.end, until) for each in (period, before, *slots)]
    open_then = [level.unresolved for level in backlog.backlog(incidents, ends)]
    unsteady = trends.dispersion(_begun(opened[2:-1]))
    spells = [before, *(slot for slot in slots if slot != before)]
    acknowledged = survival.waited_to_acknowledge(incidents, until=until, by=survival.opened_within(spells))
    answered = survival.waited_to_resolve(incidents, until=until, by=survival.opened_within(spells))
    to_resolve = [answered.get(spells.index(slot), EMPTY) for slot in slots]
    to_acknowledge = [acknowledged.get(spells.index(slot), EMPTY) for slot in slots]
    here = [i for i, slot in enumerate(slots) if slot.first >= period.first]
    more = trends.count_change(opened[0], opened[1], exposure=exposure, dispersion=unsteady)
    left = trends.backlog_change(opened[0], resolved[0])
    has_past = _has_past(scope, before)
    measures = [
        _count(volume.OPENED, opened, more if has_past else trends.NO_PAST),
        _count(backlog.UNRESOLVED, open_then, left if has_past else trends.NO_PAST),
        _waited(survival.WAITED_TO_ACKNOWLEDGE, to_acknowledge, here, acknowledged.get(0, EMPTY)),
        _waited(survival.WAITED_TO_RESOLVE, to_resolve, here, answered.get(0, EMPTY)),
        *_targets(promises.targets_met_in(scope.clocks(), every)),
        _share(flow.REOPENED_SHARE, flow.reopened_in(scope.entries(), every)),
        _share(flow.REASSIGNED_SHARE, flow.reassigned_in(incidents, every)),
    ]  # fmt: skip
    return {
        "measures": measures,
        "slots": [
            {
                "name": slot.name,
                "first": slot.first.isoformat(),
                "opened": opened[i + 2],
                "resolved": resolved[i + 2],
                "open": open_then[i + 2],
                "p50": to_resolve[i].percentile(0.5),
                "p90": to_resolve[i].percentile(0.9),
            }
            for i, slot in enumerate(slots)
        ],
        "services": _listed(scope, "service", pair, has_past=has_past, exposure=exposure, unsteady=unsteady),
        "categories": _listed(
            scope, "category", pair, has_past=has_past, exposure=exposure, unsteady=unsteady
        ),
        "priorities": _priorities(scope, period, until),
    }


def _has_past(scope: Scope, before: Period) -> bool:
    """Whether records reach back over the period before: a desk that begins is no rise."""
    return scope.incidents().filter(opened_at__lt=before.start).exists()


def _begun(values: Sequence[int]) -> Sequence[int]:
    """Without the time before the desk had any."""
    first = next((i for i, value in enumerate(values) if value), len(values))
    return values[first:]


def _exposure(period: Period, before: Period, until: datetime) -> float:
    """How many times as long as the period before this one has lasted so far."""
    lasted = max((until - period.start).total_seconds(), 1)
    return lasted / (before.end - before.start).total_seconds()


def _about(measure: Measure, change: Change) -> Content:
    return {
        "name": measure.name,
        "label": str(measure.label),
        "definition": str(measure.definition),
        "population": str(measure.population),
        "unit": measure.unit.value,
        "better": measure.better,
        "verdict": change.verdict.value,
        "p": change.p,
    }


def _count(measure: Measure, values: Sequence[int], change: Change) -> Content:
    now, before, *trend = values
    return {**_about(measure, change), "now": now, "before": before, "n": now, "trend": trend}


def _share(measure: Measure, shares: Sequence[Share]) -> Content:
    now, before, *trend = shares
    low, high = trends.share_interval(now)
    return {
        **_about(measure, trends.share_change(now, before, better=measure.better)),
        "now": now.value,
        "before": before.value,
        "part": now.part,
        "n": now.whole,
        "low": low,
        "high": high,
        "trend": [share.value for share in trend],
    }


def _targets(met: dict[str, list[Share]]) -> list[Content]:
    return [
        _share(promises.ACKNOWLEDGE_TARGET_MET, met[Metric.ACKNOWLEDGE]),
        _share(promises.RESOLVE_TARGET_MET, met[Metric.RESOLVE]),
    ]


def _waited(measure: Measure, tables: Sequence[LifeTable], here: Sequence[int], before: LifeTable) -> Content:
    """`tables` are those of the slots, `here` the places of the slots that make up the period."""
    now = LifeTable.merged([tables[i] for i in here])
    low, high = now.interval(0.5)
    return {
        **_about(measure, trends.waiting_change(now, before)),
        "now": now.percentile(0.5),
        "before": before.percentile(0.5),
        "p90": now.percentile(0.9),
        "before_p90": before.percentile(0.9),
        "low": low,
        "high": high,
        "n": now.n,
        "waiting": now.waiting,
        "longest": now.longest,
        "trend": [table.percentile(0.5) for table in tables],
    }


def _listed(
    scope: Scope, dimension: str, pair: Sequence[Period], *, has_past: bool, exposure: float, unsteady: float
) -> list[Content]:
    found = counts.count_in(scope.incidents(), dimension, pair)
    pairs = [(now, before) for now, before in found.values()]
    changes = trends.count_changes(pairs, exposure=exposure, dispersion=unsteady)
    if not has_past:
        changes = [trends.NO_PAST] * len(pairs)
    return [
        {"name": name or "", "now": now, "before": before, "verdict": change.verdict.value, "p": change.p}
        for name, (now, before), change in zip(found, pairs, changes, strict=True)
        if now
    ][:LONGEST]


def _priorities(scope: Scope, period: Period, until: datetime) -> list[Content]:
    incidents = scope.incidents().filter(volume.within("opened_at", period))
    tables = survival.waited_to_resolve(incidents, until=until, by=counts.DIMENSIONS["priority"])
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
