"""Which target applies to an incident, and the calendars targets are measured in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import holidays

from incidents.models.sla import WEEKDAYS, CalendarHours, ClosedDay, Target
from incidents.sla.calendar import BusinessCalendar, Day, Hours


class Facts(Protocol):
    """What of an incident decides about its clocks: an `Incident`, or a snapshot of its timeline."""

    state: str
    priority: int
    service_id: int | None
    category_id: int | None
    opened_at: datetime
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """A target as the clocks see it."""

    metric: str
    minutes: int
    calendar_id: int


class PolicyBook:
    """All targets and their calendars, as they stand; read once, asked often."""

    def __init__(self, targets: Sequence[Target], calendars: dict[int, BusinessCalendar]) -> None:
        self.targets = targets
        self.calendars = calendars

    def terms_for(self, metric: str, facts: Facts) -> Terms | None:
        """The most specific target in force at opening: service, then category, then priority."""
        day = facts.opened_at.date()
        fitting = [target for target in self.targets if target.metric == metric and _fits(target, facts, day)]
        if not fitting:
            return None
        best = max(fitting, key=_specificity)
        return Terms(metric, best.minutes, best.calendar_id)


def _fits(target: Target, facts: Facts, day: date) -> bool:
    return (
        target.valid_from <= day
        and (target.valid_until is None or day <= target.valid_until)
        and target.priority in {None, facts.priority}
        and target.service_id in {None, facts.service_id}
        and target.category_id in {None, facts.category_id}
    )


def _specificity(target: Target) -> tuple[bool, bool, bool, date, int]:
    return (
        target.service_id is not None,
        target.category_id is not None,
        target.priority is not None,
        target.valid_from,
        target.pk,
    )


#: Set while many incidents are written and no target can change: see `one_policy_book`.
_kept: ContextVar[PolicyBook | None] = ContextVar("_kept", default=None)


@contextmanager
def one_policy_book() -> Iterator[None]:
    """Inside, targets and calendars are read once. For bulk work in which none of them changes."""
    token = _kept.set(load_policy_book())
    try:
        yield
    finally:
        _kept.reset(token)


def load_policy_book() -> PolicyBook:
    """Three queries, whatever their number."""
    if (kept := _kept.get()) is not None:
        return kept
    targets = list(Target.objects.select_related("calendar").order_by("pk"))
    zones = {target.calendar_id: target.calendar.time_zone for target in targets}
    hours: dict[int, list[Hours]] = {pk: [] for pk in zones}
    for row in CalendarHours.objects.filter(calendar__in=zones).order_by("pk"):
        hours[row.calendar_id].append(_plain_hours(row))
    closed: dict[int, set[date]] = {pk: set() for pk in zones}
    for pk, day in ClosedDay.objects.filter(calendar__in=zones).values_list("calendar_id", "day"):
        closed[pk].add(day)
    calendars = {
        pk: BusinessCalendar(ZoneInfo(zone), hours[pk], frozenset(closed[pk])) for pk, zone in zones.items()
    }
    return PolicyBook(targets, calendars)


def _plain_hours(row: CalendarHours) -> Hours:
    week = tuple(_plain_day(row.week.get(name, [])) for name in WEEKDAYS)
    days: Any = (
        _public_holidays(row.holiday_country, row.holiday_region) if row.holiday_country else frozenset()
    )
    return Hours(row.valid_from, week, days)  # type: ignore[arg-type]  # seven names, seven days


def _plain_day(spans: list[list[str]]) -> Day:
    return tuple((_minutes(opens), _minutes(closes)) for opens, closes in spans)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str) -> holidays.HolidayBase:
    """Years fill in as they are asked for. Truth value is 'any year read yet', so never test it by `not`."""
    return holidays.country_holidays(country, subdiv=region or None)
