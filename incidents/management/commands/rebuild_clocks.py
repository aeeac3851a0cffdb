"""Recompute SLA clocks from the timelines."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from incidents.models import Incident
from incidents.sla.policy import load_policy_book
from incidents.sla.rebuild import rebuild


class Command(BaseCommand):
    help = (
        "Recomputes the SLA clocks of all incidents, or of those named, after a target or calendar changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", metavar="NUMBER", help="Such as INC0000123; none: all.")

    def handle(self, *args: object, **options: Any) -> None:
        incidents = Incident.objects.order_by("pk")
        if options["numbers"]:
            found = [pk for number in options["numbers"] for pk in self._find(number)]
            incidents = incidents.filter(pk__in=found)
        book = load_policy_book()
        looked_at = changed = failed = 0
        for incident in incidents.iterator(chunk_size=200):
            looked_at += 1
            try:
                with transaction.atomic():
                    changed += rebuild(incident, book)
            except Exception as error:  # noqa: BLE001 -- the other incidents are not to blame
                failed += 1
                self.stderr.write(f"{incident.number}: {type(error).__name__}: {error}")
        self.stdout.write(f"{looked_at} incidents looked at, clocks of {changed} changed.")
        if failed:
            raise CommandError(f"The clocks of {failed} incidents could not be recomputed.")

    def _find(self, number: str) -> list[int]:
        found = list(Incident.objects.with_number(number).values_list("pk", flat=True))
        if not found:
            raise CommandError(f"There is no incident {number}.")
        return found
