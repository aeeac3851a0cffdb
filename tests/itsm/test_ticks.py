"""Ticks that stay away are seen, and a machine whose clock is wrong does no regular work."""

import socket
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from incidents import tasks
from incidents.models import Incident
from itsm import celery, ticks
from itsm.celery import app
from notifications.models import Heartbeat, WrongClock
from tests.clocks import MINUTE, needs_a_server, own_clock
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return list(ticks.faults(timezone.now()))


@pytest.mark.django_db(transaction=True)  # the sweep's hands write on connections of their own
def test_each_tick_of_regular_work_is_on_record() -> None:
    app.loader.import_default_modules()

    with time_machine.travel(NOON, tick=False):
        for name in ticks.REGULAR:
            app.tasks[name]()

    assert set(Heartbeat.objects.filter(at=NOON).values_list("role", flat=True)) >= set(ticks.REGULAR)


@pytest.mark.parametrize(
    ("task", "minutes", "is_late"),
    [
        ("incidents.scan_clocks", 1.9, False),
        ("incidents.scan_clocks", 2, True),
        ("incidents.watch_alerts", 2, True),
        ("reports.tick", 12, False),
        ("reports.tick", 13, True),
        ("itsm.retention", 119, False),
        ("itsm.retention", 120, True),
    ],
)
def test_work_that_has_not_come_by_is_named(task: str, minutes: float, is_late: bool) -> None:
    Heartbeat.objects.create(role=task, at=timezone.now() - timedelta(minutes=minutes))

    assert [task in fault for fault in faults()] == [True] * is_late


def test_clock_of_the_database_that_was_set_back_is_said() -> None:
    Heartbeat.objects.create(role="incidents.scan_clocks", at=timezone.now() + timedelta(hours=1))

    assert len(faults()) == 1
    assert "was set back" in faults()[0]


def test_health_page_and_home_tell_of_a_wrong_clock(
    admin_client: Client, client: Client, settings: Settings
) -> None:
    settings.HEALTH_TOKEN = "word"
    WrongClock.objects.create(host="web-7", ahead=-600, at=timezone.now())
    WrongClock.objects.create(host="gone", ahead=-600, at=timezone.now() - timedelta(minutes=3))
    said = (
        "The clock of web-7 is 600 s behind the database's. It does no regular work until its clock is right."
    )

    health = client.get("/health/pipeline", headers={"authorization": "Bearer word"})

    assert health.status_code == 503
    assert health.json()["faults"][-1].startswith(said)
    assert "gone" not in health.content.decode()
    assert said in admin_client.get("/admin/").content.decode().replace("&#x27;", "'")


@needs_a_server
@pytest.mark.parametrize("by", [10 * MINUTE, -10 * MINUTE])
def test_worker_whose_clock_is_wrong_says_so_and_does_not_sweep(
    databases_time: None, incident: Incident, by: timedelta
) -> None:
    """Its clock says that half the time is over; the database's does so in five minutes."""
    incident.clocks.update(notice_at=timezone.now() + 5 * MINUTE)

    with own_clock(by):
        tasks.scan_clocks()
        told = list(ticks.faults(ticks.timekeeping.now()))

    row = WrongClock.objects.get()
    assert (row.host, abs(row.ahead - by.total_seconds()) < 5) == (socket.gethostname(), True)
    assert len(told) == 1
    assert not Heartbeat.objects.exists()
    assert incident.entries.count() == 1


@needs_a_server
def test_worker_that_is_off_by_less_warns_by_the_databases_time(
    databases_time: None, incident: Incident
) -> None:
    with own_clock(timedelta(seconds=25)):
        incident.clocks.update(notice_at=ticks.timekeeping.now() + timedelta(seconds=20))
        tasks.scan_clocks()
        assert incident.entries.count() == 1

    assert Heartbeat.objects.filter(role="incidents.scan_clocks").exists()


@needs_a_server
def test_beat_and_a_worker_that_takes_ticks_for_old_ones_say_that_their_clock_is_wrong(
    databases_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own

    with own_clock(10 * MINUTE):
        celery.look_at_the_clock_when_ticks_come_too_late(expired=False)
        assert not WrongClock.objects.exists()
        celery.look_at_the_clock_when_ticks_come_too_late(expired=True)

    assert WrongClock.objects.get().ahead > 500
