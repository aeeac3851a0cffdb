"""Calendars of the regions and the targets Nordwerk promised, in force from their day on."""

from datetime import date, timedelta

from incidents.enums import Metric, Priority
from incidents.models import Calendar, Service, Target
from incidents.models.sla import WEEKDAYS

LONG_AGO = date(2020, 1, 1)
#: name, zone, country, region, opening before and since the desk has longer hours
REGIONS = (
    ("Office hours Europe", "Europe/Berlin", "DE", "HH", ("08:00", "17:00"), ("07:00", "20:00")),
    ("Office hours Africa", "Africa/Nairobi", "KE", "", ("08:00", "17:00"), ("07:30", "18:00")),
    ("Office hours Asia", "Asia/Singapore", "SG", "", ("09:00", "18:00"), ("08:30", "18:30")),
    ("Office hours Americas", "America/Sao_Paulo", "BR", "SP", ("08:00", "17:00"), ("08:00", "18:00")),
)
#: priority: business minutes to acknowledge and to resolve, since the desk counts working hours
WORKING_HOURS = {
    Priority.MODERATE: (120, 960),
    Priority.LOW: (240, 2400),
    Priority.PLANNING: (480, 6000),
}


def make_sla(services: dict[str, Service], today: date) -> None:
    """Hours were extended three months ago; urgent work keeps its round-the-clock targets."""
    longer = today - timedelta(days=91)
    calendars = {}
    for name, zone, country, region, before, since in REGIONS:
        calendar = calendars[name] = Calendar.objects.create(name=name, time_zone=zone)
        for first, span in ((LONG_AGO, before), (longer, since)):
            calendar.hours.create(
                valid_from=first,
                week={day: [list(span)] for day in WEEKDAYS[:5]},
                holiday_country=country,
                holiday_region=region,
            )
        calendar.closed_days.create(day=date(today.year, 12, 24), reason="Company holiday")
    europe = calendars["Office hours Europe"]
    for priority, minutes in WORKING_HOURS.items():
        _targets(minutes, europe, priority=priority)
    _targets((30, 480), europe, service=services["Warehouse scanners"], priority=Priority.MODERATE)
    _targets(
        (60, 720),
        calendars["Office hours Asia"],
        service=services["Data warehouse"],
        priority=Priority.MODERATE,
    )


def _targets(
    minutes: tuple[int, int], calendar: Calendar, *, priority: Priority, service: Service | None = None
) -> None:
    for metric, amount in zip((Metric.ACKNOWLEDGE, Metric.RESOLVE), minutes, strict=True):
        Target.objects.create(
            metric=metric,
            priority=priority,
            service=service,
            minutes=amount,
            calendar=calendar,
            valid_from=LONG_AGO,
        )
