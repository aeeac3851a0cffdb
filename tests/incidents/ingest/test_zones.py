"""Times without a zone are those of the source."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rest_framework.test import APIClient

from incidents.ingest.reading import in_zone
from incidents.models import Alert, Incident
from incidents.parsers.alert import AlertStatus, ParsedAlert
from incidents.parsers.reading import epoch, moment
from incidents.parsers.registry import SourceKind
from tests.incidents.ingest.conftest import make_source, send
from tests.incidents.ingest.test_parsers import PAYLOADS

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def told(name: str, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body | changes


def at(starts: datetime | None = None, ends: datetime | None = None) -> ParsedAlert:
    return ParsedAlert(dedup_key="x", status=AlertStatus.FIRING, title="x", starts_at=starts, ends_at=ends)


def test_zabbix_in_new_york_is_right_to_the_second(monitoring: APIClient) -> None:
    make_source(SourceKind.ZABBIX, "ny", time_zone="America/New_York")
    send(monitoring, told("zabbix_problem"), key="ny")

    assert Incident.objects.get().started_at == utc(2026, 3, 2, 16, 5, 31)
    assert Alert.objects.get().sent_started_at == utc(2026, 3, 2, 16, 5, 31)


def test_zone_of_the_desk_holds_where_the_source_has_none(monitoring: APIClient, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    make_source(SourceKind.ZABBIX, "hh")
    send(monitoring, told("zabbix_problem"), key="hh")

    assert Incident.objects.get().started_at == utc(2026, 3, 2, 10, 5, 31)


@pytest.mark.parametrize(
    ("kind", "name"), [("uptime_kuma", "uptimekuma_down"), ("nagios", "icinga2_service_problem")]
)
def test_zone_that_is_known_or_sent_goes_before(monitoring: APIClient, kind: str, name: str) -> None:
    make_source(kind, "ny", time_zone="America/New_York")
    send(monitoring, told(name), key="ny")

    expected = {"uptime_kuma": utc(2026, 3, 2, 15, 20, 11), "nagios": utc(2026, 3, 2, 11, 10)}[kind]
    assert Incident.objects.get().started_at == expected


def test_hour_that_is_left_out_is_read_as_if_the_clock_had_not_moved() -> None:
    assert in_zone(at(datetime(2026, 3, 29, 2, 30)), BERLIN).starts_at == utc(2026, 3, 29, 1, 30)  # noqa: DTZ001 -- local


def test_hour_that_comes_twice_keeps_start_before_end() -> None:
    twice = datetime(2026, 10, 25, 2, 30)  # noqa: DTZ001 -- local

    read = in_zone(at(twice, twice), BERLIN)

    assert (read.starts_at, read.ends_at) == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30))


@pytest.mark.parametrize(
    "words", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "soon", "", "1969-01-01", None]
)
def test_what_is_no_time_is_none(words: str | None) -> None:
    assert moment(words) is None


@pytest.mark.parametrize("number", [0, -1, 1e300, "x", "nan", None, 10**17])
def test_what_is_no_second_is_none(number: Any) -> None:
    assert epoch(number) is None
