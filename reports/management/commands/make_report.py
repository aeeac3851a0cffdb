"""Make a report of a week, a month or any days, now and here."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError

from incidents.models import Service, Team
from itsm import timekeeping
from reports import lifecycle, periods
from reports.documents.sheet import csv_text
from reports.enums import Kind
from reports.metrics.scope import Scope
from reports.models import Report
from reports.periods import Period

Whole = Callable[[str, ZoneInfo], Period]


def zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ArgumentTypeError(
            f"{name!r} is no time zone. Give an IANA name such as Europe/Berlin."
        ) from None


class Command(BaseCommand):
    help = "Make and keep a report. Without --week, --month or days: of the last whole week or month."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=Kind.values, default=Kind.WEEKLY.value)
        parser.add_argument("--week", help="an ISO week, such as 2026-W47")
        parser.add_argument("--month", help="such as 2026-11")
        parser.add_argument("--first", type=date.fromisoformat, help="first day, with --kind span")
        parser.add_argument("--last", type=date.fromisoformat, help="last day, with --kind span")
        parser.add_argument("--zone", type=zone, default=ZoneInfo("UTC"), help="IANA zone (default UTC)")
        parser.add_argument("--team", help="only incidents of the team of this name")
        parser.add_argument("--service", help="only incidents of the service of this name")
        parser.add_argument(
            "--with-confidential", action="store_true", help="for who may read confidential incidents alone"
        )
        parser.add_argument("--csv", action="store_true", help="print its numbers as CSV")

    def handle(self, *args: object, **options: Any) -> None:
        at = timekeeping.now()
        period = chosen(options, at)
        scope = Scope(
            named(Team, options["team"]),
            named(Service, options["service"]),
            with_confidential=options["with_confidential"],
        )
        report = lifecycle.order(period, scope, at=at)
        lifecycle.make(report.pk, at=at)
        report = Report.objects.get(pk=report.pk)
        if options["csv"]:
            self.stdout.write(csv_text(report.content), ending="")
        else:
            self.stdout.write(f"report {report.pk}: {report} made")


def chosen(options: dict[str, Any], at: datetime) -> Period:
    place: ZoneInfo = options["zone"]
    today = at.astimezone(place).date()
    if options["kind"] == Kind.SPAN:
        first, last = options["first"], options["last"]
        if not first or not last or last < first:
            raise CommandError("Give --first and --last, the first not after the last.")
        within_reach(first, last)
        return periods.span(first, last + timedelta(days=1), place)
    if options["kind"] == Kind.MONTHLY or options["month"]:
        return whole(periods.month, options["month"], periods.previous(periods.month_of(today, place)))
    return whole(periods.iso_week, options["week"], periods.previous(periods.week_of(today, place)))


def whole(read: Whole, name: str | None, default: Period) -> Period:
    if not name:
        return default
    try:
        period = read(name, default.zone)
    except (ValueError, OverflowError):
        raise CommandError(f"There is no {name!r}. Write a week as 2026-W47, a month as 2026-11.") from None
    within_reach(period.first, period.last)
    return period


def within_reach(first: date, last: date) -> None:
    if first < periods.EARLIEST or last > periods.LATEST:
        raise CommandError("A report is of days from 1980 to 2199.")
    if last - first > periods.LONGEST:
        raise CommandError("This is more than three years. Give fewer days.")


def named(model: type[Team | Service], name: str | None) -> Any:
    if not name:
        return None
    found = model.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no {model._meta.verbose_name} called {name!r}.")
    return found
