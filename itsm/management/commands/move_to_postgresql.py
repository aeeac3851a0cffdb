"""Move the desk from its SQLite file to PostgreSQL."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itsm import preflight
from itsm.moving import move


class Command(BaseCommand):
    help = (
        "Copies every row of the SQLite file into an empty PostgreSQL database, in one transaction, and "
        "compares counts and ledger before it commits. Stop the desk first. The file stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="postgres://user:password@host:5432/name")

    def handle(self, *args: object, url: str, **options: object) -> None:
        try:
            with preflight.sole_use(settings.DATA_DIR):
                move(url, self.stdout.write)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write("Moved. Set DATABASE_URL to the new database and start the desk.")
