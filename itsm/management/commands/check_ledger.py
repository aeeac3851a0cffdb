"""Prove that nothing was lost."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents import timekeeping
from incidents.models import Incident, TimelineEntry
from itsm import ledger


class Command(BaseCommand):
    help = (
        "Checks that rows, timelines, clocks and deliveries agree and that nothing is overdue. "
        "Prints each breach and exits with 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=100, help="Print at most so many breaches (100).")

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for breach in ledger.breaches(timekeeping.now()):
            count += 1
            if count <= options["most"]:
                self.stdout.write(breach)
        checked = f"{Incident.objects.count()} incidents, {TimelineEntry.objects.count()} entries"
        if count:
            raise CommandError(f"{count} breaches in {checked}.")
        self.stdout.write(f"Clean: {checked}.")
