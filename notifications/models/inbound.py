from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import TimelineEntry


class InboundOutcome(models.TextChoices):
    COMMENTED = "commented", _("Became a reply")
    IGNORED = "ignored", _("Left alone: a machine wrote it")
    REFUSED = "refused", _("Not taken")


class InboundMail(models.Model):
    """A mail that came in, once by its Message-ID, with what became of it. Kept raw unless it was taken."""

    message_id = models.CharField(_("Message-ID"), max_length=255, unique=True)
    received_at = models.DateTimeField(_("received"))
    sender = models.CharField(_("from"), max_length=320, blank=True)
    subject = models.CharField(_("subject line"), max_length=300, blank=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=InboundOutcome)
    reason = models.CharField(_("because"), max_length=300, blank=True)
    entry = models.OneToOneField(
        TimelineEntry,
        verbose_name=_("entry"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mail",
    )
    raw = models.BinaryField(null=True, blank=True)

    class Meta:
        verbose_name = _("received mail")
        verbose_name_plural = _("received mails")
        default_permissions = ("view",)
        indexes = [
            # admin list, newest first
            models.Index(fields=["-received_at", "-id"], name="inbound_newest")
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id
