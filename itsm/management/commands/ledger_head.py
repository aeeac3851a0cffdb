"""The head of the ledger, to be kept where nobody can write who can write the database."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from incidents.anchors import pages
from incidents.models import Anchor
from itsm import sealing, timekeeping


class Command(BaseCommand):
    help = (
        "Seals what is new and prints the head of the ledger as one line. Keep it on paper, in another "
        "system or in a file that is only appended to; `check_ledger --head LINE_OR_FILE` takes it back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="Print the head of every page.")
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="Go on under the present key though the newest page is sealed with another: once, after a "
            "key was lost. Run `check_ledger` first, and compare with a head kept outside.",
        )

    def handle(self, *args: object, **options: object) -> None:
        at = timekeeping.now()
        if options["adopt"]:
            pages.adopt(at=at)
        try:
            sealing.seal(at)
        except pages.NotOurs as refusal:
            raise CommandError(
                f"{refusal} If SECRET_KEY was changed, put the old one into SECRET_KEY_FALLBACKS until a "
                "page is made; if the old one is lost, use --adopt once."
            ) from refusal
        sealed = Anchor.objects.in_order() if options["all"] else Anchor.objects.order_by("-number")[:1]
        if not sealed:
            raise CommandError("Nothing is sealed yet: there is nothing in the ledger.")
        for page in sealed.defer("lines").iterator():
            self.stdout.write(f"{page.head} {page.at:%Y-%m-%dT%H:%M:%SZ}")
