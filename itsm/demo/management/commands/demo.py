"""Load the demo company into an empty database."""

import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from incidents.models import Alert, Incident, TimelineEntry
from itsm import timekeeping
from itsm.demo.load import Size, load
from itsm.demo.logins import DEMO_LOGINS, table
from itsm.preflight import is_empty_database
from notifications.models import Delivery
from reports.models import Report

BAR = 30


class Command(BaseCommand):
    help = (
        "Loads a company that does not exist into an empty database: four weeks of work at this desk, "
        "and the three months before as they were taken over from another one."
    )

    shown = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--incidents", type=int, default=Size.incidents, help="How many (800).")
        parser.add_argument("--now", help="When the four months end, in ISO 8601 (now).")
        parser.add_argument("--seed", type=int, default=Size.seed, help="Another seed, another story.")
        parser.add_argument("--logins", action="store_true", help="Only print who may log in.")

    def handle(self, *args: object, **options: Any) -> None:
        if options["logins"]:
            self.tell_log_ins()
            return
        now = self._now(options["now"])
        if not is_empty_database():
            raise CommandError("The database is not empty. The demo goes into an empty one only.")
        begun = time.monotonic()
        load(
            Size(options["incidents"], options["seed"]),
            now=now,
            progress=self._progress,
        )
        if sys.stderr.isatty():
            self.stderr.write("")
        self.stdout.write(
            f"Nordwerk Group: {Incident.objects.count()} incidents, {TimelineEntry.objects.count()} entries, "
            f"{Alert.objects.count()} alerts, {Delivery.objects.count()} mails, "
            f"{Report.objects.count()} reports in {time.monotonic() - begun:.0f} s."
        )
        if options["verbosity"]:  # `up` tells them once it is ready
            self.stdout.write(table())

    def tell_log_ins(self) -> None:
        """Only where all of them are: names like these are common."""
        names = [login.name for login in DEMO_LOGINS]
        if User.objects.filter(username__in=names).count() == len(names):
            self.stdout.write(f"\n{table()}\n\n")

    def _now(self, text: str | None) -> datetime:
        if text is None:
            return timekeeping.now().replace(microsecond=0)
        now = parse_datetime(text)
        if now is None or timezone.is_naive(now):
            raise CommandError("--now wants a time with its zone, such as 2026-11-23T10:54:00+00:00.")
        return now

    def _progress(self, share: float, what: str) -> None:
        """A bar on a terminal, drawn when it has grown; nothing in a log file."""
        full = round(min(max(share, 0.0), 1.0) * BAR)
        bar = f"[{'#' * full}{'.' * (BAR - full)}] {what:<12}"
        if sys.stderr.isatty() and bar != self.shown:
            self.shown = bar
            self.stderr.write(f"\r{bar}", str, ending="")
