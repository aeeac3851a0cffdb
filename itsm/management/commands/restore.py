"""Bring a backup back, into an empty place."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itsm import preflight
from itsm.backups import bring_back


class Command(BaseCommand):
    help = (
        "Brings back a folder that `backup` made, into an empty DATA_DIR and an empty database. "
        "A desk that is started on it holds all deliveries: see hold_deliveries."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="what `backup` made")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            preflight.require_writable(settings.DATA_DIR)
            with preflight.sole_use(settings.DATA_DIR):
                contents = bring_back(folder)
        except preflight.Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(
            f"Restored as of {contents.made_at}: {contents}. Now: manage.py migrate, check_ledger."
        )
