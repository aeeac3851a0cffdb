"""Remove what was kept long enough, or say what would go."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from incidents import orphans
from incidents.models import RemovalKind
from itsm import retention, timekeeping


class Command(BaseCommand):
    help = (
        "Removes raw alerts, raw mails, words of sent mails and kept answers that are older than "
        "the desk keeps them. It runs by itself every hour; --dry-run says what would go."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="remove nothing; say what would go")

    def handle(self, *args: object, **options: object) -> None:
        at = timekeeping.now()
        removed = {} if options["dry_run"] else retention.sweep(at)
        for rule, days, moment in retention.due(at):
            count = rule.older(moment).count() if options["dry_run"] else removed.get(rule.kind.value, 0)
            verb = "would go" if options["dry_run"] else "removed"
            self.stdout.write(f"{rule.kind.label}: {count:,} {verb} (older than {days} days)")
        lost = (
            sum(1 for _path in orphans.orphans(at))
            if options["dry_run"]
            else removed.get(RemovalKind.ORPHANS.value, 0)
        )
        verb = "would be set aside" if options["dry_run"] else "set aside"
        self.stdout.write(f"Files that no row names: {lost:,} {verb} in {orphans.aside()}")
