"""The numbers of an event log: once by the product's metric functions, once by plain Python from the file.

Both come in the shape of the published truth, so that each can be held against the others.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from incidents.enums import Impact, Priority, Urgency
from incidents.models import Incident, TimelineEntry
from reports.metrics import backlog, counts, durations, flow, volume
from reports.metrics.summary import Summary

ZONE = ZoneInfo("UTC")
CHANNELS = {
    "phone": "Phone",
    "portal": "Self service",
    "email": "Email",
    "ivr": "IVR",
    "direct": "Direct opening",
}
PRIORITY = {level.value: f"{level.value} - {level.label}" for level in Priority}
IMPACT = {level.value: f"{level.value} - {level.label}" for level in Impact}
URGENCY = {level.value: f"{level.value} - {level.label}" for level in Urgency}
PERCENTS = {"p50_min": 0.5, "p90_min": 0.9, "p95_min": 0.95}
OPEN_AGAIN = ("Resolved", "Closed")
MISSING = "?"

Numbers = dict[str, Any]
Row = dict[str, str]


def counted(instants: Iterable[datetime]) -> Numbers:
    """By the metric functions that reports use."""
    incidents, entries = Incident.objects.all(), TimelineEntry.objects.all()

    def by(dimension: str, labels: dict[Any, str] | None = None) -> dict[str, int]:
        found = counts.count_by(incidents, dimension)
        return {(labels or {}).get(value, value) or MISSING: n for value, n in found.items()}

    return {
        "priority": by("priority", PRIORITY),
        "impact": by("impact", IMPACT),
        "urgency": by("urgency", URGENCY),
        "contact_type": by("channel", CHANNELS),
        "category": by("category"),
        "assignment_group": by("team"),
        "priority_matrix": {
            f"impact {IMPACT[impact]} / urgency {URGENCY[urgency]}": {PRIORITY[level]: n}
            for (impact, urgency, level), n in counts.priority_matrix(incidents).items()
        },
        "opened_per_iso_week": volume.per_iso_week(incidents, "opened_at", ZONE),
        "closed_per_iso_week": volume.per_iso_week(incidents, "closed_at", ZONE),
        "opened_per_weekday_mon0": _texts(volume.per_weekday(incidents, ZONE)),
        "opened_per_hour": _texts(volume.per_hour(incidents, ZONE)),
        "reopened_by_transition": flow.reopened_by_transition(entries),
        "group_changes_observed": _texts(flow.reassignments(incidents)),
        "ttr": _overall(durations.time_to_resolve_recorded(incidents)),
        "ttr by priority": _by_priority(durations.time_to_resolve_recorded(incidents, by="priority")),
        "ttr_filled": _overall(durations.time_to_resolve(incidents)),
        "ttr_filled by priority": _by_priority(durations.time_to_resolve(incidents, by="priority")),
        "ttc": _overall(durations.time_to_close(incidents)),
        "ttc by priority": _by_priority(durations.time_to_close(incidents, by="priority")),
        "backlog_at_week_end": {
            level.at.date().isoformat(): (level.unresolved, level.not_closed)
            for level in backlog.backlog(incidents, list(instants))
        },
        "state_transitions": {
            f"{before} -> {after}": n
            for (before, after), n in flow.state_transitions_recorded(entries).items()
        },
        "first_response_state": _overall(durations.time_to_acknowledge(incidents)),
        "first_response_assignee": _overall(durations.time_to_first_assignment(incidents)),
    }


def _texts(found: dict[int, int]) -> dict[str, int]:
    return {str(key): n for key, n in found.items()}


def _overall(found: dict[Any, Summary]) -> Numbers:
    return _rounded(found[None])


def _by_priority(found: dict[Any, Summary]) -> Numbers:
    return {PRIORITY[level]: _rounded(summary) for level, summary in found.items()}


def _rounded(summary: Summary) -> Numbers:
    """As the truth is written: the mean to four places, percentiles to two."""
    if not summary.n:
        return {"n": 0}
    return {
        "n": summary.n,
        "mean_min": round(summary.mean or 0, 4),
        "p50_min": round(summary.p50 or 0, 2),
        "p90_min": round(summary.p90 or 0, 2),
        "p95_min": round(summary.p95 or 0, 2),
    }


def told(path: Path, instants: Iterable[datetime]) -> Numbers:
    """From the rows of the file, one by one, under the definitions of the truth."""
    cases = defaultdict[str, list[Row]](list)
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            cases[row["number"]].append(row)
    ends = [rows[-1] for rows in cases.values()]
    times = [_times(rows) for rows in cases.values()]
    states = [[row["incident_state"] for row in rows] for rows in cases.values()]
    pairs = [pair for steps in states for pair in pairwise(steps)]
    return {
        "priority": _count(end["priority"] for end in ends),
        "impact": _count(end["impact"] for end in ends),
        "urgency": _count(end["urgency"] for end in ends),
        "contact_type": _count(end["contact_type"] for end in ends),
        "category": _count(end["category"] for end in ends),
        "assignment_group": _count(end["assignment_group"] for end in ends),
        "priority_matrix": {
            f"impact {impact} / urgency {urgency}": {level: n}
            for (impact, urgency, level), n in Counter(
                (end["impact"], end["urgency"], end["priority"]) for end in ends
            ).items()
        },
        "opened_per_iso_week": _count(_week(case["opened"].date()) for case in times),
        "closed_per_iso_week": _count(_week(case["closed"].date()) for case in times),
        "opened_per_weekday_mon0": _count(str(case["opened"].weekday()) for case in times),
        "opened_per_hour": _count(str(case["opened"].hour) for case in times),
        "reopened_by_transition": sum(
            any(a in OPEN_AGAIN and b not in OPEN_AGAIN for a, b in pairwise(steps)) for steps in states
        ),
        "group_changes_observed": _count(str(_moves(rows)) for rows in cases.values()),
        "ttr": _plain([_minutes(case, "resolved") for case in times]),
        "ttr by priority": _split(ends, [_minutes(case, "resolved") for case in times]),
        "ttr_filled": _plain([_minutes(case, "filled") for case in times]),
        "ttr_filled by priority": _split(ends, [_minutes(case, "filled") for case in times]),
        "ttc": _plain([_minutes(case, "closed") for case in times]),
        "ttc by priority": _split(ends, [_minutes(case, "closed") for case in times]),
        "backlog_at_week_end": {
            at.date().isoformat(): (
                sum(case["opened"] < at <= case["filled"] for case in times),
                sum(case["opened"] < at <= case["closed"] for case in times),
            )
            for at in instants
        },
        "state_transitions": _count(f"{before} -> {after}" for before, after in pairs),
        "first_response_state": _plain([_minutes(case, "answered") for case in times]),
        "first_response_assignee": _plain([_minutes(case, "assigned") for case in times]),
    }


def read_time(text: str) -> datetime | None:
    return None if text == MISSING else datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC)


def _times(rows: Sequence[Row]) -> dict[str, Any]:
    end = rows[-1]
    resolved, closed = read_time(end["resolved_at"]), read_time(end["closed_at"])
    last = [read_time(row["sys_updated_at"]) for row in rows if row["incident_state"] == "Resolved"]
    return {
        "opened": read_time(end["opened_at"]),
        "closed": closed,
        "resolved": resolved,
        "filled": resolved or (last[-1] if last else closed),
        "answered": _first(rows, lambda row: row["incident_state"] != "New"),
        "assigned": _first(rows, lambda row: row["assigned_to"] != MISSING),
    }


def _first(rows: Sequence[Row], wanted: Any) -> datetime | None:
    return next((read_time(row["sys_updated_at"]) for row in rows if wanted(row)), None)


def _moves(rows: Sequence[Row]) -> int:
    teams = [row["assignment_group"] for row in rows]
    return sum(a != b and MISSING not in {a, b} for a, b in pairwise(teams))


def _minutes(case: dict[str, Any], end: str) -> float | None:
    return None if case[end] is None else (case[end] - case["opened"]) / timedelta(minutes=1)


def _split(ends: Sequence[Row], minutes: Sequence[float | None]) -> Numbers:
    groups = defaultdict[str, list[float | None]](list)
    for end, value in zip(ends, minutes, strict=True):
        groups[end["priority"]].append(value)
    return {level: _plain(values) for level, values in groups.items()}


def _plain(values: Iterable[float | None]) -> Numbers:
    known = sorted(value for value in values if value is not None)
    if not known:
        return {"n": 0}
    found: Numbers = {"n": len(known), "mean_min": round(sum(known) / len(known), 4)}
    for name, percent in PERCENTS.items():
        place = percent * (len(known) - 1)
        low, high = known[int(place)], known[min(int(place) + 1, len(known) - 1)]
        found[name] = round(low + (place - int(place)) * (high - low), 2)
    return found


def _count(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values))


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
