from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents.choices import Choice
from notifications.enums import Channel, Outcome

if TYPE_CHECKING:
    from datetime import datetime

#: A worker that has not been heard of for so long is gone. It speaks four times in this time.
SILENCE = timedelta(seconds=20)


class ChannelPauseQuerySet(models.QuerySet["ChannelPause"]):
    def in_force(self, at: "datetime") -> Self:
        return self.filter(Q(until=None) | Q(until__gt=at))


class ChannelPause(models.Model):
    """A channel that waits: no server, wrong settings, or nobody knows what arrives.

    When `until` is over one delivery tries again, so a mended server needs no hand. An administrator's
    own pause has no end.
    """

    channel = Choice(_("channel"), max_length=20, choices=Channel, unique=True)
    reason = models.CharField(_("reason"), max_length=300)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until it is released.")
    )
    needs_mending = models.BooleanField(
        _("settings are wrong"), default=False, help_text=_("It will not get better by waiting.")
    )

    fault = models.CharField(max_length=12, choices=Outcome, blank=True, db_default="", editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, db_default=0, editable=False)
    probe = models.ForeignKey(
        "notifications.Delivery",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
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


class WorkerQuerySet(models.QuerySet["Worker"]):
    def silent(self, at: "datetime") -> Self:
        """Dead, or as good as dead: they say that they live every few seconds."""
        return self.filter(seen_at__lte=at - SILENCE)


class Worker(models.Model):
    """A worker that has deliveries in hand. It takes its row away when it ends in good order."""

    name = models.CharField(_("name"), max_length=120, primary_key=True)
    seen_at = models.DateTimeField(_("last seen"))

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.name


class WrongClock(models.Model):
    """A machine whose clock was off when it last should have done regular work. See `itsm.ticks`."""

    host = models.CharField(_("machine"), max_length=120, primary_key=True)
    ahead = models.IntegerField(_("seconds ahead of the database"), help_text=_("Negative: behind."))
    at = models.DateTimeField(_("last seen"))

    class Meta:
        verbose_name = _("wrong clock")
        verbose_name_plural = _("wrong clocks")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.host} {self.ahead:+d} s"


class DatabaseIdentity(models.Model):
    """Which database the deliveries were last sent from: a restored copy is another. See `itsm.restored`."""

    text = models.CharField(max_length=120, primary_key=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("identity of the database")
        verbose_name_plural = _("identities of the database")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.text
