"""Each slot is made once, whatever the number of beats, and nothing that is due is forgotten."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from incidents.models import SetAside
from reports import lifecycle, tasks
from reports.enums import Kind
from reports.lifecycle import report_made
from reports.metrics.scope import Scope
from reports.models import Report, Schedule
from reports.periods import iso_week
from tests.factories import AgentFactory
from tests.insider import tamper
from tests.reports.rows import row, save

#: A Monday, a minute after seven in Berlin.
SEVEN = datetime(2026, 3, 9, 6, 1, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def due_slots(*, at: datetime) -> list[tuple[Schedule, date]]:
    due = [(row, lifecycle.due_slot(row, at=at)) for row in Schedule.objects.active().order_by("pk")]
    return [(row, slot) for row, slot in due if slot is not None]


@pytest.fixture
def lead(db: None) -> User:
    return AgentFactory.create(role="Team lead", email="lead@example.com")


@pytest.fixture
def schedule(lead: User) -> Schedule:
    made = Schedule.objects.create(
        name="Every Monday", zone="Europe/Berlin", since=SEVEN - timedelta(days=300)
    )
    made.readers.add(lead)
    return made


@pytest.fixture
def announced() -> Iterator[list[int]]:
    heard: list[int] = []

    def hear(report_id: int, **_signal: Any) -> None:
        heard.append(report_id)

    report_made.connect(hear)
    yield heard
    report_made.disconnect(hear)


@pytest.mark.django_db
def test_slot_is_made_once_and_announced_once(
    schedule: Schedule,
    announced: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN)
        again = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN + timedelta(hours=1))

    assert first.pk == again.pk
    assert (first.made_at, again.made_at) == (SEVEN, SEVEN)
    assert (first.period.name, first.late) == ("2026-W10", False)
    assert announced == [first.pk]


@pytest.mark.django_db
def test_report_never_changes_after_it_was_made(schedule: Schedule) -> None:
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN)
    save([row()])

    again = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN + timedelta(days=9))

    assert again.content == report.content
    assert again.content["measures"][0]["now"] == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "slots"),
    [
        (SEVEN - timedelta(minutes=2), [date(2026, 3, 2)]),
        (SEVEN, [date(2026, 3, 9)]),
        # Weeks without a beat: the latest slot only.
        (SEVEN + timedelta(days=30), [date(2026, 4, 6)]),
    ],
)
def test_only_the_latest_slot_is_due(schedule: Schedule, at: datetime, slots: list[date]) -> None:
    assert [slot for _, slot in due_slots(at=at)] == slots


@pytest.mark.django_db
def test_slot_of_an_inactive_or_later_schedule_is_not_due(schedule: Schedule) -> None:
    Schedule.objects.update(is_active=False)
    inactive = due_slots(at=SEVEN)
    Schedule.objects.update(is_active=True, since=SEVEN + timedelta(minutes=5))
    later = due_slots(at=SEVEN + timedelta(minutes=10))

    assert (inactive, later) == ([], [])


@pytest.mark.django_db
def test_slot_that_was_ordered_is_not_due_again(schedule: Schedule) -> None:
    lifecycle.order_slot(schedule, date(2026, 3, 9), at=SEVEN)

    assert due_slots(at=SEVEN) == []


@pytest.mark.django_db
def test_slot_made_long_after_its_hour_is_marked_late(schedule: Schedule) -> None:
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN + timedelta(hours=2))

    assert report.late is True


@pytest.mark.django_db
def test_monthly_schedule_reports_the_month_before(lead: User) -> None:
    monthly = Schedule.objects.create(
        name="Each month",
        kind=Kind.MONTHLY,
        day=1,
        hour=7,
        zone="Europe/Berlin",
        since=SEVEN - timedelta(days=99),
    )

    slot = monthly.latest_slot(SEVEN)

    assert (slot, monthly.period(slot).name) == (date(2026, 3, 1), "2026-02")


@pytest.mark.django_db
def test_hour_that_summer_time_skips_is_due_at_the_first_valid_minute(lead: User) -> None:
    early = Schedule.objects.create(name="Sundays", weekday=6, hour=2, zone="Europe/Berlin", since=SEVEN)

    assert early.due_at(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert early.latest_slot(datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == date(2026, 3, 22)
    assert early.latest_slot(datetime(2026, 3, 29, 1, 0, tzinfo=UTC)) == date(2026, 3, 29)


@pytest.mark.django_db
def test_hour_that_comes_twice_is_one_slot(lead: User) -> None:
    twice = Schedule.objects.create(name="Sundays", weekday=6, hour=2, zone="Europe/Berlin", since=SEVEN)
    first, second = (datetime(2026, 10, 25, hour, 5, tzinfo=UTC) for hour in (0, 1))

    assert twice.latest_slot(first) == twice.latest_slot(second) == date(2026, 10, 25)


@pytest.mark.django_db
def test_report_somebody_is_at_is_left_alone_until_the_lease_ends(schedule: Schedule) -> None:
    report = lifecycle.order_slot(schedule, date(2026, 3, 9), at=SEVEN)
    Report.objects.filter(pk=report.pk).update(begun_at=SEVEN, tries=1)

    early = lifecycle.make(report.pk, at=SEVEN + timedelta(minutes=5))
    late = lifecycle.make(report.pk, at=SEVEN + timedelta(minutes=12))

    assert (early, late) == (False, True)


@pytest.mark.django_db
def test_report_that_fails_is_tried_three_times_and_then_shown_as_failed(
    schedule: Schedule,
) -> None:
    report = lifecycle.order_slot(schedule, date(2026, 3, 9), at=SEVEN)
    Report.objects.filter(pk=report.pk).update(zone="Mars/Olympus")

    for attempt in range(3):
        with pytest.raises(KeyError):
            lifecycle.make(report.pk, at=SEVEN + timedelta(hours=attempt))

    assert lifecycle.make(report.pk, at=SEVEN + timedelta(hours=9)) is False
    assert Report.objects.get(pk=report.pk).gave_up is True


@pytest.mark.django_db
def test_tick_orders_makes_and_nudges_until_readers_are_told(
    schedule: Schedule,
    announced: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    schedule.readers.clear()

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.tick()

    report = Report.objects.get()
    assert report.made_at is not None
    assert announced == [report.pk]
    assert report.announced_at is not None


@pytest.mark.django_db
def test_nudge_that_was_lost_is_repeated(schedule: Schedule, announced: list[int]) -> None:
    report = lifecycle.make_report(
        schedule=schedule, slot=schedule.latest_slot(datetime.now(UTC)), at=datetime.now(UTC)
    )

    tasks.tick()  # on_commit never ran: the process died there

    assert announced == [report.pk]


@pytest.mark.django_db
def test_readers_are_those_who_may_read(schedule: Schedule, lead: User, carol: User) -> None:
    gone = AgentFactory.create(role="Team lead", is_active=False)
    schedule.readers.add(carol, gone)

    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN)

    assert report.readers.count() == 3
    assert list(lifecycle.readers_of(report)) == [lead]


@pytest.mark.django_db
def test_readers_of_a_report_stay_those_of_its_slot(schedule: Schedule, lead: User) -> None:
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN)

    schedule.readers.clear()

    assert list(report.readers.all()) == [lead]


@pytest.mark.django_db
def test_telling_is_for_the_first_who_says_so(schedule: Schedule) -> None:
    report = lifecycle.make_report(schedule=schedule, slot=date(2026, 3, 9), at=SEVEN)

    assert [lifecycle.told(report.pk, at=SEVEN), lifecycle.told(report.pk, at=SEVEN)] == [True, False]


@pytest.mark.django_db
def test_ordered_report_knows_its_kind_and_scope(lead: User) -> None:
    report = lifecycle.order(iso_week("2026-W10", ZoneInfo("UTC")), Scope(), at=SEVEN, user=lead)

    assert (report.kind, report.period.name, report.requested_by) == (Kind.WEEKLY, "2026-W10", lead)
    assert (report.schedule, report.made_at) == (None, None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"), reason="threads need a database server"
)
def test_ticks_at_once_make_one_report(schedule: Schedule, announced: list[int]) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(4)

    def beat() -> None:
        try:
            start.wait()
            tasks.tick()
        except BaseException as error:  # noqa: BLE001 -- carried over to the test
            failures.append(error)
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(4)]
    for thread in beats:
        thread.start()
    for thread in beats:
        thread.join()

    report = Report.objects.get()
    assert failures == []
    assert report.made_at is not None
    assert set(announced) == {report.pk}


@pytest.mark.processes
def test_processes_that_tick_at_once_make_one_report(tmp_path: Path, migrated: Path) -> None:
    """On SQLite: four processes on one file."""
    shutil.copy(migrated / "desk.sqlite3", tmp_path)
    environment = os.environ | {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "itsm.settings"}
    environment.pop("DATABASE_URL", None)

    def python(code: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    models = "from reports.models import Report, Schedule"
    python(f"{models}; Schedule.objects.create(name='Weekly', since='2020-01-01T00:00Z')").communicate()
    beats = [python("from reports import tasks; tasks.tick()") for _ in range(4)]
    failed = [error for beat in beats for error in [beat.communicate()[1]] if beat.returncode]
    told = python(
        f"{models}; print([(report.made_at is not None, report.tries) for report in Report.objects.all()])"
    ).communicate()[0]

    assert failed == []
    assert told.strip() == "[(True, 1)]"


@pytest.mark.django_db
def test_tick_goes_on_past_a_schedule_and_a_report_that_cannot_be_made(
    schedule: Schedule, announced: list[int]
) -> None:
    lost = Schedule.objects.create(name="A lost one", zone="Mars/Olympus", since=schedule.since)
    bad = lifecycle.order(iso_week("2026-W09", ZoneInfo("UTC")), Scope(), at=SEVEN)
    Report.objects.filter(pk=bad.pk).update(zone="Mars/Olympus")

    with time_machine.travel(SEVEN, tick=False):
        tasks.tick()

    made = Report.objects.exclude(made_at=None)
    assert [report.schedule for report in made] == [schedule]
    assert set(SetAside.objects.values_list("job", "row_id")) == {
        ("reports.order", lost.pk),
        ("reports.make", bad.pk),
    }


@pytest.mark.django_db
def test_readers_of_others_are_told_when_one_report_cannot_be_mailed(schedule: Schedule, lead: User) -> None:
    first, second = (
        lifecycle.make_report(schedule=schedule, slot=date(2026, 3, day), at=SEVEN) for day in (2, 9)
    )
    tamper(lambda: Report.objects.filter(pk=first.pk).update(content={}))

    with time_machine.travel(SEVEN, tick=False):
        tasks.tick()

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.announced_at, second.announced_at) == (None, SEVEN)
    assert SetAside.objects.get(job="reports.announce").row_id == first.pk
