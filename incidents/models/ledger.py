"""What the ledger keeps of itself: seals over what was written, and when it was last checked."""

from typing import Self

from django.contrib.auth.models import AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents import policies


class AnchorQuerySet(models.QuerySet["Anchor"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """They count what happens to every incident."""
        return self if policies.sees_everything(user) else self.none()

    def newest(self) -> "Anchor | None":
        return self.order_by("-number").first()

    def in_order(self) -> Self:
        return self.order_by("number")


class Anchor(models.Model):
    """A sealed page of the ledger: rows that were new, each with its digest, bound to the page before.

    Written by `incidents.anchors` alone, never changed. `seal` needs the key of the installation.
    """

    number = models.PositiveBigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("at"))
    prev = models.CharField(max_length=64, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    #: one row a line: kind, primary key, SHA-256 of what is kept of it, name
    lines = models.TextField(_("lines"))
    digest = models.CharField(max_length=64)
    key = models.CharField(_("key"), max_length=8, help_text=_("Which key sealed it; not the key itself."))
    seal = models.CharField(max_length=64)

    objects = AnchorQuerySet.as_manager()

    class Meta:
        verbose_name = _("sealed page of the ledger")
        verbose_name_plural = _("sealed pages of the ledger")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.head

    @property
    def head(self) -> str:
        """The line that is printed, mailed and given back to `check_ledger --head`: number and 128 bits."""
        return f"{self.number}-" + "-".join(self.digest[start : start + 8] for start in range(0, 32, 8))


class LedgerCheckQuerySet(models.QuerySet["LedgerCheck"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A breach may quote any incident."""
        return self if policies.sees_everything(user) else self.none()


class LedgerCheck(models.Model):
    """The last check of the whole ledger by the desk itself. One row."""

    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"))
    incidents = models.PositiveIntegerField(_("incidents"))
    entries = models.PositiveBigIntegerField(_("entries"))
    breaches = models.PositiveIntegerField(_("breaches"))
    lines = models.JSONField(_("what is wrong"), default=list, encoder=DjangoJSONEncoder)

    objects = LedgerCheckQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of the ledger")
        verbose_name_plural = _("checks of the ledger")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.ended_at:%Y-%m-%d %H:%M} {self.breaches}"
