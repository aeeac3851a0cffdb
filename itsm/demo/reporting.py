"""Who reads reports, and the ones of the past weeks."""

from datetime import datetime, timedelta

from itsm.demo.people import People
from reports import lifecycle
from reports.enums import Kind
from reports.models import Schedule

WEEKS, MONTHS = 4, 2


def make_reports(people: People, *, now: datetime) -> None:
    """Schedules are older than the reports, so each slot was due; all of them have been told."""
    since = now - timedelta(days=200)
    readers = [people[login] for login in ("amara", "tomas", "ada")]
    for name, kind, slots in (
        ("Weekly trend", Kind.WEEKLY, WEEKS),
        ("Monthly trend", Kind.MONTHLY, MONTHS),
    ):
        schedule = Schedule.objects.create(name=name, kind=kind, zone="Europe/Berlin", since=since)
        schedule.readers.set(readers)
        for at in _moments(schedule, now, slots):
            report = lifecycle.make_report(schedule=schedule, slot=schedule.latest_slot(at), at=at)
            lifecycle.told(report.pk, at=at)


def _moments(schedule: Schedule, now: datetime, count: int) -> list[datetime]:
    """When its last slots were due, oldest first."""
    found, at = [], now
    for _slot in range(count):
        found.append(schedule.due_at(schedule.latest_slot(at)))
        at = found[-1] - timedelta(minutes=1)
    return found[::-1]
