from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.enums import Channel

if TYPE_CHECKING:
    from datetime import datetime


class ChannelPauseQuerySet(models.QuerySet["ChannelPause"]):
    def in_force(self, at: "datetime") -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at))


class ChannelPause(models.Model):
    """A channel that waits: its server cannot be reached, or our settings for it are wrong.

    When `until` is over one delivery tries again, so a mended server needs no hand. An administrator's
    own pause has no end.
    """

    channel = models.CharField(_("channel"), max_length=20, choices=Channel, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until it is released.")
    )
    needs_mending = models.BooleanField(
        _("settings are wrong"), default=False, help_text=_("It will not get better by waiting.")
    )

    objects = ChannelPauseQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel pause")
        verbose_name_plural = _("channel pauses")

    def __str__(self) -> str:
        return f"{self.get_channel_display()}: {self.reason}"


class Heartbeat(models.Model):
    """When a part that should come by regularly last did."""

    role = models.CharField(_("part"), max_length=40, primary_key=True)
    at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.role} {self.at}"
