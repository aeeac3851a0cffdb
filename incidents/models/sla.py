"""SLA: calendars, targets and the clocks that measure them."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

import holidays
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from incidents.enums import Metric, Priority
from incidents.lines import Line
from incidents.models.catalogue import Category, Service
from incidents.models.incident import Incident
from incidents.zones import ZoneField

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: Minutes of a leap year.
LONGEST_TARGET = 366 * 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Calendar(models.Model):
    """Business hours with a name. Its hours are in `CalendarHours`, each set in force from a day on."""

    name = Line(_("name"), max_length=120, unique=True)
    time_zone = ZoneField(_("time zone"), max_length=64, default="UTC", help_text=_("IANA name."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")

    def __str__(self) -> str:
        return self.name


def validate_week(week: object) -> None:
    """`{"mon": [["09:00", "17:00"], ...], ...}`: ordered, not overlapping; `24:00` ends a day."""
    if not isinstance(week, dict) or not set(week) <= set(WEEKDAYS):
        raise ValidationError(_("Give hours by weekday: mon, tue, wed, thu, fri, sat, sun."))
    for day, spans in week.items():
        ends = [point for span in spans for point in span]
        if any(len(span) != 2 for span in spans) or ends != sorted(ends) or len(ends) != len(set(ends)):
            raise ValidationError(
                _("%(day)s: spans must be pairs in order and may not touch each other."), params={"day": day}
            )
        if any(not _is_time(point) for point in ends):
            raise ValidationError(_("%(day)s: write times as HH:MM."), params={"day": day})


def _is_time(text: object) -> bool:
    if not (isinstance(text, str) and len(text) == 5 and text[2] == ":" and (text[:2] + text[3:]).isdigit()):
        return False
    hours, minutes = int(text[:2]), int(text[3:])
    return (hours < 24 and minutes < 60) or (hours, minutes) == (24, 0)


class CalendarHours(models.Model):
    """The hours of a calendar from a day on. Earlier days keep the set that was in force then."""

    calendar = models.ForeignKey(
        Calendar, verbose_name=_("calendar"), on_delete=models.CASCADE, related_name="hours"
    )
    valid_from = models.DateField(_("valid from"))
    week = models.JSONField(
        _("week"),
        default=dict,
        help_text=_('Hours by weekday, such as {"mon": [["09:00", "17:00"]]}. A day left out is closed.'),
    )
    holiday_country = models.CharField(
        _("holidays of country"),
        max_length=2,
        blank=True,
        help_text=_("ISO 3166 code; empty: no public holidays."),
    )
    holiday_region = models.CharField(
        _("region"), max_length=10, blank=True, help_text=_("Such as HH for Hamburg.")
    )

    class Meta:
        verbose_name = _("calendar hours")
        verbose_name_plural = _("calendar hours")
        constraints = [
            models.UniqueConstraint(fields=["calendar", "valid_from"], name="calendar_hours_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}"

    def clean(self) -> None:
        """Raises ValidationError for a week no clock can read, and for holidays that nobody knows."""
        try:
            validate_week(self.week)
        except ValidationError as error:
            raise ValidationError({"week": error}) from error
        if not self.holiday_country:
            if self.holiday_region:
                raise ValidationError({"holiday_country": _("Name the country of this region.")})
            return
        regions = holidays.list_supported_countries().get(self.holiday_country)
        if regions is None:
            raise ValidationError(
                {
                    "holiday_country": _(
                        "No public holidays are known for this code. Use one such as DE or BR."
                    )
                }
            )
        if self.holiday_region and self.holiday_region not in regions:
            offered = {"regions": ", ".join(regions) or _("none")}
            raise ValidationError(
                {"holiday_region": _("Regions known for this country: %(regions)s.") % offered}
            )


class ClosedDay(models.Model):
    """A day of a calendar on which the desk is closed, beyond public holidays."""

    calendar = models.ForeignKey(
        Calendar, verbose_name=_("calendar"), on_delete=models.CASCADE, related_name="closed_days"
    )
    day = models.DateField(_("day"))
    reason = Line(_("reason"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("closed day")
        verbose_name_plural = _("closed days")
        constraints = [models.UniqueConstraint(fields=["calendar", "day"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.reason}"


class Target(models.Model):
    """How many business minutes a clock has. The most specific target in force wins."""

    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, null=True, blank=True)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.CASCADE, null=True, blank=True
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.CASCADE, null=True, blank=True
    )
    minutes = models.PositiveIntegerField(_("minutes"), help_text=_("Business minutes of the calendar."))
    calendar = models.ForeignKey(Calendar, verbose_name=_("calendar"), on_delete=models.PROTECT)
    valid_from = models.DateField(_("valid from"), help_text=_("For incidents opened from that day on."))
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("The last day."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("SLA target")
        verbose_name_plural = _("SLA targets")
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="target_takes_time"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="target_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.minutes} min"

    def clean(self) -> None:
        """Raises ValidationError where no clock would ever reach its end."""
        if (self.minutes or 0) > LONGEST_TARGET:  # a form that refused it leaves none
            too_long = _("Write at most %(most)d minutes: that is a year, day and night.")
            raise ValidationError({"minutes": too_long % {"most": LONGEST_TARGET}})


class PriorityRule(models.Model):
    """One cell of the impact x urgency matrix, in force from a day on."""

    impact = models.PositiveSmallIntegerField(_("impact"))
    urgency = models.PositiveSmallIntegerField(_("urgency"))
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority)
    valid_from = models.DateField(_("valid from"))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("priority rule")
        verbose_name_plural = _("priority matrix")
        constraints = [
            models.UniqueConstraint(fields=["impact", "urgency", "valid_from"], name="matrix_cell_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.impact} x {self.urgency}: {self.get_priority_display()}"


#: What runs out within this is due soon.
SOON = timedelta(hours=1)


def late(at: "datetime") -> Q:
    """Of incidents: with a running clock past its due time."""
    return Q(next_due_at__lte=at)


def soon(at: "datetime") -> Q:
    """Of incidents: none late, and one due soon."""
    return Q(next_due_at__gt=at, next_due_at__lte=at + SOON)


def late_or_soon(at: "datetime") -> Q:
    return late(at + SOON)


class ClockQuerySet(models.QuerySet["Clock"]):
    def due_for_notice(self, at: "datetime") -> Self:
        """Running clocks that reached a threshold not yet written down."""
        return self.filter(notice_at__lte=at)

    def running(self) -> Self:
        return self.filter(stopped_at=None, cancelled=False, due_at__isnull=False)

    def missed(self) -> Self:
        """Due time passed before it stopped. Running ones count from their breach on."""
        return self.filter(breached=True)


class Clock(models.Model):
    """A target measured on one incident. A pure function of timeline, target and calendar.

    `intervals` holds the times it ran, `[[start, end], ...]` in ISO 8601; the last end is null while
    it runs. Everything else follows from them (see `incidents.sla.clocks`).
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="clocks")
    metric = models.CharField(_("metric"), max_length=20, choices=Metric)
    target_minutes = models.PositiveIntegerField(_("target"), help_text=_("Business minutes."))
    calendar = models.ForeignKey(
        Calendar, verbose_name=_("calendar"), on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(_("started"))
    intervals = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    due_at = models.DateTimeField(_("due"), null=True, blank=True, help_text=_("Empty while it is paused."))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    breached = models.BooleanField(_("missed"), default=False)
    noticed_percent = models.PositiveSmallIntegerField(
        default=0, help_text=_("Highest threshold written to the timeline: 50, 75 or 100.")
    )
    notice_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the next threshold is reached.")
    )
    business_seconds = models.PositiveIntegerField(
        _("business time"), default=0, help_text=_("Up to the last stop.")
    )
    elapsed_seconds = models.PositiveIntegerField(
        _("elapsed time"), default=0, help_text=_("Up to the last stop.")
    )

    objects = ClockQuerySet.as_manager()

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        default_permissions = ("view",)
        constraints = [models.UniqueConstraint(fields=["incident", "metric"], name="clock_once_a_metric")]
        indexes = [
            # tasks.scan_clocks: running clocks that reached a threshold
            models.Index(fields=["notice_at"], condition=Q(notice_at__isnull=False), name="clock_notice"),
            # queue: countdown and the tab "due soon"
            models.Index(fields=["due_at"], condition=Q(stopped_at=None), name="clock_running_due"),
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.metric}"

    @property
    def is_running(self) -> bool:
        return self.stopped_at is None and self.due_at is not None

    @property
    def is_paused(self) -> bool:
        return self.stopped_at is None and self.due_at is None


def next_due_at(clocks: "Iterable[Clock]") -> "datetime | None":
    """What stands in their incident's row, so that lists are sorted by it."""
    return min((clock.due_at for clock in clocks if clock.due_at and clock.is_running), default=None)


def next_clock(clocks: "Iterable[Clock]") -> Clock | None:
    """The one to look at: what runs out first, else what is paused, else how it ended."""
    live = [clock for clock in clocks if not clock.cancelled]
    going = [clock for clock in live if clock.is_running]
    if going:
        return min(going, key=lambda clock: (clock.due_at, clock.pk))
    paused = [clock for clock in live if clock.is_paused]
    return next(iter(paused), None) or next((clock for clock in live if clock.metric == Metric.RESOLVE), None)
