"""Each thing that is not in order among announcements, deliveries and tries is one line that names it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType

from incidents.enums import Via
from incidents.models import Desk, Incident, Removal, RemovalKind, TimelineEntry
from notifications import ledger
from notifications.delivery import manual
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.delivery.recheck import EXPIRED, LEFT
from notifications.delivery.recover import BROKEN
from notifications.enums import Channel, Outcome, Purpose, Status
from notifications.models import Announcement, Attempt, ChannelPause, Delivery
from tests.factories import NOON
from tests.insider import tamper

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LATE, IN_TIME = NOON - 6 * MINUTE, NOON - 4 * MINUTE


@pytest.fixture
def sent(alice: User, incident: Incident) -> Delivery:
    """Both of the entry's two mails went out; this is Alice's."""
    announce_pending(lambda: NOON)
    for row in Delivery.objects.order_by("pk"):
        row.subject, row.text, row.html = "VPN", "It drops.", "<p>It drops.</p>"
        row.body_hash, row.status, row.sent_at = content_hash(row), Status.SENT, NOON
        row.save()
        tried(row, 1, Outcome.SENT)
    assert lines() == []
    return Delivery.objects.get(recipient=alice)


def lines(at: datetime = NOON) -> list[str]:
    return list(ledger.breaches(at))


def tried(delivery: Delivery, n: int, outcome: Outcome) -> None:
    Attempt.objects.create(delivery=delivery, n=n, started_at=NOON, ended_at=NOON, outcome=outcome)


def change(delivery: Delivery, **columns: Any) -> None:
    tamper(lambda: Delivery.objects.filter(pk=delivery.pk).update(**columns))


def tries(delivery: Delivery, *outcomes: Outcome) -> None:
    tamper(delivery.tries.all().delete)
    for n, outcome in enumerate(outcomes, start=1):
        tried(delivery, n, outcome)


def test_announcement_without_a_receipt_is_named(sent: Delivery, incident: Incident) -> None:
    tamper(Announcement.objects.all().delete)

    belong = [
        f"delivery {uuid} belongs to an entry that was never announced"
        for uuid in Delivery.objects.order_by("pk").values_list("uuid", flat=True)
    ]
    unknown = f"{incident.number}: entry 1 is announced, but nobody wrote down to whom"
    assert lines() == [unknown, *belong]


def test_imported_entry_needs_no_receipt(incident: Incident) -> None:
    tamper(lambda: TimelineEntry.objects.update(announced_at=NOON, via=Via.IMPORT))

    assert lines() == []


def test_receipt_that_counts_otherwise_is_named(sent: Delivery, incident: Incident) -> None:
    tamper(lambda: Announcement.objects.update(expected=3))

    assert lines() == [f"{incident.number}: entry 1 is due 3 deliveries and has 2"]


@pytest.mark.parametrize(
    ("columns", "paused", "is_named"),
    [
        ({"status": Status.PENDING, "due_at": LATE}, False, True),
        ({"status": Status.PENDING, "due_at": IN_TIME}, False, False),
        ({"status": Status.PENDING, "due_at": LATE}, True, False),
        ({"status": Status.SENDING, "due_at": LATE, "lease_until": LATE}, True, True),
        ({"status": Status.SENDING, "due_at": LATE, "lease_until": IN_TIME}, False, False),
    ],
)
def test_what_is_stuck_is_named_unless_its_channel_is_paused(
    sent: Delivery, columns: dict[str, Any], paused: bool, is_named: bool
) -> None:
    if paused:
        ChannelPause.objects.create(channel=Channel.EMAIL, since=NOON, until=NOON + MINUTE, reason="554")
    change(sent, lease_token=sent.uuid, **columns)

    expected = f"delivery {sent.uuid} is {columns['status']} and overdue since 2026-03-02 11:54 UTC"
    assert lines() == ([expected] if is_named else [])


@pytest.mark.parametrize("status", [Status.FAILED, Status.DEAD, Status.CANCELLED, Status.HELD])
def test_end_without_a_reason_is_named(sent: Delivery, status: Status) -> None:
    tries(sent, *{Status.FAILED: [Outcome.PERMANENT], Status.DEAD: [Outcome.LOST]}.get(status, []))
    change(sent, status=status)

    assert lines() == [f"delivery {sent.uuid} is {status} and does not say why"]


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.HELD])
def test_reason_is_the_desks_or_that_of_a_person_in_the_log(
    sent: Delivery, alice: User, status: Status
) -> None:
    change(sent, status=Status.PENDING)
    sent.refresh_from_db()
    act = manual.cancel if status == Status.CANCELLED else manual.hold
    act(sent, by=alice, reason="She knows")
    by_hand = lines()
    change(sent, status_reason=LEFT.reason)
    by_the_desk = lines()
    change(sent, status_reason="Just so")

    assert (by_hand, by_the_desk) == ([], [])
    nobody = "the desk gives no such reason, and the admin's log knows of nobody who did"
    assert lines() == [f"delivery {sent.uuid} is {status} because 'Just so': {nobody}"]


def test_log_of_another_row_of_that_number_gives_no_reason(sent: Delivery, alice: User) -> None:
    change(sent, status=Status.CANCELLED, status_reason="Just so")
    LogEntry.objects.create(
        user=alice,
        content_type=ContentType.objects.get_for_model(Incident),
        object_id=str(sent.pk),
        action_flag=CHANGE,
        change_message="Just so",
    )

    assert len(lines()) == 1


@pytest.mark.parametrize(("expires_at", "is_early"), [(None, True), (NOON + MINUTE, True), (NOON, False)])
def test_what_expired_before_its_time_is_named(
    sent: Delivery, expires_at: datetime | None, is_early: bool
) -> None:
    change(sent, status=Status.CANCELLED, status_reason=EXPIRED.reason, expires_at=expires_at)

    early = f"delivery {sent.uuid} is cancelled as expired before its time"
    assert lines() == ([early] if is_early else [])


@pytest.mark.parametrize(
    ("status", "outcomes", "said"),
    [
        (Status.FAILED, [Outcome.PERMANENT, Outcome.RETRY], "retry"),
        (Status.FAILED, [Outcome.RETRY, Outcome.PERMANENT], ""),
        (Status.FAILED, [], "nothing"),
        (Status.DEAD, [Outcome.UNREACHABLE], ""),
        (Status.DEAD, [Outcome.PERMANENT], "permanent"),
        (Status.DEAD, [Outcome.SENT], "sent"),
        (Status.SENT, [Outcome.SENT, Outcome.RETRY], "retry"),
    ],
)
def test_end_that_its_last_try_does_not_tell_is_named(
    sent: Delivery, status: Status, outcomes: list[Outcome], said: str
) -> None:
    tries(sent, *outcomes)
    change(sent, status=status, status_reason="Refused.")

    expected = f"delivery {sent.uuid} is {status}, its last try says {said}"
    assert lines() == ([expected] if said else [])


def test_what_broke_at_our_end_needs_no_try(sent: Delivery) -> None:
    tries(sent)
    change(sent, status=Status.DEAD, status_reason=BROKEN)

    assert lines() == []


def test_status_that_there_is_not_is_named(sent: Delivery) -> None:
    change(sent, status="lost")

    assert lines() == [f"delivery {sent.uuid} has the status 'lost', which there is not"]


def test_sent_without_a_try_that_says_so_is_named(sent: Delivery) -> None:
    tries(sent, Outcome.RETRY)

    assert lines() == [
        f"delivery {sent.uuid} is sent, its last try says retry",
        f"delivery {sent.uuid} is sent, but no attempt says so",
    ]


def test_doubts_are_counted(sent: Delivery) -> None:
    tries(sent, Outcome.AMBIGUOUS, Outcome.RETRY, Outcome.AMBIGUOUS, Outcome.SENT)
    change(sent, ambiguous=1)
    wrong = lines()
    change(sent, ambiguous=2)

    assert wrong == [f"delivery {sent.uuid} counts 1 doubtful attempts, 2 are on record"]
    assert lines() == []


@pytest.mark.parametrize("column", ["subject", "text", "html", "body_hash"])
def test_other_words_than_were_written_are_named(sent: Delivery, column: str) -> None:
    change(sent, **{column: "Other"})

    assert lines() == [f"delivery {sent.uuid} has other words than were written"]


def test_call_of_a_webhook_never_had_words(sent: Delivery) -> None:
    change(sent, subject="", text="", html="", body_hash=content_hash(Delivery()))

    assert lines() == []


def test_words_that_retention_did_not_remove_are_missed(sent: Delivery) -> None:
    change(sent, text="", html="")

    assert lines() == [f"delivery {sent.uuid} lost its words before their time"]


@pytest.mark.parametrize(
    ("days", "shortest", "columns", "is_early"),
    [
        (30, 40, {"created_at": NOON - 31 * DAY}, False),
        (30, 40, {"created_at": NOON - 30 * DAY}, True),
        (40, 30, {"created_at": NOON - 31 * DAY}, False),
        (40, 41, {"created_at": NOON - 31 * DAY}, True),
        (30, 30, {"created_at": NOON - 31 * DAY, "status": Status.CANCELLED}, True),
    ],
)
def test_words_go_after_the_shortest_time_that_the_desk_ever_kept_them(
    sent: Delivery, days: int, shortest: int, columns: dict[str, Any], is_early: bool
) -> None:
    desk = Desk.current()
    for kept in (shortest, days):
        desk.keep_sent_days = kept
        desk.save()
    Desk.history.filter(keep_sent_days__gt=max(days, shortest)).delete()
    Removal.objects.create(kind=RemovalKind.SENT, at=NOON)
    change(sent, text="", html="", status_reason=LEFT.reason, **columns)

    early = f"delivery {sent.uuid} lost its words before their time"
    assert lines() == ([early] if is_early else [])


@pytest.mark.parametrize("column", ["subject", "text", "html"])
def test_public_news_that_names_its_incident_is_named(
    sent: Delivery, incident: Incident, column: str
) -> None:
    leaked = Delivery(subject="VPN", text="It drops.", html="<p>It drops.</p>")
    setattr(leaked, column, f"See {incident.number}")
    words = {"subject": leaked.subject, "text": leaked.text, "html": leaked.html}
    change(sent, purpose=Purpose.SERVICE, **words, body_hash=content_hash(leaked))

    assert lines() == [f"delivery {sent.uuid} is public news and names {incident.number}"]


def test_ordinary_mail_names_its_incident(sent: Delivery, incident: Incident) -> None:
    named = Delivery(subject=incident.number, text=sent.text, html=sent.html)
    change(sent, subject=incident.number, body_hash=content_hash(named))

    assert lines() == []
