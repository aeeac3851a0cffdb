"""Addresses that hear by webhook."""

import base64
import hashlib
import hmac
import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents.lines import Line


class Endpoint(models.Model):
    """A program that hears of what its owner may see.

    Its secret is derived from the installation's key, so no table and no backup holds it; it is
    shown when made or rotated. For a day after a rotation both the new and the old one sign.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = Line(_("name"), max_length=120, unique=True)
    url = models.URLField(
        _("address"), max_length=500, help_text=_("https only, and reachable from the internet.")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="endpoints",
        help_text=_("It hears of the incidents this person may see."),
    )
    kinds = models.JSONField(
        _("kinds"),
        default=list,
        blank=True,
        help_text=_('Such as ["opened", "resolved"]. Empty: all that is public.'),
    )
    generation = models.PositiveIntegerField(default=1, editable=False)
    rotated_at = models.DateTimeField(_("secret made"), default=timezone.now, editable=False)
    failures_since = models.DateTimeField(_("failing since"), null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, db_default=0, editable=False)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(_("switched off"), null=True, blank=True)
    disabled_why = models.CharField(_("why"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")

    def __str__(self) -> str:
        return self.name

    def secret(self, generation: int | None = None) -> bytes:
        """24 bytes no one can work out without the installation's key."""
        text = f"notifications.endpoint:{self.uuid}:{generation or self.generation}"
        return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256)[:24]

    def shown_secret(self) -> str:
        """As Standard Webhooks libraries take it."""
        return "whsec_" + base64.b64encode(self.secret()).decode()
