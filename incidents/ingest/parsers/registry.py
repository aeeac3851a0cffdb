"""Which parser reads a source's bodies. A new tool is one file, one line here and its kind."""

from collections.abc import Callable, Mapping
from typing import Any

from incidents.ingest.parsers import (
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
from incidents.ingest.parsers.alert import ParsedAlert, Unreadable
from incidents.models.monitoring import SourceKind

Parse = Callable[[Any, Mapping[str, str]], list[ParsedAlert | Unreadable]]

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
