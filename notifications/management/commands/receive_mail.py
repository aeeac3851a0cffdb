import sys

from django.core.management.base import BaseCommand

from itsm import timekeeping
from notifications.inbound.receiving import receive

#: sysexits.h: keep it, and hand it over again later.
TEMPORARY_FAILURE = 75


class Command(BaseCommand):
    help = (
        "Takes one mail from standard input, as a mail server hands it over: an answer to a mail of the desk "
        "becomes a reply on its incident, any other waits for a person. Ends with 0 once the mail is kept, "
        "with 75 (try again later) when it could not be."
    )
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        raw = sys.stdin.buffer.read()
        try:
            mail = receive(raw, at=timekeeping.now())
        except Exception as fault:  # noqa: BLE001 -- whatever it is, the mail server has to keep what we did not
            self.stderr.write(f"Not kept, try again later: {type(fault).__name__}: {fault}")
            sys.exit(TEMPORARY_FAILURE)
        self.stdout.write(
            f"{mail.outcome} {mail.entry.incident.number if mail.entry else mail.reason}".strip()
        )
