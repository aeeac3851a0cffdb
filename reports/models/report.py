"""A report as it was made: its numbers never change afterwards."""

from datetime import datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents import policies
from incidents.models import Service, Team
from reports import periods
from reports.enums import Kind
from reports.models.schedule import Schedule

#: A report nobody finished in that time is begun anew.
LEASE = timedelta(minutes=11)
#: After so many tries it stays undone, for a person to look at.
TRIES = 3


#: The right to read reports at all.
READ = "reports.view_report"


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those that count confidential incidents only for who may read all of these."""
        if not (user.is_active and user.has_perm(READ)):
            return self.none()
        return self if policies.sees_everything(user) else self.filter(with_confidential=False)

    def made(self) -> Self:
        return self.exclude(made_at=None)

    def to_make(self, at: datetime) -> Self:
        """Asked for, and with nobody at it."""
        idle = Q(begun_at=None) | Q(begun_at__lt=at - LEASE)
        return self.filter(idle, made_at=None, tries__lt=TRIES)

    def given_up(self) -> Self:
        return self.filter(made_at=None, tries__gte=TRIES)

    def unannounced(self) -> Self:
        """Made, and its readers not told."""
        return self.made().filter(announced_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-requested_at", "-pk")


class Report(models.Model):
    """Written by `reports.lifecycle` alone. `content` holds all numbers with their definitions.

    The row is the order for it as well: without `made_at` it waits to be made.
    """

    kind = models.CharField(_("period"), max_length=10, choices=Kind)
    first = models.DateField(_("first day"))
    after = models.DateField(_("day after the last"))
    zone = models.CharField(_("time zone"), max_length=64)
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.PROTECT, null=True, blank=True)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.PROTECT, null=True, blank=True
    )
    with_confidential = models.BooleanField(_("with confidential incidents"), default=False, db_default=False)
    schedule = models.ForeignKey(
        Schedule,
        verbose_name=_("schedule"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reports",
    )
    slot = models.DateField(_("slot"), null=True, blank=True, help_text=_("The day it was due."))
    late = models.BooleanField(
        _("late"), default=False, help_text=_("Made more than an hour after it was due.")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("requested by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty: its schedule."),
    )
    requested_at = models.DateTimeField(_("requested"))
    begun_at = models.DateTimeField(_("begun"), null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(_("made"), null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name=_("readers"), related_name="reports_to_read", blank=True
    )
    content = models.JSONField(default=dict)
    anchor = models.PositiveBigIntegerField(null=True, blank=True, editable=False)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        default_permissions = ("view", "add")
        constraints = [
            models.UniqueConstraint(fields=["schedule", "slot"], name="report_once_a_slot"),
            models.CheckConstraint(condition=Q(after__gt=F("first")), name="report_of_at_least_a_day"),
        ]
        indexes = [
            # tasks.tick: what is to make or to tell; empty on a quiet desk
            models.Index(
                fields=["id"], condition=Q(made_at=None) | Q(announced_at=None), name="report_unfinished"
            ),
            # the list of reports
            models.Index(fields=["-requested_at", "-id"], name="report_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.period.name}"

    @property
    def period(self) -> periods.Period:
        zone = ZoneInfo(self.zone)
        if self.kind == Kind.WEEKLY:
            return periods.week_of(self.first, zone)
        if self.kind == Kind.MONTHLY:
            return periods.month_of(self.first, zone)
        return periods.span(self.first, self.after, zone)

    @property
    def gave_up(self) -> bool:
        return self.made_at is None and self.tries >= TRIES
