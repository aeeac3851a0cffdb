"""What monitoring systems say, and when they are not to be believed."""

import hashlib
import uuid
from typing import Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from incidents import limits, policies
from incidents.choices import Choice
from incidents.lines import Line
from incidents.models.catalogue import Service, Team
from incidents.models.desk_rows import DeskRowQuerySet
from incidents.models.incident import Incident, format_number
from incidents.parsers.registry import SourceKind
from incidents.zones import ZoneField


def hash_of_key(key: str) -> str:
    """How a source's key is kept and found again. Keys are long and random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


class Source(models.Model):
    """A monitoring system that may send alerts. Its key is stored as a hash."""

    name = Line(_("name"), max_length=120, unique=True)
    kind = Choice(_("kind"), max_length=20, choices=SourceKind, default=SourceKind.GENERIC)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    key_hint = models.CharField(_("key begins with"), max_length=12, blank=True, editable=False)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.SET_NULL, null=True, blank=True,
        help_text=_("For alerts that name none."),
    )  # fmt: skip
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.SET_NULL, null=True, blank=True)
    time_zone = ZoneField(
        _("time zone"), max_length=64, blank=True,
        help_text=_("Of times that are sent without one, as by Zabbix. Empty: the one of the desk."),
    )  # fmt: skip
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("alert source")
        verbose_name_plural = _("alert sources")

    def __str__(self) -> str:
        return self.name

    def heard_by(self) -> Team | None:
        """Who hears of an alert that names no service, the desk's default team aside."""
        service = self.service if self.service and self.service.is_active else None
        teams = (service.team if service else None, self.team)
        return next((team for team in teams if team is not None and team.is_active), None)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or settings.TIME_ZONE)


class AlertQuerySet(DeskRowQuerySet):
    may_be_of_none = True

    def firing(self) -> Self:
        return self.filter(ended_at=None)


class Alert(models.Model):
    """One condition as one source reports it: opened once, counted when repeated, ended once.

    `started_at` and `ended_at` are for people: the sender's word, else when it was heard. Times are
    compared by `sent_started_at` and `sent_ended_at`, which are the sender's alone, or by
    `last_seen_at`, which is ours alone.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="alerts")
    dedup_key = models.CharField(_("key"), max_length=255)
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    title = models.CharField(_("title"), max_length=limits.LINE)
    description = models.TextField(_("description"), blank=True)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    severity = models.CharField(_("worst severity as sent"), max_length=40, blank=True)
    #: place of the worst severity in ingest.severity.GRADES; 0 is the worst
    grade = models.PositiveSmallIntegerField(default=2)
    facts = models.JSONField(_("facts"), default=dict, help_text=_("Labels as the sender names them."))
    links = models.JSONField(_("links"), default=list, help_text=_("Pairs of a name and an address."))
    started_at = models.DateTimeField(_("started"))
    last_seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    sent_started_at = models.DateTimeField(
        _("started, by the sender's clock"), null=True, blank=True, help_text=_("The latest that was sent.")
    )
    sent_ended_at = models.DateTimeField(_("ended, by the sender's clock"), null=True, blank=True)
    count = models.PositiveIntegerField(
        _("times"), default=1, help_text=_("0: only its end has been heard so far.")
    )
    still_firing_told_at = models.DateTimeField(
        null=True, blank=True, help_text=_("When the desk heard that it goes on though its incident is over.")
    )

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        default_permissions = ("view",)
        constraints = [
            # ingest.correlate: of two equal alerts at once, one opens the incident
            models.UniqueConstraint(
                fields=["source", "dedup_key"], condition=Q(ended_at=None), name="alert_fires_once_a_key"
            )
        ]
        indexes = [
            # ingest: what was heard of a key before
            models.Index(fields=["source", "dedup_key"], name="alert_by_key"),
            # ingest.watching: what fires without an incident
            models.Index(fields=["id"], condition=Q(ended_at=None, incident=None), name="alert_homeless"),
        ]

    def __str__(self) -> str:
        return self.title


class IngestOutcome(models.TextChoices):
    OPENED = "opened", _("Opened")
    JOINED = "joined", _("Joined")
    SUPPRESSED = "suppressed", _("Suppressed")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    IGNORED = "ignored", _("Ignored")
    REFUSED = "refused", _("Refused")
    WAITING = "waiting", _("Waiting")


class EventStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    GIVEN_UP = "given_up", _("Given up")


class IngestEventQuerySet(models.QuerySet["IngestEvent"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Without those of an incident that this person may not know of: the body tells what it is about."""
        if not policies.sees_internal(user):
            return self.none()
        if policies.sees_everything(user):
            return self
        seen = Incident.objects.visible_to(user).values("pk")
        hidden = Incident.objects.filter(is_confidential=True).exclude(pk__in=seen)
        numbers = [format_number(pk) for pk in hidden.order_by("pk").values_list("pk", flat=True)]
        if not numbers:
            return self
        said = f'"({"|".join(numbers)})"'
        return self.annotate(said=Cast("decisions", models.TextField())).exclude(said__regex=said)


class IngestEvent(models.Model):
    """The raw log: each accepted body once, with what became of its alerts.

    Kept before its alerts are acted on. What stays WAITING, through a crash or trouble of ours, is
    taken up again when `look_again_at` has come, or when the sender sends the same body again.
    """

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField(_("received"))
    uid = models.UUIDField(_("request id"), default=uuid.uuid4, unique=True, editable=False)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    headers = models.JSONField(default=dict, help_text=_("Those that say what the body means."))
    #: of payload and headers: the same body sent again after trouble
    digest = models.CharField(max_length=64, blank=True)
    decisions = models.JSONField(
        default=list, help_text=_("One entry an alert: key, outcome, incident number.")
    )
    status = models.CharField(_("status"), max_length=10, choices=EventStatus, default=EventStatus.WAITING)
    tries = models.PositiveSmallIntegerField(_("failed tries"), default=0)
    trouble = models.CharField(_("trouble"), max_length=300, blank=True)
    look_again_at = models.DateTimeField(_("next try"), null=True, blank=True)
    emptied_at = models.DateTimeField(
        _("emptied"),
        null=True,
        blank=True,
        help_text=_("Its body was removed then; what became of it stays."),
    )

    objects = IngestEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        default_permissions = ("view",)
        indexes = [
            # ingest.receiving: what waits, and whether this body does
            models.Index(
                fields=["look_again_at"], condition=Q(status=EventStatus.WAITING), name="event_waiting"
            ),
            # retention: bodies that are old enough to go
            models.Index(fields=["received_at"], condition=Q(emptied_at=None), name="event_not_emptied"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.received_at}"


class MaintenanceWindow(models.Model):
    """Planned work: alerts of the service are recorded and open nothing."""

    service = models.ForeignKey(Service, verbose_name=_("service"), on_delete=models.CASCADE)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    reason = Line(_("reason"), max_length=limits.LINE)

    class Meta:
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="window_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.starts_at}"
