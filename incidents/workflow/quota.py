"""How many files and bytes one person adds in a day, and one incident holds: counted from the rows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from incidents.errors import OverQuota
from incidents.models import Attachment, Desk, TimelineEntry

if TYPE_CHECKING:
    from incidents.workflow.attaching import StoredFile

A_DAY = timedelta(days=1)
MEGABYTE = 1024 * 1024


def check(entry: TimelineEntry, files: Sequence["StoredFile"]) -> None:
    """Inside the verb's transaction, which holds the incident's row. Raises OverQuota."""
    desk = Desk.current()
    size = sum(file.size for file in files)
    here = Attachment.objects.filter(entry__incident=entry.incident_id)
    if _is_too_much(here, len(files), size, desk.files_per_incident, desk.megabytes_per_incident):
        raise OverQuota(
            _(
                "This incident has no room for it: at most %(files)d files and %(megabytes)d MB belong to "
                "one. Put the rest where others can fetch it, and say where."
            )
            % {"files": desk.files_per_incident, "megabytes": desk.megabytes_per_incident}
        )
    if entry.actor_id is None:
        return
    # One of a person's uploads at a time: two at once must not both see the room that is left for one.
    User.objects.select_for_update(no_key=True).filter(pk=entry.actor_id).values_list("pk").first()
    lately = Attachment.objects.filter(
        entry__actor=entry.actor_id, entry__at__gt=entry.at - A_DAY, entry__at__lte=entry.at
    )
    if _is_too_much(lately, len(files), size, desk.files_per_day, desk.megabytes_per_day):
        raise OverQuota(
            _(
                "You have sent as many files as one person may within 24 hours: %(files)d files or "
                "%(megabytes)d MB. Send these tomorrow, or ask the service desk where else to put them."
            )
            % {"files": desk.files_per_day, "megabytes": desk.megabytes_per_day}
        )


def _is_too_much(
    rows: QuerySet[Attachment], files: int, size: int, most_files: int, most_megabytes: int
) -> bool:
    held = rows.aggregate(files=Count("pk"), size=Sum("size", default=0))
    return bool(held["files"] + files > most_files or held["size"] + size > most_megabytes * MEGABYTE)
