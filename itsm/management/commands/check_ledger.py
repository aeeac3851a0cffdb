"""Prove that nothing was lost, and that nothing was changed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidents.anchors.proving import NoHead, heads_in
from itsm import checking, ledger, timekeeping


class Command(BaseCommand):
    help = (
        "Checks that rows, timelines, findings, files, clocks and deliveries agree, that what was sealed is "
        "as it was, and that nothing is overdue. Prints each breach and exits with 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--most", type=int, default=100, help="Print at most so many breaches (100).")
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            help="A line of `ledger_head` or of a mailed report, or a file of them: kept outside, it shows "
            "whether the end of the ledger was cut off or written anew. May be given several times.",
        )
        parser.add_argument(
            "--no-files", action="store_true", help="Do not read the attached files: faster, and proves less."
        )

    def handle(self, *args: object, **options: Any) -> None:
        heads = {}
        for given in options["head"]:
            heads.update(read_heads(given))
        began, found = timekeeping.now(), []
        count = 0
        for breach in ledger.breaches(began, heads=heads, files=not options["no_files"]):
            count += 1
            found += [breach] if count <= checking.MOST else []
            if count <= options["most"]:
                self.stdout.write(breach)
        row = checking.keep(began=began, ended=timekeeping.now(), count=count, lines=found)
        checked = f"{row.incidents} incidents, {row.entries} entries"
        if count:
            raise CommandError(f"{count} breaches in {checked}.")
        outside = f", {len(heads)} heads kept outside" if heads else ""
        self.stdout.write(f"Clean: {checked}{outside}.")


def read_heads(given: str) -> dict[int, str]:
    """Raises CommandError for a file that cannot be read, and where there is no head in it."""
    path = Path(given)
    try:
        text = path.read_text(errors="replace") if path.exists() else given
        return heads_in(text)
    except OSError as error:
        raise CommandError(f"{given} cannot be read: {error.strerror}.") from error
    except NoHead:
        raise CommandError(
            f"{given} holds no head. One looks like 12-0123abcd-4567abcd-89abcdef-01234567."
        ) from None
