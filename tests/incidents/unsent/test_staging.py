"""Files that wait while their form is mended."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.enums import State
from incidents.models import Attachment, Evidence, Incident, StagedFile
from incidents.unsent import staging
from tests.factories import agent_actor


@pytest.fixture(autouse=True)
def place(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def desk(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def address(incident: Incident, slug: str = "change") -> str:
    return f"/admin/incidents/incident/{incident.pk}/{slug}/"


def upload(name: str, content: bytes = b"x") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_refused_evidence_keeps_its_files_and_goes_with_the_next_try(
    desk: Client, incident: Incident
) -> None:
    both = [upload("one.log", b"one"), upload("two.log", b"two")]
    sent = {"kind": "evidence", "version": 1, "title": "Logs", "evidence": "log"}

    refused = desk.post(address(incident), {**sent, "attachments": both})
    first = refused.context["composer"].staged[0]
    desk.post(address(incident), {**sent, "kept": [first.key]})

    assert [file.name for file in refused.context["composer"].staged] == ["one.log", "two.log"]
    assert (Evidence.objects.get().title, Attachment.objects.get().name) == ("Logs", "one.log")


def test_reply_refused_by_news_keeps_its_file(desk: Client, bob: User, incident: Incident) -> None:
    workflow.note(incident, actor=agent_actor(bob), at=timezone.now(), text="Mine.")
    sent = {
        "kind": "reply",
        "version": 1,
        "text": "We are on it.",
        "attachments": upload("plan.txt", b"plan"),
    }

    refused = desk.post(address(incident), sent)
    kept = refused.context["composer"].staged
    again = {"kind": "reply", "version": 2, "text": "We are on it.", "kept": [file.key for file in kept]}
    desk.post(address(incident), again)

    attached = Attachment.objects.get()
    with attached.file.open() as file:
        assert (attached.name, file.read(), attached.content_type) == ("plan.txt", b"plan", "text/plain")
    assert attached.entry.text == "We are on it."
    assert StagedFile.objects.count() == 0


def test_portal_reply_with_a_bad_file_keeps_text_and_good_file(
    client: Client, carol: User, incident: Incident
) -> None:
    client.force_login(carol)
    files = [upload("bad.txt", b""), upload("good.txt")]

    page = client.post(f"/incidents/{incident.number}/", {"text": "See this", "attachments": files})

    reply = page.context["reply"]
    assert reply.errors == {"attachments": ["bad.txt is empty."]}
    assert (reply["text"].value(), [file.name for file in reply.staged]) == ("See this", ["good.txt"])
    assert incident.entries.count() == 1


def test_file_whose_box_was_cleared_stays_behind(desk: Client, incident: Incident) -> None:
    sent = {"kind": "action", "version": 1, "text": "Restarted", "attachments": [upload("a"), upload("b")]}
    kept = desk.post(address(incident), sent).context["composer"].staged

    desk.post(address(incident), {"kind": "note", "version": 1, "text": "Restarted", "kept": kept[1].key})

    assert [file.name for file in Attachment.objects.all()] == ["b"]


def test_files_of_an_earlier_try_count_to_the_limit(desk: Client, incident: Incident) -> None:
    first = [upload(f"{number}.txt") for number in range(9)] + [upload("bad.txt", b"")]
    kept = desk.post(address(incident), {"kind": "note", "attachments": first}).context["composer"].staged

    page = desk.post(
        address(incident),
        {
            "kind": "note",
            "kept": [file.key for file in kept],
            "attachments": [upload("10th"), upload("11th")],
        },
    )

    composer = page.context["composer"]
    assert composer.errors == {"attachments": ["At most 10 files at a time. Send 11th with a reply."]}
    assert len(composer.staged) == 10


def test_telephone_looks_and_keeps_the_file(desk: Client) -> None:
    add = "/admin/incidents/incident/add/"
    sent = {"title": "No tone", "attachments": upload("call.wav")}

    looked = desk.post(add, {**sent, "look": "1"}).context["form"]
    refused = desk.post(add, {"title": "No tone", "kept": looked.staged[0].key}).context["form"]

    assert [file.name for file in refused.staged] == ["call.wav"]
    assert "attachments" not in refused.errors


def test_files_of_the_composer_wait_while_a_verb_takes_its_text(desk: Client, incident: Incident) -> None:
    prefilled = desk.post(
        address(incident, "hold"), {"prefill": "1", "text": "Which office?", "attachments": upload("map.png")}
    )
    key = prefilled.context["files"][0].key

    done = desk.post(
        address(incident, "hold"),
        {"version": 1, "reason": "caller", "text": "Which office?", "kept": key},
    )
    composer = desk.get(done["Location"]).context["composer"]

    incident.refresh_from_db()
    assert incident.state == State.ON_HOLD
    assert [file.name for file in composer.staged] == ["map.png"]


def test_staged_file_of_somebody_else_cannot_be_sent(desk: Client, bob: User, incident: Incident) -> None:
    (theirs,) = staging.stage(bob, [upload("secret.txt")], at=timezone.now())

    desk.post(address(incident), {"kind": "note", "text": "Mine", "version": 1, "kept": theirs.key})

    assert Attachment.objects.count() == 0
    assert StagedFile.objects.get() == theirs


def test_staged_files_lie_under_random_names_and_leave_with_their_rows(
    alice: User, place: Path, django_capture_on_commit_callbacks: Any
) -> None:
    (row,) = staging.stage(alice, [upload("../../salary.xlsx", b"1")], at=timezone.now())
    lies = [path.name for path in place.rglob("*") if path.is_file()]

    with django_capture_on_commit_callbacks(execute=True):
        StagedFile.objects.older_than(timezone.now() + timedelta(days=1)).discard()

    assert (row.name, row.key in lies, "salary" in lies[0]) == ("salary.xlsx", False, False)
    assert [path for path in place.rglob("*") if path.is_file()] == []


def test_one_persons_staged_files_are_bounded_in_number_and_bytes(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staging, "MOST_FILES", 3)
    monkeypatch.setattr(staging, "MOST_BYTES", 10)
    at = timezone.now()

    staging.stage(bob, [upload("bob.txt")], at=at)
    staging.stage(alice, [upload(f"{number}.txt") for number in range(5)], at=at)
    in_number = list(StagedFile.objects.filter(user=alice).order_by("pk").values_list("name", flat=True))
    staging.stage(alice, [upload("big.txt", b"123456789")], at=at)
    in_bytes = list(StagedFile.objects.filter(user=alice).order_by("pk").values_list("name", flat=True))

    assert in_number == ["2.txt", "3.txt", "4.txt"]
    assert in_bytes == ["4.txt", "big.txt"]
    assert StagedFile.objects.filter(user=bob).count() == 1


def test_no_browser_is_asked_to_cut_a_long_text(
    client: Client, desk: Client, carol: User, incident: Incident
) -> None:
    pages = [
        desk.get(address(incident)),
        desk.get(address(incident, "resolve")),
        desk.get("/admin/incidents/incident/add/"),
        desk.get(f"/incidents/{incident.number}/"),
        desk.get("/incidents/new/"),
    ]

    areas = [area for page in pages for area in re.findall(r"<textarea[^>]*>", page.content.decode())]

    assert len(areas) >= len(pages)
    assert [area for area in areas if "maxlength" in area] == []


def test_text_that_is_too_long_comes_back_whole(desk: Client, incident: Incident) -> None:
    text = "x" * 200_001

    page = desk.post(address(incident), {"kind": "note", "version": 1, "text": text})

    composer = page.context["composer"]
    assert list(composer.errors) == ["text"]
    assert composer["text"].value() == text
    assert incident.entries.count() == 1
