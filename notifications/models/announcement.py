from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.models import TimelineEntry


class Announcement(models.Model):
    """The receipt of one entry's expansion: how many deliveries it was due.

    Written with the deliveries and the entry's `announced_at` in one transaction, so the ledger can
    prove that each announced entry has exactly its deliveries. Imported history has none.
    """

    entry = models.OneToOneField(
        TimelineEntry, on_delete=models.PROTECT, related_name="announcement", primary_key=True
    )
    expected = models.PositiveIntegerField(_("deliveries due"))
    at = models.DateTimeField(_("at"))
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        default_permissions = ("view",)
        indexes = [
            # incidents.anchors: what no page of the ledger seals yet
            models.Index(fields=["entry"], condition=Q(anchor=None), name="announcement_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.expected}"
