"""Our own trouble is never the sender's fault, and loses nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.ingest import receiving
from incidents.models import Alert, Incident, IngestEvent, PriorityRule, Source
from incidents.models.monitoring import EventStatus
from incidents.parsers.registry import PARSERS, SourceKind
from notifications.health import pipeline_health
from tests.incidents.ingest.conftest import KEY, alert, outcomes, send

INTAKE = f"/api/v1/intake/{KEY}/"
SOON = timedelta(minutes=2)


@pytest.fixture
def gap(monitoring: APIClient) -> PriorityRule:
    """The matrix has no row for what is critical."""
    rule = PriorityRule.objects.get(impact=1, urgency=1)
    rule.delete()
    rule.pk = None
    return rule


def post(client: APIClient, body: Any) -> Any:
    client.raise_request_exception = False
    return client.post(INTAKE, body, format="json")


def test_gap_in_the_matrix_is_our_trouble_and_the_body_stays(
    monitoring: APIClient, gap: PriorityRule
) -> None:
    answer = post(monitoring, alert())

    event = IngestEvent.objects.get()
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer["Content-Type"] == "application/problem+json"
    assert (event.status, event.tries) == (EventStatus.WAITING, 1)
    assert event.payload["title"] == "Disk is full"
    assert "matrix" in event.trouble


def test_trouble_with_one_alert_does_not_stop_the_others(monitoring: APIClient, gap: PriorityRule) -> None:
    answer = post(monitoring, [alert(key="1"), alert(key="2", severity="info"), alert(key="3")])

    decisions = IngestEvent.objects.get().decisions
    assert answer.status_code == 503
    assert outcomes(decisions) == ["waiting", "opened", "waiting"]


def test_what_waited_is_worked_off_when_the_trouble_is_over(monitoring: APIClient, gap: PriorityRule) -> None:
    post(monitoring, [alert(key="1"), alert(key="2", severity="info")])
    gap.save()

    early = receiving.work_off_waiting(timezone.now())
    taken = receiving.work_off_waiting(timezone.now() + SOON)

    event = IngestEvent.objects.get()
    assert (early, taken, event.status, event.trouble) == (0, 1, EventStatus.DONE, "")
    assert outcomes(event.decisions) == ["opened", "opened"]
    assert Incident.objects.count() == 2


def test_same_body_sent_again_finishes_the_one_that_waits(monitoring: APIClient, gap: PriorityRule) -> None:
    """Also of an alert without a key: it is not opened twice."""
    make = {"title": "No key", "severity": "critical"}
    Source.objects.update(kind=SourceKind.OPSGENIE)
    body = {"message": "No key", "priority": "P1", **make}
    post(monitoring, body)
    gap.save()
    answer = post(monitoring, body)
    receiving.work_off_waiting(timezone.now() + timedelta(days=1))

    assert answer.status_code == 202
    assert (IngestEvent.objects.count(), Incident.objects.count(), Alert.objects.get().count) == (1, 1, 1)


def test_late_work_bows_to_what_was_heard_since(monitoring: APIClient, gap: PriorityRule) -> None:
    post(monitoring, alert())
    gap.save()
    send(monitoring, alert(title="Disk is fuller"))
    send(monitoring, alert(status="resolved"))
    receiving.work_off_waiting(timezone.now() + SOON)

    assert outcomes(IngestEvent.objects.order_by("pk")[0].decisions) == ["ignored"]
    assert Alert.objects.firing().count() == 0


def test_crash_between_keeping_and_deciding_loses_nothing(monitoring: APIClient, source: Source) -> None:
    at = timezone.now()
    kept: dict[str, Any] = {"received_at": at, "look_again_at": at + receiving.LEASE}
    event = IngestEvent.objects.create(source=source, payload=alert(), headers={}, **kept)
    alerts = receiving.read(event.payload, source=source, headers={})
    receiving._keep(event, alerts)  # and here the process dies

    early = receiving.work_off_waiting(at + timedelta(minutes=1))
    taken = receiving.work_off_waiting(at + receiving.LEASE)

    assert (early, taken) == (0, 1)
    assert Incident.objects.get().title == "Disk is full"


def test_fault_of_a_parser_is_ours(monitoring: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_body: Any, _headers: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setitem(PARSERS, SourceKind.GENERIC, breaks)  # type: ignore[arg-type]
        answer = post(monitoring, alert())
    receiving.work_off_waiting(timezone.now() + SOON)

    event = IngestEvent.objects.get()
    assert answer.status_code == 503
    assert (event.status, outcomes(event.decisions)) == (EventStatus.DONE, ["opened"])


def test_body_that_fails_again_and_again_is_given_up_and_named(
    monitoring: APIClient, gap: PriorityRule
) -> None:
    post(monitoring, alert())
    at = timezone.now()
    for day in range(receiving.MAX_TRIES + 3):
        receiving.work_off_waiting(at + timedelta(days=day + 1))

    event = IngestEvent.objects.get()
    assert (event.status, event.tries) == (EventStatus.GIVEN_UP, receiving.MAX_TRIES)
    assert "1 bodies of alerts were given up: see the received events" in pipeline_health(at).faults


def test_one_body_that_fails_does_not_stop_the_next(monitoring: APIClient, gap: PriorityRule) -> None:
    post(monitoring, alert(key="bad"))
    post(monitoring, alert(key="good"))
    gap.save()
    IngestEvent.objects.filter(pk=IngestEvent.objects.earliest("pk").pk).update(payload=7)

    assert receiving.work_off_waiting(timezone.now() + SOON) == 2
    assert Alert.objects.get().dedup_key == "good"
    assert [event.tries for event in IngestEvent.objects.order_by("pk")] == [2, 1]


def test_what_takes_too_long_is_accepted_and_worked_off_later(
    monitoring: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "PATIENCE", -1.0)
        decisions = send(monitoring, alert())
    receiving.work_off_waiting(timezone.now() + timedelta(seconds=1))

    assert outcomes(decisions) == ["waiting"]
    assert outcomes(IngestEvent.objects.get().decisions) == ["opened"]


def test_outcomes_add_up(monitoring: APIClient) -> None:
    """As many decisions as alerts, in every body that was accepted."""
    bodies: list[list[Any]] = [[alert(key=str(n)) for n in range(3)], [alert(key="1"), 7], [alert(key="9")]]
    for body in bodies:
        send(monitoring, body)

    kept = IngestEvent.objects.order_by("pk").values_list("decisions", flat=True)
    assert [len(decisions) for decisions in kept] == [3, 2, 1]
    assert set(IngestEvent.objects.values_list("status", flat=True)) == {EventStatus.DONE}


class Killed(BaseException):
    """What ends a process in the midst of its work: no `except Exception` sees it."""


def killed(*_: object, **__: object) -> None:
    raise Killed


def test_body_whose_reader_is_killed_stays_on_record(
    monitoring: APIClient, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Raw first: gunicorn ends a worker that reads too long, and the sender gets no answer."""
    with monkeypatch.context() as patched:
        patched.setattr(receiving, "read", killed)
        with pytest.raises(Killed):
            monitoring.post(INTAKE, alert(), format="json")
    event = IngestEvent.objects.get()
    before = (event.status, event.payload["key"], event.decisions)

    receiving.work_off_waiting(event.received_at + receiving.LEASE)

    event.refresh_from_db()
    assert before == (EventStatus.WAITING, "disk/db-3", [])
    assert (event.status, [decision["outcome"] for decision in event.decisions]) == (
        EventStatus.DONE,
        ["opened"],
    )


def test_body_that_kills_whoever_reads_it_is_given_up(
    monitoring: APIClient, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "read", killed)
    with pytest.raises(Killed):
        monitoring.post(INTAKE, alert(), format="json")
    at = IngestEvent.objects.get().received_at
    deaths = 0

    for minutes in range(0, 60, 5):
        try:
            receiving.work_off_waiting(at + timedelta(minutes=5 + minutes))
        except Killed:
            deaths += 1

    event = IngestEvent.objects.get()
    assert (deaths, event.status) == (receiving.MAX_LOST, EventStatus.GIVEN_UP)
    assert event.trouble == "Whoever read it was ended: it takes too long."
