"""`manage.py create_token alice --scope read --scope write`: a key for a program, shown once."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.models import ApiToken, Scope


class Command(BaseCommand):
    help = "Makes an API token that acts for a person, and prints it once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="The account it acts for.")
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, dest="scopes", help="Default: read."
        )
        parser.add_argument("--name", default="command line", help="The program that uses it.")
        parser.add_argument(
            "--days", type=int, default=90, help="Days until it expires; 0: never. Default: 90."
        )

        parser.add_argument(
            "--outlives-password",
            action="store_true",
            help="It goes on when its person gets a new password. Default: it ends then.",
        )

    def handle(self, **options: Any) -> None:
        person = User.objects.filter(username=options["user"], is_active=True).first()
        if person is None:
            raise CommandError(f"There is no active account “{options['user']}”.")
        token, key = ApiToken.objects.create(
            user=person,
            name=options["name"][:120],
            scopes=options["scopes"] or [Scope.READ.value],
            expiry=timedelta(days=options["days"]) if options["days"] else None,
            outlives_password=options["outlives_password"],
        )
        until = f"until {token.expiry:%Y-%m-%d}" if token.expiry else "until it is revoked"
        self.stderr.write(f"Acts for {person.username} ({', '.join(token.scopes)}) {until}. Shown only now:")
        self.stdout.write(key)
