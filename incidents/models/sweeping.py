"""What loops over rows leave for a person to see: rows that failed, and what retention removed."""

from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import policies

if TYPE_CHECKING:
    from datetime import datetime


class SetAsideQuerySet(models.QuerySet["SetAside"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Row and error may quote any incident."""
        return self if policies.sees_everything(user) else self.none()

    def waiting(self, job: str, at: "datetime") -> Self:
        """Rows that this loop leaves out for now."""
        return self.filter(job=job, retry_at__gt=at)


class SetAside(models.Model):
    """A row that a loop could not handle, kept out of its way until `retry_at`.

    Written by `incidents.sweeping`. Gone as soon as the row is handled, or is not due any more.
    """

    job = models.CharField(_("job"), max_length=60)
    row_id = models.BigIntegerField()
    label = models.CharField(_("row"), max_length=200)
    error = models.CharField(_("error"), max_length=500)
    failures = models.PositiveIntegerField(_("failures"), default=1)
    since = models.DateTimeField(_("since"))
    retry_at = models.DateTimeField(_("next try"))

    objects = SetAsideQuerySet.as_manager()

    class Meta:
        verbose_name = _("row set aside")
        verbose_name_plural = _("rows set aside")
        default_permissions = ("view", "change")
        constraints = [models.UniqueConstraint(fields=["job", "row_id"], name="set_aside_once_a_job")]

    def __str__(self) -> str:
        return f"{self.job}: {self.label}"


class RemovalKind(models.TextChoices):
    EVENTS = "events", _("Received alerts")
    MAIL = "mail", _("Received mails as they came")
    SENT = "sent", _("Words of sent mails")
    KEYS = "keys", _("Answers to repeated requests")
    DRAFTS = "drafts", _("Unsent forms")
    FILES = "files", _("Files of unsent forms")
    ORPHANS = "orphans", _("Files that no row names, set aside")
    ASIDE = "aside", _("Files that were set aside")


class Removal(models.Model):
    """What the retention sweep removed of one kind, when it last came by and in all."""

    kind = models.CharField(_("kind"), max_length=40, choices=RemovalKind, primary_key=True)
    at = models.DateTimeField(_("last sweep"))
    last = models.PositiveIntegerField(_("removed then"), default=0)
    total = models.PositiveBigIntegerField(_("removed in all"), default=0)

    class Meta:
        verbose_name = _("retention")
        verbose_name_plural = _("retention")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.get_kind_display()
