"""Hold every delivery after a restore, or let new ones go again."""

from argparse import ArgumentParser
from collections.abc import Callable

from django.core.management.base import BaseCommand

from itsm import restored
from notifications.delivery.hold import release_channels

DECIDE = "Deliveries, filter “In doubt since a restore”, in the admin: send each again or consider it sent"
WHAT_NOW = (
    f"All deliveries are held. What may have gone out is under {DECIDE}. "
    "manage.py hold_deliveries --release sends what is new."
)


class Command(BaseCommand):
    help = (
        "For after a restore, before the first worker starts. Nothing is sent until --release, and what "
        "may have gone out since the backup is put in doubt, for a person to decide."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--release", action="store_true", help="send what is new; what is in doubt stays")

    def handle(self, *args: object, **options: object) -> None:
        if options["release"]:
            self.release()
        else:
            hold(self.stdout.write)

    def release(self) -> None:
        if release_channels():
            self.stdout.write(f"Released: new deliveries go out. What is in doubt waits under {DECIDE}.")
        else:
            self.stdout.write("Nothing was held.")


def hold(say: Callable[[str], object]) -> None:
    say(f"{restored.hold()} deliveries are in doubt. {WHAT_NOW}")
