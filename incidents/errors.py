"""Refusals. Each message is fit for the person who asked; doors turn them into form errors or problems."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: What PostgreSQL and SQLite call a statement that was stopped.
STOPPED = ("57014", "interrupted")


def took_too_long(error: BaseException) -> bool:
    """Whether the database stopped a statement that outlasted its time, rather than being away."""
    return getattr(error.__cause__, "sqlstate", None) == STOPPED[0] or str(error) == STOPPED[1]


class Refused(Exception):
    """A business rule said no. Nothing was written."""

    code = "refused"
    #: Of the page that shows the form again.
    page_status = 200

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class IllegalTransition(Refused):
    code = "illegal-transition"


class StaleIncident(Refused):
    """Somebody else changed the incident since it was read."""

    code = "stale-incident"

    def __init__(self, number: str) -> None:
        super().__init__(
            _(
                "%(number)s was changed by somebody else since you opened it. "
                "Look at what is new, then send your change again."
            )
            % {"number": number}
        )


class StaleReview(StaleIncident):
    """Somebody else changed the review since it was read."""

    def __init__(self, number: str) -> None:
        Refused.__init__(
            self,
            _(
                "The review of %(number)s was changed by somebody else since you opened it. "
                "Read what it says now, then send your change again."
            )
            % {"number": number},
        )


class NotAllowed(Refused):
    code = "not-allowed"


class ConfirmationNeeded(Refused):
    """It can be done, and has a consequence that wants an explicit yes; `questions` name them."""

    code = "confirmation-needed"

    def __init__(self, questions: Sequence[str]) -> None:
        super().__init__(" ".join(questions))
        self.questions = tuple(questions)


class Invalid(Refused):
    """What was asked for is incomplete or contradicts itself; `fields` names what to mend."""

    code = "invalid"

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class TooMany(Refused):
    """As much as one may within a time; `wait` is in seconds."""

    code = "too-many-requests"
    page_status = 429

    def __init__(self, message: str, *, until: datetime, at: datetime) -> None:
        self.wait = max(1, ceil((until - at).total_seconds()))
        minutes = max(1, ceil((until - at) / timedelta(minutes=1)))
        again = ngettext("Try again in %(n)d minute.", "Try again in %(n)d minutes.", minutes)
        super().__init__(f"{message} {again % {'n': minutes}}")


class OverQuota(Invalid):
    """More files than a person or an incident may have."""

    code = "over-quota"
    page_status = 413

    def __init__(self, message: str) -> None:
        super().__init__({"attachments": message})


class NoRoom(Refused):
    """The disk is full."""

    code = "no-room"
    page_status = 507

    def __init__(self) -> None:
        super().__init__(
            _("The desk has no room for files at the moment. Send it without them, or again later.")
        )
