"""What callers have used up of what they may do at a time: tries, requests, reports."""

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from datetime import datetime


class BrakeKind(models.TextChoices):
    NAME_AT_ADDRESS = "name_at_address", _("Log-in with one name from one address")
    NAME = "name", _("Log-ins with one name from anywhere")
    ADDRESS = "address", _("Wrong passwords, tokens and links from one address")
    SECRET = "secret", _("A wrong token or key")
    REQUESTS = "requests", _("Requests of the REST interface")
    REPORTS = "reported", _("Reports of one person")
    REPLIES = "replied", _("Replies of one person")


#: A full one of these keeps somebody out.
LOCKS = (BrakeKind.NAME_AT_ADDRESS, BrakeKind.ADDRESS)


class TallyQuerySet(models.QuerySet["Tally"]):
    def live(self, at: "datetime") -> Self:
        return self.filter(ends_at__gt=at)

    def full(self, at: "datetime") -> Self:
        return self.live(at).filter(count__gte=F("allowed"))

    def locks(self, at: "datetime") -> Self:
        """Those that keep somebody out now."""
        return self.full(at).filter(kind__in=LOCKS)


class Tally(models.Model):
    """How often something was done since the count began; it begins again after `ends_at`.

    Written by `incidents.brakes` alone, in single statements that count and answer at once.
    """

    kind = models.CharField(_("of"), max_length=20, choices=BrakeKind)
    subject = models.CharField(_("whose"), max_length=200)
    count = models.PositiveIntegerField(_("tries"))
    allowed = models.PositiveIntegerField(_("allowed"))
    ends_at = models.DateTimeField(_("until"))

    objects = TallyQuerySet.as_manager()

    class Meta:
        verbose_name = _("lock")
        verbose_name_plural = _("locks")
        default_permissions = ("view", "delete")
        constraints = [models.UniqueConstraint(fields=["kind", "subject"], name="one_tally")]
        indexes = [
            # the sweep of counts that are over
            models.Index(fields=["ends_at"], name="tally_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
