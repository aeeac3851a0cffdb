"""Real bodies of thirteen tools against what a person reads in them."""

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidents.ingest.reading import in_zone
from incidents.parsers.alert import BadPayload, ParsedAlert
from incidents.parsers.registry import PARSERS, SourceKind

PAYLOADS = Path(__file__).parents[2] / "data" / "payloads"
EXPECTED = json.loads((PAYLOADS / "expected.json").read_text())
KINDS = {
    "alertmanager": SourceKind.ALERTMANAGER, "grafana": SourceKind.GRAFANA, "zabbix": SourceKind.ZABBIX,
    "nagios": SourceKind.NAGIOS, "icinga2": SourceKind.NAGIOS, "sentry": SourceKind.SENTRY,
    "sns": SourceKind.CLOUDWATCH, "gcp": SourceKind.GOOGLE, "datadog": SourceKind.DATADOG,
    "uptimekuma": SourceKind.UPTIME_KUMA, "cloudevents": SourceKind.CLOUDEVENTS,
    "pagerduty": SourceKind.PAGERDUTY, "opsgenie": SourceKind.OPSGENIE, "bad": SourceKind.ALERTMANAGER,
}  # fmt: skip
REFUSED = {"bad_wrong_types.json", "pagerduty_v2_invalid_severity.json"}
#: What of an alert the file's name or a later body tells, not this one.
GROUPS = {"group_key", "cycle_key"}


def parsed(name: str, headers: dict[str, str] | None = None) -> list[dict[str, Any]]:
    kind = KINDS[name.split("_", maxsplit=1)[0]]
    body = json.loads((PAYLOADS / name).read_text())
    found = PARSERS[kind](body, headers or EXPECTED[name]["headers"])
    return [asdict(in_zone(alert, ZoneInfo("UTC"))) for alert in found if isinstance(alert, ParsedAlert)]


def expected(alert: dict[str, Any]) -> dict[str, Any]:
    wanted = {name: value for name, value in alert.items() if name not in GROUPS}
    for name in ("starts_at", "ends_at"):
        if wanted[name]:
            at = datetime.fromisoformat(wanted[name])
            wanted[name] = at.replace(tzinfo=at.tzinfo or UTC)
    return wanted


@pytest.mark.parametrize(
    "name", sorted(set(EXPECTED) - REFUSED - {"bad_not_json.txt", "opsgenie_close.json"})
)
def test_body_reads_as_expected(name: str) -> None:
    found = parsed(name)

    wanted = [expected(alert) for alert in EXPECTED[name]["alerts"]]
    for mine, theirs in zip(found, wanted, strict=True):
        if theirs["title"] is None:
            mine["title"] = None
        assert {field: mine[field] for field in theirs} == theirs


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_body_that_can_never_be_right_is_refused(name: str) -> None:
    with pytest.raises(BadPayload):
        parsed(name)


def test_opsgenie_names_the_alert_in_the_address() -> None:
    [alert] = parsed("opsgenie_close.json", {"X-Alert-Alias": "mq-2/queue-depth", "X-Alert-Action": "close"})

    assert (alert["dedup_key"], alert["status"]) == ("mq-2/queue-depth", "resolved")


@pytest.mark.parametrize("kind", sorted(PARSERS))
@pytest.mark.parametrize(
    "body", [None, 7, "x", [], [7], {}, {"alerts": {}}, {"incident": []}, {"alerts": [None]}]
)
def test_odd_shapes_are_refused_or_empty(kind: str, body: Any) -> None:
    with suppress(BadPayload):
        assert PARSERS[kind](body, {}) == []


def test_every_kind_has_a_parser() -> None:
    assert set(PARSERS) == set(SourceKind)
