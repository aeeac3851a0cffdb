"""Calendars and targets of a setup file. What incidents were measured by is not rewritten."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from incidents.enums import Metric
from incidents.models import Calendar, CalendarHours, Category, ClosedDay, Incident, Service, Target
from itsm.setting_up.file import Row
from itsm.setting_up.rows import given, put, tell

IN_FORCE = "was in force already, and incidents were measured by it. Begin today or later."


def calendars(rows: Iterable[Row], today: date) -> None:
    for row in rows:
        name = row.needed("name", str)
        values = given(row, time_zone=str)
        row.zone("time_zone")
        wanted = {"week": _week(row), **given(row, holiday_country=str, holiday_region=str)}
        since = row.get("valid_from", date)
        closed = row.get("closed_days", list, [])
        if any(type(day) is not date for day in closed):
            row.wrong("closed_days", "write a list of days such as 2026-12-24.")
        calendar = put(row, Calendar.objects.filter(name=name).first(), Calendar(name=name), values)
        if calendar is None:
            row.outcome.lost.add((Calendar, name))
            continue
        if "hours" in row:
            _put_hours(row, calendar, wanted, since, today)
        _close(row, calendar, closed, today)


def _week(row: Row) -> dict[str, list[list[str]]]:
    """`mon = ["09:00-12:00", "13:00-17:00"]`; the model checks days and times."""
    week = {}
    for day, spans in row.get("hours", dict, {}).items():
        if not isinstance(spans, list) or any(not isinstance(span, str) for span in spans):
            row.wrong("hours", f'{day}: write a list of spans, such as ["09:00-17:00"].')
            return {}
        week[day] = [[point.strip() for point in span.split("-")] for span in spans]
    return week


def _put_hours(
    row: Row, calendar: Calendar, wanted: dict[str, object], since: date | None, today: date
) -> None:
    """Without `valid_from` the set in force is compared, and another one begins today."""
    sets = calendar.hours.order_by("-valid_from")
    found = sets.filter(valid_from=since).first() if since else sets.filter(valid_from__lte=today).first()
    if found is not None and all(getattr(found, name) == value for name, value in wanted.items()):
        return
    first = since or today
    if _is_measured(first, today):
        row.wrong("valid_from", IN_FORCE)
        return
    hours = sets.filter(valid_from=first).first() or CalendarHours(calendar=calendar, valid_from=first)
    for name, value in wanted.items():
        setattr(hours, name, value)
    if row.try_to(hours.full_clean):
        hours.save()
        row.outcome.done.append(f"hours of {calendar}, from {first} on")


def _close(row: Row, calendar: Calendar, days: list[date], today: date) -> None:
    known = set(calendar.closed_days.values_list("day", flat=True))
    for day in days:
        if not row.is_good or day in known:
            continue
        if _is_measured(day, today):
            row.wrong("closed_days", f"{day} {IN_FORCE}")
            return
        tell(row.outcome, ClosedDay.objects.create(calendar=calendar, day=day), [])


def targets(rows: Iterable[Row], today: date) -> None:
    for row in rows:
        row.needed("metric", str)
        about = {
            "metric": row.choice("metric", (Metric.ACKNOWLEDGE.value, Metric.RESOLVE.value), "resolve"),
            "priority": row.get("priority", int),
            "service": row.one("service", Service),
            "category": row.one("category", Category),
        }
        wanted = {"minutes": row.needed("minutes", int), "calendar": row.one("calendar", Calendar)}
        row.needed("calendar", str)
        since = row.get("valid_from", date)
        _put_target(row, about, wanted, since, today)


def _put_target(
    row: Row, about: dict[str, object], wanted: dict[str, object], since: date | None, today: date
) -> None:
    same = Target.objects.filter(**about).filter(Q(valid_until=None) | Q(valid_until__gte=today))
    newest = same.order_by("-valid_from", "-pk")
    found = newest.filter(valid_from=since).first() if since else newest.filter(valid_from__lte=today).first()
    differs = found is None or any(getattr(found, name) != value for name, value in wanted.items())
    first = since or today
    if differs and _is_measured(first, today):
        row.wrong("valid_from", IN_FORCE)
    if found is not None and differs and found.valid_from != first:
        found = None  # a newer one follows it
    put(row, found, Target(**about, valid_from=first), wanted)


def _is_measured(day: date, today: date) -> bool:
    return day < today and Incident.objects.exists()
