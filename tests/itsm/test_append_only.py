"""The database itself keeps what is only ever appended."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from incidents import append_only, workflow
from incidents.enums import EvidenceKind
from incidents.models import Anchor, Attachment, Evidence, Incident, Review, Service, TimelineEntry
from itsm import ledger, sealing
from notifications.delivery.announce import announce_pending
from notifications.models import Announcement, Attempt, Delivery, Enclosure, Subscription
from reports.models import Report
from tests.factories import NOON, AgentFactory, agent_actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk(incident: Incident, alice: User, vpn: Service) -> Incident:
    """One row of everything that is fixed."""
    boss = agent_actor(AgentFactory.create(role="Incident manager"))
    workflow.add_evidence(
        incident,
        actor=agent_actor(alice),
        at=NOON,
        kind=EvidenceKind.LOG,
        title="Log",
        attachment=ContentFile(b"line", "a.log"),
    )
    workflow.save_review(incident, actor=boss, fields={"summary": "It broke."})
    workflow.publish_review(incident, actor=boss, at=NOON)
    Subscription.objects.create(user=alice, service=vpn, valid_from=NOON - DAY, valid_until=NOON)
    announce_pending(lambda: NOON)
    delivery = Delivery.objects.order_by("pk")[0]
    Attempt.objects.create(delivery=delivery, n=1, started_at=NOON, ended_at=NOON, outcome="retry")
    Enclosure.objects.create(key="report:1", name="a.png", content_type="image/png", content=b"x")
    Report.objects.create(
        kind="weekly", first=NOON, after=NOON + DAY, zone="UTC", requested_at=NOON, made_at=NOON
    )
    sealing.seal(NOON)
    return incident


CHANGES: dict[str, Callable[[], object]] = {
    "an entry's words": lambda: TimelineEntry.objects.update(text="Other"),
    "an entry's time of record": lambda: TimelineEntry.objects.update(recorded_at=NOON - DAY),
    "an entry's page": lambda: TimelineEntry.objects.update(anchor=None),
    "an attachment": lambda: Attachment.objects.update(sha256="0" * 64),
    "evidence": lambda: Evidence.objects.update(content="Other"),
    "evidence's file": lambda: Evidence.objects.update(attachment=None),
    "a published review": lambda: Review.objects.update(summary="Other"),
    "a page": lambda: Anchor.objects.update(rows=F("rows") + 1),
    "an announcement": lambda: Announcement.objects.update(expected=F("expected") + 1),
    "an attempt": lambda: Attempt.objects.update(outcome="sent"),
    "an enclosure": lambda: Enclosure.objects.update(name="b.png"),
    "whom a subscription is for": lambda: Subscription.objects.update(user=AgentFactory.create()),
    "the end of a subscription": lambda: Subscription.objects.update(valid_until=NOON + DAY),
    "a report": lambda: Report.objects.update(content={"a": 1}),
}
FIXED = (
    Incident, TimelineEntry, Attachment, Evidence, Review, Anchor,
    Announcement, Attempt, Enclosure, Delivery, Subscription, Report,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_refused(desk: Incident, change: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        CHANGES[change]()


def test_deletion_is_refused(desk: Incident) -> None:
    refused = []
    for model in FIXED:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608 -- our own tables
        except IntegrityError as error:
            refused += [model] if "append-only" in str(error) else []

    assert refused == list(FIXED)
    assert {fixed.model for fixed in sealing.TABLES} == set(FIXED)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL has TRUNCATE")
def test_truncation_is_refused(desk: Incident) -> None:
    with connection.cursor() as cursor:  # what waits for the commit is in its way
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE incidents_timelineentry CASCADE")


def test_what_has_to_change_changes(desk: Incident) -> None:
    assert TimelineEntry.objects.update(announced_at=NOON + DAY) > 0
    assert Report.objects.update(announced_at=NOON + DAY) == 1
    assert Delivery.objects.update(due_at=NOON + DAY) > 0


def test_lock_is_open_for_its_own_transaction_only(desk: Incident) -> None:
    with append_only.released("redaction"):
        TimelineEntry.objects.update(text="")
    with pytest.raises(IntegrityError), transaction.atomic():
        TimelineEntry.objects.update(text="Other")

    assert append_only.left_open() == []


def test_failed_release_leaves_the_lock_shut(desk: Incident) -> None:
    with pytest.raises(ZeroDivisionError), append_only.released("redaction"):
        _ = 1 / 0

    assert append_only.left_open() == []


def test_lock_that_stands_open_is_a_breach(desk: Incident) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO incidents_unlocked (reason) VALUES ('for later')")

    assert "the lock on what is append-only stands open: for later" in list(ledger.breaches(NOON))


def test_triggers_that_were_lost_are_back_after_the_next_migration(desk: Incident) -> None:
    append_only.keep_installed([], "default")
    [name] = [name for name in append_only._installed("incidents_evidence", connection) if "update" in name]
    on = " ON incidents_evidence" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")

    append_only.keep_installed(append_only.TABLES, "default")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Evidence.objects.update(content="Other")
