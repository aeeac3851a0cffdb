"""What is kept for a time goes when it is over, and the record of what happened stays."""

import os
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.utils import timezone

from incidents import workflow
from incidents.models import (
    Attachment,
    Desk,
    HeldForm,
    IdempotencyKey,
    Incident,
    IngestEvent,
    Removal,
    SetAside,
    Source,
    StagedFile,
)
from incidents.models.monitoring import EventStatus
from itsm import ledger, retention, tasks
from notifications.delivery.announce import announce_pending
from notifications.delivery.queue import content_hash
from notifications.enums import Outcome, Status
from notifications.models import Delivery, InboundMail, InboundOutcome
from tests.factories import AgentFactory, agent_actor, make_incident

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def event(days_old: float, **facts: Any) -> IngestEvent:
    source, _ = Source.objects.get_or_create(name="Watch", defaults={"key_hash": "0" * 64})
    return IngestEvent.objects.create(
        source=source,
        received_at=timezone.now() - days_old * DAY,
        **{
            "payload": {"secret": "words"},
            "decisions": [{"key": "disk", "outcome": "opened"}],
            "status": EventStatus.DONE,
            **facts,
        },
    )


def mail(days_old: float) -> InboundMail:
    return InboundMail.objects.create(
        message_id=f"<{days_old}@example.com>",
        received_at=timezone.now() - days_old * DAY,
        sender="carol@example.com",
        subject="Re: VPN",
        outcome=InboundOutcome.REFUSED,
        raw=b"words",
    )


def key(days_old: float) -> IdempotencyKey:
    user = AgentFactory.create()
    return IdempotencyKey.objects.create(
        user=user, key="k", fingerprint="", status=201, started_at=timezone.now() - days_old * DAY
    )


@pytest.fixture
def delivered(incident: Incident, alice: User) -> Delivery:
    """A mail that was sent today."""
    workflow.comment(incident, actor=agent_actor(alice), at=timezone.now(), text="Look again")
    announce_pending(timezone.now)
    row = Delivery.objects.earliest("pk")
    row.subject, row.text, row.html = "Look again", "Look again", "<p>Look again</p>"
    row.status, row.sent_at, row.body_hash = Status.SENT, timezone.now(), content_hash(row)
    row.save()
    row.tries.create(n=1, started_at=row.sent_at, ended_at=row.sent_at, outcome=Outcome.SENT)
    return row


def test_bodies_of_alerts_go_and_what_became_of_them_stays() -> None:
    Desk.objects.update(keep_events_days=10)
    old, young, unsettled = event(11), event(9), event(11, status=EventStatus.WAITING)

    removed = retention.sweep(timezone.now())

    for row in (old, young, unsettled):
        row.refresh_from_db()
    assert removed["events"] == 1
    assert (old.payload, old.decisions) == ({}, [{"key": "disk", "outcome": "opened"}])
    assert (young.payload, unsettled.payload) == ({"secret": "words"}, {"secret": "words"})


def test_raw_mails_go_and_who_wrote_when_stays() -> None:
    Desk.objects.update(keep_mail_days=10)
    old, young = mail(11), mail(9)

    removed = retention.sweep(timezone.now())

    old.refresh_from_db()
    young.refresh_from_db()
    assert removed["mail"] == 1
    assert (old.raw, old.sender, old.subject) == (None, "carol@example.com", "Re: VPN")
    assert young.raw is not None


def test_words_of_sent_mails_go_and_the_books_still_balance(delivered: Delivery) -> None:
    Desk.objects.update(keep_sent_days=10)
    words = delivered.text
    with time_machine.travel(timezone.now() + 11 * DAY):
        retention.sweep(timezone.now())

    delivered.refresh_from_db()
    assert (words != "", delivered.text, delivered.html) == (True, "", "")
    assert (len(delivered.body_hash), delivered.status, delivered.sent_at is None) == (64, Status.SENT, False)
    assert [line for line in ledger.breaches(timezone.now()) if "delivery" in line] == []


def test_words_of_mails_that_may_be_sent_by_hand_stay(delivered: Delivery) -> None:
    Desk.objects.update(keep_sent_days=10)
    Delivery.objects.update(status=Status.FAILED, status_reason="Refused")

    with time_machine.travel(timezone.now() + 11 * DAY):
        removed = retention.sweep(timezone.now())

    assert removed["sent"] == 0
    delivered.refresh_from_db()
    assert delivered.text != ""


