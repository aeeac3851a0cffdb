"""What a body holds of links, labels and runbooks is kept and shown."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from incidents.models import Alert, Incident
from incidents.parsers import generic
from incidents.parsers.alert import ParsedAlert
from incidents.parsers.facts import MAX_LABELS, MAX_LINKS, address_of, facts
from tests.incidents.ingest.conftest import alert, make_source, send
from tests.incidents.ingest.test_parsers import KINDS, PAYLOADS

#: Of real bodies: a link and a label that must not be lost.
KEPT = {
    "alertmanager_firing_1": ("https://wiki.example/runbooks/disk-fill", "/var/lib/postgresql"),
    "grafana_firing": ("https://grafana.example/d/shop01?orgId=1&viewPanel=7", "Shop"),
    "pagerduty_v2_trigger": ("https://wiki.example/rb/payments", "prod-payments"),
    "sentry_event_alert": ("https://sentry.example/api/0/issues/1170820242/", "shop@4.2.1"),
    "datadog_triggered": ("https://app.datadoghq.eu/event/event?id=7654321098765", "shop"),
    "gcp_open": (
        "https://console.cloud.google.com/monitoring/alerting/incidents/0.opqiw61fsv7p?project=shop-prod",
        "europe-west1-b",
    ),
    "icinga2_service_problem": ("https://icinga.example/icingaweb2", "192.0.2.31"),
    "uptimekuma_down": ("https://intranet.example/login", "prod"),
    "opsgenie_create": (None, "orders.in"),
    "sns_cloudwatch_alarm": (None, "CPUUtilization"),
    "zabbix_problem": (None, "erp"),
}


@pytest.mark.parametrize("name", sorted(KEPT))
def test_links_and_labels_are_kept_and_in_the_description(monitoring: APIClient, name: str) -> None:
    link, label = KEPT[name]
    make_source(KINDS[name.split("_", maxsplit=1)[0]], "tool")
    headers = {"Sentry-Hook-Resource": "event_alert"} if name.startswith("sentry") else {}
    send(monitoring, json.loads((PAYLOADS / f"{name}.json").read_text()), key="tool", **headers)

    row, incident = Alert.objects.get(), Incident.objects.get()
    assert label in row.facts.values()
    assert label in incident.description
    if link:
        assert link in [address for _, address in row.links]
        assert link in incident.description


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "ftp://x.example", "https://", "//x.example", "https://x.example/a b", "x",
        "https://x.example/\n", "https://[", "https:\\\\x.example", "data:text/html,x",
        "https://x/" + "y" * 3000,
    ],
)  # fmt: skip
def test_only_what_a_person_may_follow_is_a_link(address: str) -> None:
    assert address_of(address) is None


def test_address_without_a_host_is_completed_by_the_tools_own() -> None:
    assert address_of("/d/1?a=b", "https://grafana.example/") == "https://grafana.example/d/1?a=b"


def test_facts_are_bounded() -> None:
    found = facts(
        {f"l{n}": "v" * 5000 for n in range(500)}, {f"a{n}": f"https://x.example/{n}" for n in range(500)}
    )

    assert (len(found["labels"]), len(found["links"])) == (MAX_LABELS, MAX_LINKS)
    assert {len(value) for value in found["labels"].values()} == {300}


def test_incident_page_and_alert_show_them(monitoring: APIClient, alice: User) -> None:
    extra: dict[str, Any] = {
        "labels": {"rack": "<b>7</b>"},
        "links": {"Runbook": "https://wiki.example/disk?a=1&b=2", "bad": "javascript:alert(1)"},
    }
    send(monitoring, alert(**extra))
    client = Client()
    client.force_login(alice)

    for page in (
        reverse("admin:incidents_incident_change", args=[Incident.objects.get().pk]),
        reverse("admin:incidents_alert_change", args=[Alert.objects.get().pk]),
    ):
        text = client.get(page).content.decode()
        assert 'href="https://wiki.example/disk?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in text
        assert "&lt;b&gt;7&lt;/b&gt;" in text
        assert "<b>7</b>" not in text
        assert 'href="javascript' not in text


def test_what_has_a_place_of_its_own_or_was_removed_is_no_label() -> None:
    told = (
        "key dedup_key dedupKey alert_uid title summary message description severity source host service url"
    )
    body = {name: f"the {name}" for name in told.split()} | {"token": "[removed]", "rack": "B12"}

    read = generic.parse(body, {})[0]

    assert isinstance(read, ParsedAlert)
    assert read.labels == {"rack": "B12"}
