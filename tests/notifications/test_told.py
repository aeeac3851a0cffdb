"""What the ledger asks of each delivery beyond that it exists: its words, its end, and the reason for it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents.models import Desk, Incident, Removal, RemovalKind
from notifications import ledger
from notifications.delivery import manual
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.delivery.recheck import EXPIRED, LEFT
from notifications.enums import Outcome, Status
from notifications.models import Attempt, Delivery
from tests.factories import NOON, AgentFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def row(incident: Incident) -> Delivery:
    announce_pending(lambda: NOON)
    return Delivery.objects.order_by("pk")[0]


def lines(row: Delivery) -> list[str]:
    name = f"delivery {row.uuid} "
    return [line.removeprefix(name) for line in ledger.breaches(NOON) if line.startswith(name)]


def put(row: Delivery, **columns: object) -> None:
    Delivery.objects.filter(pk=row.pk).update(**columns)


def test_reason_that_nobody_gives_is_named(row: Delivery) -> None:
    put(row, status=Status.CANCELLED, status_reason="Because")

    [line] = lines(row)
    assert line.startswith(
        "is cancelled because 'Because': the desk gives no such reason, and the admin's log"
    )


def test_reasons_of_the_desk_and_of_persons_on_record_are_in_order(row: Delivery) -> None:
    put(row, status=Status.CANCELLED, status_reason=LEFT.reason)
    ours = lines(row)
    put(row, status=Status.PENDING, status_reason="")
    manual.cancel(row, by=AgentFactory.create(role="Administrator"), reason="Sent twice")

    assert (ours, lines(row)) == ([], [])


def test_what_is_not_expired_is_not_cancelled_as_expired(row: Delivery) -> None:
    put(row, status=Status.CANCELLED, status_reason=EXPIRED.reason, expires_at=NOON + DAY)
    early = lines(row)
    put(row, expires_at=NOON - DAY)

    assert (early, lines(row)) == (["is cancelled as expired before its time"], [])


@pytest.mark.parametrize(
    ("status", "fits", "differs"),
    [
        (Status.SENT, Outcome.SENT, Outcome.RETRY),
        (Status.FAILED, Outcome.PERMANENT, Outcome.SENT),
        (Status.DEAD, Outcome.AMBIGUOUS, Outcome.PERMANENT),
        (Status.DEAD, Outcome.LOST, Outcome.SENT),
    ],
)
def test_end_is_what_the_last_try_says(
    row: Delivery, status: Status, fits: Outcome, differs: Outcome
) -> None:
    put(row, status=status, status_reason="x", ambiguous=fits == Outcome.AMBIGUOUS)
    never = lines(row)
    Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome=fits)
    told = lines(row)
    Attempt.objects.create(delivery=row, n=2, started_at=NOON, ended_at=NOON, outcome=differs)

    assert f"is {status}, its last try says nothing" in never
    assert told == []
    assert f"is {status}, its last try says {differs}" in lines(row)


def test_other_words_than_were_written_are_named(row: Delivery) -> None:
    row.subject, row.text, row.html = "Hello", "Words", "<p>Words</p>"
    put(row, subject="Hello", text="Words", html="<p>Words</p>", body_hash=content_hash(row))
    written = lines(row)
    put(row, html="<p>Other</p>")

    assert (written, lines(row)) == ([], ["has other words than were written"])


def test_words_go_after_their_time_only(row: Delivery, alice: User) -> None:
    Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome="sent")
    put(row, status=Status.SENT, text="", html="", body_hash="0" * 64)
    never_swept = lines(row)
    kept = Desk.current().keep_sent_days
    Removal.objects.create(kind=RemovalKind.SENT, at=NOON + kept * DAY)
    swept_early = lines(row)
    Removal.objects.update(at=NOON + (kept + 1) * DAY)

    lost = ["lost its words before their time"]
    assert (never_swept, swept_early, lines(row)) == (lost, lost, [])


def test_words_that_went_under_a_shorter_time_stay_in_order(row: Delivery) -> None:
    Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome="sent")
    put(row, status=Status.SENT, text="", html="", body_hash="0" * 64)
    desk = Desk.current()
    for days in (30, 900):
        desk.keep_sent_days = days
        desk.save()
    Removal.objects.create(kind=RemovalKind.SENT, at=NOON + 31 * DAY)

    assert lines(row) == []


def test_doubts_are_counted_both_ways(row: Delivery) -> None:
    put(row, ambiguous=1)
    counted = lines(row)
    Attempt.objects.create(delivery=row, n=1, started_at=NOON, ended_at=NOON, outcome="ambiguous")
    agreed = lines(row)
    put(row, ambiguous=0)

    assert counted == ["counts 1 doubtful attempts, 0 are on record"]
    assert (agreed, lines(row)) == ([], ["counts 0 doubtful attempts, 1 are on record"])
