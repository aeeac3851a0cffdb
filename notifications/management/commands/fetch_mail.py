from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itsm import timekeeping
from notifications.inbound.mailbox import MailboxError, fetch
from notifications.inbound.place import mailbox


class Command(BaseCommand):
    help = "Fetches the mails that wait in the mailbox of INBOUND_MAIL_URL, as the worker does every minute."

    def handle(self, *args: object, **options: object) -> None:
        try:
            box = mailbox(settings.INBOUND_MAIL_URL)
            if box is None:
                raise CommandError("INBOUND_MAIL_URL names no mailbox that is fetched from.")
            self.stdout.write(f"{fetch(box, timekeeping.now)} mails taken.")
        except (MailboxError, ValueError) as error:
            raise CommandError(str(error)) from error
