"""Alerts that were never heard before are decided together, as each would be by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.ingest import beginning, correlate, receiving
from incidents.models import Alert, Incident, IngestEvent, MaintenanceWindow, Service, Source
from itsm.ledger import breaches
from tests.incidents.ingest.conftest import send


def alerts(count: int, first: int = 0, **said: Any) -> list[dict[str, Any]]:
    return [
        {"dedup_key": f"k{first + n}", "status": "firing", "title": f"T{n}", **said} for n in range(count)
    ]


def statements(monitoring: APIClient, body: Any) -> int:
    with CaptureQueriesContext(connection) as asked:
        send(monitoring, body)
    return len(asked)


@pytest.mark.usefixtures("source")
def test_twenty_new_alerts_cost_as_many_statements_as_one(monitoring: APIClient) -> None:
    send(monitoring, alerts(1))

    one, twenty = statements(monitoring, alerts(1, 100)), statements(monitoring, alerts(20, 200))

    assert (one, twenty) == (16, 16)
    assert Incident.objects.count() == Alert.objects.count() == 22


@pytest.mark.usefixtures("source")
def test_the_books_are_in_order_afterwards(monitoring: APIClient) -> None:
    send(monitoring, alerts(5, severity="critical"))

    assert list(breaches(timezone.now())) == []
    assert Incident.objects.filter(next_due_at__isnull=False, alerts__count=1).count() == 5


def test_each_goes_where_it_would_go_by_itself(monitoring: APIClient, source: Source, vpn: Service) -> None:
    shop = Service.objects.create(name="Shop", team=vpn.team)
    now = timezone.now()
    MaintenanceWindow.objects.create(service=shop, starts_at=now - timedelta(1), ends_at=now + timedelta(1))
    send(monitoring, alerts(1))
    body = [
        {"dedup_key": "k0", "status": "firing", "title": "Heard before"},
        {"dedup_key": "in the shop", "status": "firing", "title": "Shop", "service": "SHOP"},
        {"dedup_key": "by name", "status": "firing", "title": "Tunnel", "service": vpn.name.upper()},
        {"dedup_key": "twice", "status": "firing", "title": "Twice"},
        {"dedup_key": "twice", "status": "firing", "title": "Twice"},
        {"dedup_key": "over", "status": "resolved", "title": "Over"},
        {"status": "firing", "title": "Without a key"},
    ]

    decisions = send(monitoring, body)

    assert [told["outcome"] for told in decisions] == [
        "joined", "suppressed", "opened", "opened", "joined", "ignored", "opened",
    ]  # fmt: skip
    assert Alert.objects.get(dedup_key="by name").incident.service == vpn  # type: ignore[union-attr]


@pytest.mark.usefixtures("source")
def test_what_goes_wrong_together_is_decided_one_by_one(
    monitoring: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process has heard one of them in the same moment."""

    def late_look(keys: Any, *_: Any) -> dict[str, Any]:
        Alert.objects.bulk_create(
            [correlate.draft(keys["k1"], key="k1", source=Source.objects.get(), at=now)]
        )
        return whole(keys, *_)

    now, whole = timezone.now(), beginning._begin
    monkeypatch.setattr(beginning, "_begin", late_look)

    decisions = send(monitoring, alerts(3))

    assert [told["outcome"] for told in decisions] == ["opened"] * 3
    assert Incident.objects.count() == Alert.objects.count() == 3


@pytest.mark.usefixtures("source")
def test_what_was_begun_before_time_was_up_is_told_and_not_done_again(
    monitoring: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning, "BATCH", 2)
    ticks = iter([0.0, 1.0, 1.0, *[1000.0] * 20])
    monkeypatch.setattr(receiving, "monotonic", lambda: next(ticks))

    first = send(monitoring, alerts(6))
    monkeypatch.undo()
    receiving.work_off_waiting(timezone.now() + timedelta(seconds=1))

    assert [told["outcome"] for told in first] == ["opened"] * 4 + ["waiting"] * 2
    assert {told["outcome"] for told in IngestEvent.objects.get().decisions} == {"opened"}
    assert set(Alert.objects.values_list("count", flat=True)) == {1}


@pytest.mark.usefixtures("source")
def test_what_other_batches_came_to_stands_when_one_fails(
    monitoring: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = beginning._begin

    def fails_for_the_last(keys: dict[str, Any], *more: Any) -> dict[str, Any]:
        if "k5" in keys:
            raise RuntimeError("The database is full.")
        return whole(keys, *more)

    monkeypatch.setattr(beginning, "BATCH", 2)
    monkeypatch.setattr(beginning, "_begin", fails_for_the_last)

    decisions = send(monitoring, alerts(6))

    assert [told["outcome"] for told in decisions] == ["opened"] * 6
    assert set(Alert.objects.values_list("count", flat=True)) == {1}


@pytest.mark.usefixtures("source")
def test_alerts_that_are_all_in_maintenance_are_no_trouble(
    monitoring: APIClient, vpn: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    MaintenanceWindow.objects.create(service=vpn, starts_at=now - timedelta(1), ends_at=now + timedelta(1))
    monkeypatch.setattr(receiving, "decide", pytest.fail)

    decisions = send(monitoring, alerts(3, service=vpn.name))

    assert [told["outcome"] for told in decisions] == ["suppressed"] * 3
