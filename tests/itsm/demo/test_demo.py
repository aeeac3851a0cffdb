"""The demo, on a small size: true to itself, and in order."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Q
from pytest_django import DjangoDbBlocker

from incidents.enums import Channel, EntryKind, State, Via
from incidents.models import Alert, Attachment, Evidence, FollowUp, Incident, Review, TimelineEntry
from itsm import ledger
from itsm.demo import calendar
from itsm.demo.load import Size, load
from itsm.demo.logins import DEMO_LOGINS
from itsm.demo.old_desk import SOURCE_NAME
from notifications.enums import Status
from notifications.models import Attempt, Delivery, Subscription
from reports.models import Report, Schedule

# One worker loads it for all tests of this file.
pytestmark = pytest.mark.xdist_group("demo")

NOW = datetime(2026, 11, 23, 9, 54, tzinfo=UTC)
SMALL = Size(incidents=60, seed=10)


def told() -> list[tuple[Any, ...]]:
    """What happened, without numbers that the database gives."""
    entries = TimelineEntry.objects.order_by("pk").values_list(
        "incident__title", "seq", "kind", "at", "text", "actor__username", "state_after"
    )
    mails = Delivery.objects.order_by("entry", "recipient__username").values_list(
        "entry__kind", "recipient__username", "reason", "status", "created_at"
    )
    return [*entries, *mails]


@pytest.fixture(scope="module")
def twice(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[list[tuple[Any, ...]]]]:
    """Loaded, taken back, loaded again; the second stays for all tests of this file."""
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            load(SMALL, now=NOW, progress=lambda _share, _what: None)
            first = told()
            transaction.set_rollback(True)
        load(SMALL, now=NOW, progress=lambda _share, _what: None)
        yield [first, told()]
        transaction.set_rollback(True)


@pytest.fixture
def company(twice: list[list[tuple[Any, ...]]], db: None) -> None:
    """Four months of it."""


def test_demo_tells_the_same_story_twice(twice: list[list[tuple[Any, ...]]], db: None) -> None:
    first, second = twice

    assert len(first) > 500
    assert first == second


def test_demo_keeps_the_ledger_clean(company: None) -> None:
    assert list(ledger.breaches(NOW)) == []


def test_demo_ends_now(company: None) -> None:
    newest = TimelineEntry.objects.latest("at")

    assert newest.at <= NOW
    assert (NOW - newest.at).total_seconds() < 3600
    assert not TimelineEntry.objects.filter(announced_at=None).exists()


def test_demo_took_its_older_months_over_from_another_desk(company: None) -> None:
    opens = calendar.opening(NOW)
    taken_over = Incident.objects.exclude(source_number="")

    assert set(taken_over.values_list("source_name", flat=True)) == {SOURCE_NAME}
    assert set(taken_over) == set(Incident.objects.filter(opened_at__lt=opens))
    assert taken_over.count() > SMALL.incidents / 2
    assert not Delivery.objects.filter(entry__via=Via.IMPORT).exists()
    assert not TimelineEntry.objects.filter(at__lt=opens).exclude(via=Via.IMPORT).exists()


def test_demo_goes_on_here_with_what_was_open_there(company: None) -> None:
    played = TimelineEntry.objects.exclude(via=Via.IMPORT)
    went_on = Incident.objects.exclude(source_number="").filter(entries__in=played)

    assert went_on.exists()


def test_demo_numbers_rise_with_time(company: None) -> None:
    opened = list(Incident.objects.order_by("pk").values_list("opened_at", flat=True))

    assert opened == sorted(opened)


def test_old_desk_leaves_what_the_verbs_leave(company: None) -> None:
    taken_over = Incident.objects.exclude(source_number="")
    over = taken_over.filter(state__in=(State.RESOLVED, State.CLOSED))
    worked_on = over.exclude(channel=Channel.MONITORING)

    assert not over.filter(Q(resolved_at=None) | Q(resolution="") | Q(resolution_code="")).exists()
    assert not over.filter(resolved_at__lte=F("opened_at")).exists()
    assert not over.exclude(hold_reason="").exists()
    assert not taken_over.filter(state=State.CLOSED, closed_at__lt=F("resolved_at")).exists()
    assert not worked_on.filter(Q(team=None) | Q(assignee=None) | Q(first_assigned_at=None)).exists()
    assert not worked_on.filter(acknowledged_at=None).exists()
    assert taken_over.filter(reassignment_count__gt=0).exists()


def test_demo_has_incidents_in_every_state(company: None) -> None:
    assert set(Incident.objects.values_list("state", flat=True)) == set(State)


def test_demo_has_every_kind_of_record(company: None) -> None:
    kinds = set(TimelineEntry.objects.values_list("kind", flat=True))
    doors = set(TimelineEntry.objects.values_list("via", flat=True))

    assert kinds >= set(EntryKind) - {
        EntryKind.WATCHER_REMOVED,
        EntryKind.REDACTED,
        EntryKind.WORSENED,
        EntryKind.STILL_FIRING,
        EntryKind.IMPORTED,
        EntryKind.MERGED,  # these two only on the full size
        EntryKind.ABSORBED,
    }
    assert doors >= {Via.PORTAL, Via.ADMIN, Via.MAIL, Via.MONITORING, Via.SYSTEM, Via.IMPORT}
    assert Evidence.objects.exists()
    assert Alert.objects.exists()
    assert Attachment.objects.filter(content_type="image/png").exists()
    assert FollowUp.objects.filter(done_at=None).exists()
    assert Review.objects.filter(published_at=None).exists()
    assert Review.objects.exclude(published_at=None).exists()


def test_demo_has_a_major_incident_that_goes_on(company: None) -> None:
    major = Incident.objects.open().get(is_major=True)

    assert major.children.count() == 5
    assert major.problem is not None


def test_demo_counts_as_told_and_sent(company: None) -> None:
    sent = Delivery.objects.filter(status=Status.SENT)

    assert not Delivery.objects.filter(status__in=(Status.PENDING, Status.SENDING)).exists()
    assert sent.count() > 100
    assert Attempt.objects.filter(delivery__in=sent).count() >= sent.count()
    assert not sent.filter(recipient__isnull=False, address="").exists()
    assert Subscription.objects.exists()


def test_demo_has_reports_of_the_past_weeks(company: None) -> None:
    assert Schedule.objects.count() == 2
    assert Report.objects.filter(made_at__isnull=False, announced_at__isnull=False).count() == 6
    assert not Report.objects.filter(late=True).exists()


def test_demo_people_can_log_in(company: None) -> None:
    people = [authenticate(None, username=person.name, password=person.password) for person in DEMO_LOGINS]

    assert None not in people
    assert [person.is_staff for person in people if person] == [False, True, True, True, True, True]


def test_demo_refuses_a_database_that_is_not_empty(company: None) -> None:
    with pytest.raises(CommandError, match="The database is not empty"):
        call_command("demo")


def test_demo_prints_who_may_log_in(company: None) -> None:
    out = StringIO()

    call_command("demo", logins=True, stdout=out)

    assert "joana" in out.getvalue()
    assert len(out.getvalue().strip().splitlines()) == 1 + len(DEMO_LOGINS)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-23T10:00:00"])
def test_demo_wants_a_time_with_its_zone(db: None, text: str) -> None:
    with pytest.raises(CommandError, match="--now wants a time with its zone"):
        call_command("demo", now=text)
