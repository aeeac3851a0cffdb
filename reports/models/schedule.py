"""When a report is due, by the clock on the wall of a place."""

from datetime import date, datetime, time
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from incidents.lines import Line
from incidents.models import Service, Team
from incidents.zones import ZoneField
from reports import periods
from reports.enums import Kind, Weekday


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def active(self) -> Self:
        return self.filter(is_active=True)


class Schedule(models.Model):
    """A report that makes and mails itself. Each slot, a day of the wall clock, is made once."""

    name = Line(_("name"), max_length=120, unique=True)
    kind = models.CharField(
        _("period"),
        max_length=10,
        choices=[(kind.value, kind.label) for kind in (Kind.WEEKLY, Kind.MONTHLY)],
        default=Kind.WEEKLY,
        help_text=_("The last whole week, or the last whole month, before it is made."),
    )
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday, default=Weekday.MONDAY, help_text=_("For weekly reports.")
    )
    day = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("For monthly reports; 1 to 28."),
    )
    hour = models.PositiveSmallIntegerField(_("hour"), default=7, validators=[MaxValueValidator(23)])
    zone = ZoneField(
        _("time zone"),
        max_length=64,
        default="UTC",
        help_text=_("IANA name. Days and weeks begin at its midnight."),
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Empty: all."),
    )
    service = models.ForeignKey(
        Service,
        verbose_name=_("service"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        help_text=_("Empty: all."),
    )
    with_confidential = models.BooleanField(
        _("with confidential incidents"),
        default=False,
        db_default=False,
        help_text=_("Then only those get and see it who may read the confidential incidents of all teams."),
    )
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("readers"),
        related_name="report_schedules",
        blank=True,
        help_text=_("They get it by mail, as long as they may read reports."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    since = models.DateTimeField(
        _("since"), help_text=_("Slots before that time are not made up for."), editable=False
    )

    objects = ScheduleQuerySet.as_manager()
    history = HistoricalRecords(m2m_fields=[readers])

    class Meta:
        verbose_name = _("report schedule")
        verbose_name_plural = _("report schedules")
        constraints = [
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=28), name="schedule_day_in_every_month"),
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def when(self) -> str:
        """Such as `Monday 07:00` or `day 1, 07:00`."""
        if self.kind == Kind.WEEKLY:
            return f"{self.get_weekday_display()} {self.hour:02d}:00"
        return gettext("day %(day)d, %(hour)02d:00") % {"day": self.day, "hour": self.hour}

    @property
    def place(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def latest_slot(self, at: datetime) -> date:
        """The last day whose hour has come by `at`; slots missed before it stay missed."""
        if self.kind == Kind.WEEKLY:
            return periods.latest_weekly_slot(at, weekday=self.weekday, hour=self.hour, zone=self.place)
        return periods.latest_monthly_slot(at, day=self.day, hour=self.hour, zone=self.place)

    def due_at(self, slot: date) -> datetime:
        return periods.wall_clock(slot, time(self.hour), self.place)

    def period(self, slot: date) -> periods.Period:
        """What the report of that slot is about: the last whole week or month before that day."""
        if self.kind == Kind.WEEKLY:
            return periods.previous(periods.week_of(slot, self.place))
        return periods.previous(periods.month_of(slot, self.place))
