"""The numbers of a report with their definitions, as plain data."""

from collections.abc import Sequence
from typing import Any

from reports.metrics.definition import Measure
from reports.metrics.flow import Share
from reports.metrics.survival import LifeTable
from reports.trends import shares, waiting
from reports.trends.change import Change

Content = dict[str, Any]


def about(measure: Measure, change: Change) -> Content:
    """`usual`, `usual_low`, `usual_high`: what was to be expected, and between what it lies by chance."""
    return {
        "name": measure.name,
        "label": str(measure.label),
        "definition": str(measure.definition),
        "population": str(measure.population),
        "unit": measure.unit.value,
        "better": measure.better,
        **compared(change),
    }


def compared(change: Change) -> Content:
    return {
        "verdict": change.verdict.value,
        "p": change.p,
        "usual": change.usual,
        "usual_low": change.low,
        "usual_high": change.high,
        "amount": change.amount,
        "drift": change.drift,
    }


def counted(measure: Measure, now: int, before: int, trend: Sequence[int], change: Change) -> Content:
    return {**about(measure, change), "now": now, "before": before, "n": now, "trend": list(trend)}


def shared(
    measure: Measure, now: Share, before: Share, trend: Sequence[Share], past: Sequence[Share]
) -> Content:
    low, high = shares.share_interval(now)
    return {
        **about(measure, shares.share_change(now, past, better=measure.better)),
        "now": now.value,
        "before": before.value,
        "part": now.part,
        "n": now.whole,
        "low": low,
        "high": high,
        "trend": [share.value for share in trend],
    }


def waited(
    measure: Measure, now: LifeTable, before: LifeTable, trend: Sequence[LifeTable], past: Sequence[LifeTable]
) -> Content:
    """What is tested is how many ended, against the number the usual pace would have brought."""
    low, high = now.interval(0.5)
    change = waiting.waiting_change(now, past)
    usual = LifeTable.merged(past)
    return {
        **about(measure, change),
        "usual": usual.percentile(0.5),
        "usual_low": None,
        "usual_high": None,
        "usual_p90": usual.percentile(0.9),
        "ended": int(now.ended.sum()),
        "ended_usual": change.usual,
        "ended_low": change.low,
        "ended_high": change.high,
        "now": now.percentile(0.5),
        "before": before.percentile(0.5),
        "p90": now.percentile(0.9),
        "before_p90": before.percentile(0.9),
        "low": low,
        "high": high,
        "n": now.n,
        "waiting": now.waiting,
        "longest": now.longest,
        "trend": [table.percentile(0.5) for table in trend],
    }
