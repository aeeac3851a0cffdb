"""Back up the desk while it runs."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from itsm.backups import back_up
from itsm.preflight import Refusal


class Command(BaseCommand):
    help = "Copies database, files and generated key into a new folder, as they are at one moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new or empty folder")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            contents = back_up(folder)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"Backed up to {folder}: {contents}.")
