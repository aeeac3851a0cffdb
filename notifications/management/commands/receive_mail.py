import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications.inbound import receive


class Command(BaseCommand):
    help = (
        "Takes one mail from standard input: an answer to a mail of the desk becomes a reply on its incident."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Always ends well, so that no mail server bounces what we have kept."""
        mail = receive(sys.stdin.buffer.read(), at=timezone.now())
        self.stdout.write(
            f"{mail.outcome} {mail.entry.incident.number if mail.entry else mail.reason}".strip()
        )
