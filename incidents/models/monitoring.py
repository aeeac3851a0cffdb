"""What monitoring systems say, and when they are not to be believed."""

import hashlib
from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.models.catalogue import Service, Team
from incidents.models.incident import Incident


class SourceKind(models.TextChoices):
    GENERIC = "generic", _("Generic JSON")
    ALERTMANAGER = "alertmanager", _("Prometheus Alertmanager")
    GRAFANA = "grafana", _("Grafana")
    ZABBIX = "zabbix", _("Zabbix")
    NAGIOS = "nagios", _("Nagios or Icinga")
    SENTRY = "sentry", _("Sentry")
    CLOUDWATCH = "cloudwatch", _("Amazon CloudWatch by SNS")
    GOOGLE = "google", _("Google Cloud Monitoring")
    DATADOG = "datadog", _("Datadog")
    UPTIME_KUMA = "uptime_kuma", _("Uptime Kuma")
    CLOUDEVENTS = "cloudevents", _("CloudEvents")
    PAGERDUTY = "pagerduty", _("PagerDuty Events v2")
    OPSGENIE = "opsgenie", _("Opsgenie")


def hash_of_key(key: str) -> str:
    """How a source's key is kept and found again. Keys are long and random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


class Source(models.Model):
    """A monitoring system that may send alerts. Its key is stored as a hash."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind, default=SourceKind.GENERIC)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    key_hint = models.CharField(_("key begins with"), max_length=12, blank=True, editable=False)
    service = models.ForeignKey(
        Service, verbose_name=_("service"), on_delete=models.SET_NULL, null=True, blank=True,
        help_text=_("For alerts that name none."),
    )  # fmt: skip
    team = models.ForeignKey(Team, verbose_name=_("team"), on_delete=models.SET_NULL, null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("alert source")
        verbose_name_plural = _("alert sources")

    def __str__(self) -> str:
        return self.name


class AlertQuerySet(models.QuerySet["Alert"]):
    def firing(self) -> Self:
        return self.filter(ended_at=None)


class Alert(models.Model):
    """One condition as one source reports it: opened once, counted when repeated, ended once."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="alerts")
    dedup_key = models.CharField(_("key"), max_length=255)
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="alerts"
    )
    title = models.CharField(_("title"), max_length=200)
    severity = models.CharField(_("severity as sent"), max_length=40, blank=True)
    started_at = models.DateTimeField(_("started"))
    last_seen_at = models.DateTimeField(_("last seen"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    count = models.PositiveIntegerField(_("times"), default=1)

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

    def __str__(self) -> str:
        return self.title


class IngestOutcome(models.TextChoices):
    OPENED = "opened", _("Opened")
    JOINED = "joined", _("Joined")
    SUPPRESSED = "suppressed", _("Suppressed")
    RESOLVED = "resolved", _("Resolved")
    REOPENED = "reopened", _("Reopened")
    IGNORED = "ignored", _("Ignored")


class IngestEvent(models.Model):
    """The raw log: each accepted body once, with what became of its alerts."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="events")
    received_at = models.DateTimeField(_("received"))
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    decisions = models.JSONField(
        default=list, help_text=_("One entry an alert: key, outcome, incident number.")
    )

    class Meta:
        verbose_name = _("received event")
        verbose_name_plural = _("received events")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.source_id} {self.received_at}"


class MaintenanceWindow(models.Model):
    """Planned work: alerts of the service are recorded and open nothing."""

    service = models.ForeignKey(Service, verbose_name=_("service"), on_delete=models.CASCADE)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="window_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.starts_at}"
