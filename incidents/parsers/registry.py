"""Which parser reads a source's bodies. A new tool is one file, and here its kind and its line."""

from collections.abc import Callable, Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from incidents.parsers import (
    alertmanager,
    cloudevents,
    cloudwatch,
    datadog,
    generic,
    google,
    nagios,
    opsgenie,
    pagerduty,
    sentry,
    uptimekuma,
    zabbix,
)
from incidents.parsers.alert import ParsedAlert, Unreadable


class SourceKind(TextChoices):
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


Parse = Callable[[object, Mapping[str, str]], list[ParsedAlert | Unreadable]]

PARSERS: Mapping[str, Parse] = {
    SourceKind.GENERIC: generic.parse,
    SourceKind.ALERTMANAGER: alertmanager.parse,
    SourceKind.GRAFANA: alertmanager.parse,
    SourceKind.ZABBIX: zabbix.parse,
    SourceKind.NAGIOS: nagios.parse,
    SourceKind.SENTRY: sentry.parse,
    SourceKind.CLOUDWATCH: cloudwatch.parse,
    SourceKind.GOOGLE: google.parse,
    SourceKind.DATADOG: datadog.parse,
    SourceKind.UPTIME_KUMA: uptimekuma.parse,
    SourceKind.CLOUDEVENTS: cloudevents.parse,
    SourceKind.PAGERDUTY: pagerduty.parse,
    SourceKind.OPSGENIE: opsgenie.parse,
}
