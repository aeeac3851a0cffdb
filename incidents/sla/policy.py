"""Which target applies to an incident, and the calendars targets are measured in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import holidays

from incidents.kept import Kept
from incidents.models.catalogue import Category
from incidents.models.sla import WEEKDAYS, Calendar, ClosedDay, Target
from incidents.sla.calendar import BusinessCalendar, Day, Hours

HOURS = ("hours__valid_from", "hours__week", "hours__holiday_country", "hours__holiday_region")


FACTS = ("state", "priority", "service_id", "category_id", "opened_at", "acknowledged_at")


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
    """All targets and calendars, as they stand; read once, asked often."""

    def __init__(
        self, targets: Sequence[Target], calendars: dict[int, BusinessCalendar], parents: dict[int, int]
    ) -> None:
        self.targets = targets
        self.calendars = calendars
        #: {subcategory: category} where a target names the category
        self.parents = parents

    def terms_for(self, metric: str, facts: Facts) -> Terms | None:
        """The most specific target in force at opening: service, then category, then priority."""
        fitting = [target for target in self.targets if target.metric == metric and self._fits(target, facts)]
        if not fitting:
            return None
        best = max(fitting, key=lambda target: _specificity(target, facts))
        return Terms(metric, best.minutes, best.calendar_id)

    def _fits(self, target: Target, facts: Facts) -> bool:
        parent = self.parents.get(facts.category_id) if facts.category_id else None
        return (
            target.priority in {None, facts.priority}
            and target.service_id in {None, facts.service_id}
            and target.category_id in {None, facts.category_id, parent}
            and self._is_in_force(target, facts.opened_at)
        )

    def _is_in_force(self, target: Target, at: datetime) -> bool:
        """A target's days begin at midnight where its calendar is."""
        day = at.astimezone(self.calendars[target.calendar_id].zone).date()
        return target.valid_from <= day and (target.valid_until is None or day <= target.valid_until)


def _specificity(target: Target, facts: Facts) -> tuple[bool, bool, bool, bool, date, int]:
    """A subcategory's own target comes before that of its category."""
    return (
        target.service_id is not None,
        target.category_id is not None,
        target.category_id == facts.category_id,
        target.priority is not None,
        target.valid_from,
        target.pk,
    )


def load_policy_book() -> PolicyBook:
    """Kept by the process; read in three queries, and a fourth where targets name categories.

    Every calendar is there: a clock goes on by its own when the target it came from names another one
    by now, or is gone.
    """
    return _kept()


def _read() -> PolicyBook:
    targets = list(Target.objects.order_by("pk"))
    return PolicyBook(targets, _calendars(), _parents({target.category_id for target in targets}))


_kept = Kept(_read)


def _calendars() -> dict[int, BusinessCalendar]:
    zones: dict[int, str] = {}
    hours: dict[int, list[Hours]] = {}
    for calendar in Calendar.objects.order_by("pk").values_list("pk", "time_zone", *HOURS, named=True):
        zones[calendar.pk] = calendar.time_zone
        sets = hours.setdefault(calendar.pk, [])
        if calendar.hours__valid_from is not None:
            sets.append(_plain_hours(calendar))
    closed: dict[int, set[date]] = {pk: set() for pk in zones}
    for pk, day in ClosedDay.objects.values_list("calendar_id", "day"):
        closed[pk].add(day)
    return {
        pk: BusinessCalendar(ZoneInfo(zone), hours[pk], frozenset(closed[pk])) for pk, zone in zones.items()
    }


def _parents(categories: set[int | None]) -> dict[int, int]:
    named = categories - {None}
    if not named:
        return {}
    return dict(Category.objects.filter(parent__in=named).values_list("pk", "parent_id"))


def _plain_hours(row: Any) -> Hours:
    week = tuple(_plain_day((row.hours__week or {}).get(name, [])) for name in WEEKDAYS)
    country, region = row.hours__holiday_country, row.hours__holiday_region
    days: object = _public_holidays(country, region) if country else frozenset()
    return Hours(row.hours__valid_from, week, days)  # type: ignore[arg-type]  # seven names, seven days


def _plain_day(spans: list[list[str]]) -> Day:
    return tuple((_minutes(opens), _minutes(closes)) for opens, closes in spans)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str) -> holidays.HolidayBase:
    """Years fill in as they are asked for. Truth value is 'any year read yet', so never test it by `not`."""
    return holidays.country_holidays(country, subdiv=region or None)
