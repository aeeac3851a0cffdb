"""Set the desk up from a file: what the first steps of the admin lead through, at once."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from itsm import timekeeping
from itsm.setting_up.file import Outcome, Unreadable, read
from itsm.setting_up.sections import set_up


class Command(BaseCommand):
    help = (
        "Makes teams, people, services, calendars, targets and sources what a TOML file says; all or nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--check", action="store_true", help="Only say what is wrong and what would change."
        )

    def handle(self, *args: object, **options: Any) -> None:
        path: Path = options["file"]
        try:
            content = read(path)
        except Unreadable as error:
            raise CommandError(str(error)) from None
        with transaction.atomic():
            outcome = set_up(content, today=timezone.localdate(timekeeping.now()))
            if outcome.mistakes or options["check"]:
                transaction.set_rollback(True)
        if outcome.mistakes:
            lines = [f"{path}: {place}: {text}" for place, text in outcome.mistakes]
            raise CommandError("\n".join([*lines, "Nothing was changed."]))
        self.tell(outcome, only_checked=options["check"])

    def tell(self, outcome: Outcome, *, only_checked: bool) -> None:
        for line in outcome.done:
            self.stdout.write(line)
        if not outcome.done:
            self.stdout.write("Nothing to change: the desk is as the file says.")
            return
        if only_checked:
            self.stdout.write("Only checked; nothing was changed.")
            return
        for name, key in outcome.keys:
            self.stdout.write(
                f"Address for {name}, shown this once: {settings.BASE_URL}/api/v1/intake/{key}/"
            )
        if outcome.strangers:
            names = ", ".join(outcome.strangers)
            self.stdout.write(f"Without a password yet: {names}. Set one by: manage.py changepassword LOG-IN")
        administers = Q(is_superuser=True) | Q(groups__permissions__codename="change_desk")
        if not User.objects.filter(administers, is_active=True).exists():
            self.stdout.write("Nobody administers the desk yet: manage.py createsuperuser")