def test_answers_to_repeated_requests_are_forgotten() -> None:
    Desk.objects.update(keep_keys_days=3)
    key(4), key(2)

    retention.sweep(timezone.now())

    assert IdempotencyKey.objects.count() == 1


def test_unsent_words_and_files_go_when_nobody_came_back_for_them(alice: User) -> None:
    Desk.objects.update(keep_drafts_days=3)
    for days in (4, 2):
        at = timezone.now() - days * DAY
        HeldForm.objects.create(user=alice, path="/incidents/new/", page="/incidents/new/", held_at=at)
        file = ContentFile(b"words", name="log.txt")
        StagedFile.objects.create(
            user=alice, key=f"key{days}", file=file, name="log.txt", content_type="text/plain",
            size=5, staged_at=at,
        )  # fmt: skip

    removed = retention.sweep(timezone.now())

    assert (removed["drafts"], removed["files"]) == (1, 1)
    assert HeldForm.objects.count() == 1
    assert StagedFile.objects.get().key == "key2"


def test_files_that_no_row_names_are_set_aside_and_later_removed(
    alice: User, settings: Any, tmp_path: Path
) -> None:
    """A process was killed between storing them and committing."""
    settings.MEDIA_ROOT = str(tmp_path)
    incident = make_incident()
    workflow.note(
        incident,
        actor=agent_actor(alice),
        at=timezone.now(),
        text="See",
        attachments=[ContentFile(b"named", name="a.log")],
    )
    at, old = timezone.now(), (timezone.now() - 2 * DAY).timestamp()
    for name in ("attachments/2026/11/lost", "staged/lost"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"lost")
    named = tmp_path / Attachment.objects.get().file.name
    for path in (named, tmp_path / "attachments/2026/11/lost", tmp_path / "staged/lost"):
        os.utime(path, (old, old))
    (tmp_path / "staged/just-now").write_bytes(b"its row comes in a moment")

    said = StringIO()
    call_command("retention", "--dry-run", stdout=said)
    first = retention.sweep(at)
    again = retention.sweep(at + 29 * DAY)
    last = retention.sweep(at + 31 * DAY)

    assert "Files that no row names: 2 would be set aside" in said.getvalue()
    assert (first["orphans"], first["aside"]) == (2, 0)
    assert (again["orphans"], again["aside"]) == (1, 0)  # the row of that one never came
    assert (last["orphans"], last["aside"]) == (0, 2)
    assert named.read_bytes() == b"named"
    assert Removal.objects.get(kind="orphans").total == 3


def test_file_that_is_sent_while_the_folder_is_read_stops_no_sweep(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    (tmp_path / "staged").mkdir()
    lost, old = tmp_path / "staged/lost", (timezone.now() - 2 * DAY).timestamp()
    lost.write_bytes(b"lost")
    os.utime(lost, (old, old))
    (tmp_path / "staged/sent").symlink_to(tmp_path / "gone by now")

    removed = retention.sweep(timezone.now())

    assert (removed["orphans"], SetAside.objects.count()) == (1, 0)


def test_the_sweep_is_on_record_with_a_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        event(91)

    tasks.sweep_retention()
    event(91)
    tasks.sweep_retention()

    row = Removal.objects.get(kind="events")
    assert (row.last, row.total) == (1, 6)
    assert Removal.objects.count() == len(retention.RULES) + 2  # and orphans


def test_a_dry_run_says_what_would_go_and_removes_nothing() -> None:
    row = event(91)
    out = StringIO()

    call_command("retention", dry_run=True, stdout=out)

    row.refresh_from_db()
    assert "Received alerts: 1 would go (older than 90 days)" in out.getvalue()
    assert (row.payload, Removal.objects.exists()) == ({"secret": "words"}, False)


def test_the_command_removes_and_says_how_many() -> None:
    event(91)
    out = StringIO()

    call_command("retention", stdout=out)

    assert "Received alerts: 1 removed (older than 90 days)" in out.getvalue()


def test_one_kind_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise ValueError("disk full")

    bad = retention.Rule(retention.RULES[0].kind, "keep_events_days", retention.RULES[0].older, fail)
    monkeypatch.setattr(retention, "RULES", (bad, *retention.RULES[1:]))
    event(91)
    key(8)

    removed = retention.sweep(timezone.now())

    assert removed["keys"] == 1
    assert SetAside.objects.get().error == "ValueError: disk full"
