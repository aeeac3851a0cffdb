"""One sample mail, one right answer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import EntryKind, HoldReason, State, Via
from incidents.models import Incident
from notifications.inbound.receiving import receive
from notifications.models import Delivery, InboundMail, InboundOutcome
from tests.factories import NOON, agent_actor
from tests.notifications.inbound.conftest import CASES

pytestmark = pytest.mark.django_db

Case = Callable[[str], bytes]
FILES_ONLY = "Files were sent by e-mail, without a word."
QUOTED = "Hello,\n\nAm 26.11.2026 um 10:00 schrieb Service Desk:\n"

COMMENTS: dict[str, str] = {
    "plain": "It still fails.",
    "emoji-rtl": "الطابعة لا تعمل 🖨️🔥",
    "latin1": "Der Drucker läuft wieder nicht, bitte prüfen.",
    "iso-2022-jp": "プリンタ故障",
    "ks-c-5601-1987": "프린터 고장",
    "no-charset-utf8": "Drücker",
    "no-charset-latin1": "Drücker",
    "cp-850": "Grüße",
    "windows-874-thai": "เครื่องพิมพ์",
    "unknown-charset": "Drücker",
    "odd-transfer-encoding": "Still bröken",
    "attachment": "See the picture.",
    "attachment-only": FILES_ONLY,
    "inline-image-alt-related": "This is it",
    "interleaved": QUOTED + "> Which printer is it?\nThe one in room 12.\n> Since when?\nSince Monday.",
    "bottom-post-no-intro": "> Which printer is it?\n\nThe one in room 12.",
    "dash-dash-log": "Output:",
    "sql-comment": "I ran\n--\nSELECT 1;\nand it hangs",
    "french": "Salle 12.",
    "gmail-wrapped-intro": "Room 12.",
    "outlook-en": "Room 12.",
    "outlook-de": "Raum 12.",
    "outlook-underscore": "Room 12.",
    "html-only": "Still broken, see printer 3.",
    "format-flowed": "This is a long line that was wrapped by the mail program and flows on.",
    "missing-terminal-boundary": "truncated mail",
    "nul-lone-cr": "ab\nline2",
    "bad-base64-plain": "Still broken",
    "tnef-winmail-dat": "See attached",
    "signed-by-gpg-multipart-signed": "Signed text",
    "ooo-without-headers": "I am out of office until Monday.",
    "x-auto-response-suppress-on-human-mail": "Still broken",
    "list-id-on-human-mail": "Still broken",
    "only-references-left": "Still broken",
}
FILES = {
    "attachment": ("shot.png", b"\x89PNG\r\n\x1a\n"),
    "attachment-only": ("shot.png", b"\x89PNG\r\n\x1a\n"),
    "inline-image-alt-related": ("image001.png", b"\x89PNG\r\n\x1a\n"),
    "tnef-winmail-dat": ("winmail.dat", b"x\x9f>"),
    "signed-by-gpg-multipart-signed": ("signature.asc", b"-----BEGIN PGP SIGNATURE-----"),
}
IGNORED = {"calendar-dsn-read-receipt"}
WAITING = {"from-two-sender", "from-with-comment", "other-alias"}


def test_every_sample_has_its_right_answer() -> None:
    samples = {path.stem for path in CASES.glob("*.eml")}

    assert samples == {*COMMENTS, *IGNORED, *WAITING, "long-25k"}


@pytest.mark.parametrize("name", COMMENTS)
def test_sample_becomes_the_comment_it_is(name: str, case: Case, carol: User, incident: Incident) -> None:
    raw = case(name)

    row = receive(raw, at=NOON)

    entry = row.entry
    assert entry
    assert (row.outcome, bytes(row.raw or b"")) == (InboundOutcome.COMMENTED, raw)
    assert (entry.incident, entry.kind, entry.actor) == (incident, EntryKind.COMMENTED, carol)
    assert (entry.text, entry.via, entry.is_public) == (COMMENTS[name], Via.MAIL, True)
    files = [(each.name, Path(each.file.path).read_bytes()) for each in entry.attachments.order_by("pk")]
    assert files == ([FILES[name]] if name in FILES else [])


def test_long_sample_is_kept_to_its_end(case: Case) -> None:
    row = receive(case("long-25k"), at=NOON)

    assert row.entry
    assert row.entry.text.endswith("END-MARKER")


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_sample_of_a_machine_writes_nothing_and_is_on_record(
    name: str, case: Case, incident: Incident
) -> None:
    before = incident.entries.count()

    row = receive(case(name), at=NOON)

    assert (row.outcome, row.answer, incident.entries.count()) == (InboundOutcome.IGNORED, None, before)
    assert row.reason == "A machine wrote it, and machines are not answered."


@pytest.mark.parametrize("name", sorted(WAITING))
def test_sample_of_somebody_else_waits_for_a_person_and_is_answered_once(
    name: str, case: Case, incident: Incident
) -> None:
    before = incident.entries.count()

    row = receive(case(name), at=NOON)
    receive(case(name), at=NOON)

    assert (row.outcome, row.incident, incident.entries.count()) == (InboundOutcome.REFUSED, incident, before)
    assert (row.text.strip(), bytes(row.raw or b"")) == ("Still broken", case(name))
    assert row.answer
    assert row.answer.address == row.sender
    assert Delivery.objects.filter(purpose="answer").count() == InboundMail.objects.count() == 1


def test_machine_that_does_not_say_so_ends_a_hold_once_a_day(
    case: Case, alice: User, incident: Incident
) -> None:
    first = receive(case("ooo-without-headers"), at=NOON).entry
    incident.refresh_from_db()
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which?")

    second = receive(case("ooo-without-headers").replace(b"Message-ID: <", b"Message-ID: <again."), at=NOON)

    assert first
    assert second.entry
    assert (first.state_after, second.entry.state_after) == (State.IN_PROGRESS, State.ON_HOLD)
