"""What comes in is kept, once, and believed only from whom it was asked."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError

from incidents import limits, workflow
from incidents.enums import EntryKind, ResolutionCode, State, Via
from incidents.models import Desk, Incident
from notifications.delivery.worker import sweep
from notifications.inbound import receiving
from notifications.inbound.judging import MOST_AN_HOUR
from notifications.inbound.receiving import receive
from notifications.models import Delivery, InboundMail, InboundOutcome
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.notifications.inbound.conftest import Letter
from tests.notifications.sink import Hand

pytestmark = pytest.mark.django_db


def test_answer_becomes_a_reply_and_resumes_the_hold(letter: Letter, carol: User, incident: Incident) -> None:
    row = receive(letter("It is 5.2.\n\nOn Monday Service desk wrote:\n> Which version?"), at=NOON)

    incident.refresh_from_db()
    assert row.entry
    assert (row.outcome, row.entry.text) == (InboundOutcome.COMMENTED, "It is 5.2.")
    assert (row.entry.actor, row.entry.via, incident.state) == (carol, Via.MAIL, State.IN_PROGRESS)


def test_second_copy_writes_nothing(letter: Letter, incident: Incident) -> None:
    receive(letter(), at=NOON)
    before = incident.entries.count()

    receive(b"Received: from elsewhere\n" + letter(), at=NOON)

    assert (incident.entries.count(), InboundMail.objects.count()) == (before, 1)


def test_other_words_under_the_same_message_id_are_kept_and_wait(letter: Letter, incident: Incident) -> None:
    receive(letter(), at=NOON)
    before = incident.entries.count()

    row = receive(letter("Something else."), at=NOON)

    assert (row.outcome, row.text.strip()) == (InboundOutcome.REFUSED, "Something else.")
    assert (incident.entries.count(), InboundMail.objects.count()) == (before, 2)


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"From": "mallory@example.com"}, InboundOutcome.REFUSED),
        ({"From": "alice@example.com"}, InboundOutcome.REFUSED),
        ({"From": "carol@example.com, mallory@example.com"}, InboundOutcome.REFUSED),
        ({"Reply_To": "mallory@example.com"}, InboundOutcome.REFUSED),
        ({"To": "desk@localhost"}, InboundOutcome.REFUSED),
        ({"To": "desk+r.6f9619ff8b86d011b42d00c04fc964ff.000000000000@localhost"}, InboundOutcome.REFUSED),
        ({"To": "desk@localhost", "References": "<d.no-uuid@localhost>"}, InboundOutcome.REFUSED),
        ({"Auto_Submitted": "auto-replied"}, InboundOutcome.IGNORED),
        ({"Precedence": "bulk"}, InboundOutcome.IGNORED),
        ({"Return_Path": "<>"}, InboundOutcome.IGNORED),
        ({"X_Autoreply": "yes"}, InboundOutcome.IGNORED),
        ({"From": "MAILER-DAEMON@example.com"}, InboundOutcome.IGNORED),
    ],
)
def test_mail_that_is_not_to_be_believed_writes_nothing_and_is_kept(
    headers: dict[str, str], outcome: InboundOutcome, letter: Letter, incident: Incident
) -> None:
    before = incident.entries.count()
    raw = letter(**headers)

    row = receive(raw, at=NOON)

    assert (row.outcome, incident.entries.count()) == (outcome, before)
    assert row.reason
    assert (row.text.strip(), bytes(row.raw or b"")) == ("It is 5.2.", raw)


def test_our_own_mail_that_comes_back_is_left_alone(letter: Letter, asked: Delivery) -> None:
    assert receive(letter(Message_ID=asked.message_id), at=NOON).outcome == InboundOutcome.IGNORED


def test_sender_who_lost_access_is_refused(letter: Letter, incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(requester=None, opened_by=None)

    assert receive(letter(), at=NOON).reason == "The sender may not see this incident any more."


def test_mail_that_only_quotes_waits_for_a_person(letter: Letter) -> None:
    row = receive(letter("On Monday Service desk wrote:\n> Which version?"), at=NOON)

    assert (row.outcome, row.reason) == (
        InboundOutcome.REFUSED,
        "Nothing was written above the quoted mail.",
    )


def test_what_the_desk_answers_by_mail_stays_inside_and_in_nobodys_name(
    letter: Letter, alice: User, incident: Incident, clock: Hand
) -> None:
    workflow.comment(incident, actor=agent_actor(AgentFactory.create()), at=NOON, text="See above.")
    workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=alice)
    workflow.comment(incident, actor=agent_actor(AgentFactory.create()), at=NOON, text="Any news?")
    sweep(clock)
    told = Delivery.objects.filter(recipient=alice).latest("pk")

    row = receive(
        letter("On it.", To="desk@localhost", References=told.message_id, From="alice@example.com"), at=NOON
    )

    assert row.entry
    assert (row.entry.kind, row.entry.is_public, row.entry.actor) == (EntryKind.NOTED, False, None)
    assert row.entry.text == "From Alice Ames <alice@example.com>, by e-mail (not proven):\n\nOn it."


def test_answer_on_a_resolved_incident_reopens_it(letter: Letter, alice: User, incident: Incident) -> None:
    incident.refresh_from_db()
    workflow.resolve(incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")

    row = receive(letter("Still broken."), at=NOON + timedelta(days=1))

    assert row.entry
    assert (row.entry.kind, row.entry.state_after) == (EntryKind.REOPENED, State.IN_PROGRESS)


def test_answer_to_a_duplicate_lands_on_the_target(letter: Letter, alice: User, incident: Incident) -> None:
    incident.refresh_from_db()
    target = make_incident(title="The first report")
    workflow.merge(incident, actor=agent_actor(alice), at=NOON, into=target)

    row = receive(letter("Still broken."), at=NOON)

    assert row.entry
    assert (row.incident, row.entry.incident, row.entry.text) == (target, target, "Still broken.")


def test_answer_to_a_closed_incident_opens_one_with_text_and_files(
    letter: Letter, alice: User, incident: Incident
) -> None:
    incident.refresh_from_db()
    workflow.cancel(incident, actor=agent_actor(alice), at=NOON, reason="No fault.")
    mail = with_files(letter, ("shot.png", b"png"))

    row = receive(mail, at=NOON)

    assert row.entry
    assert row.incident
    assert (row.incident.follows_up, row.incident.description) == (incident, "See the files.")
    assert row.entry.attachments.get().name == "shot.png"


def with_files(letter: Letter, *files: tuple[str, bytes]) -> bytes:
    given = EmailMessage()
    for line in letter().decode().partition("\n\n")[0].splitlines():
        name, _, value = line.partition(": ")
        if name in {"From", "To", "Subject", "Message-ID"}:
            given[name] = value
    given.set_content("See the files.")
    for name, content in files:
        given.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return given.as_bytes()


def test_file_that_does_not_fit_is_named_and_kept_with_the_mail(
    letter: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "FILE_BYTES", 10)
    raw = with_files(letter, ("small.txt", b"12345"), ("large.txt", b"12345678901"), ("empty.txt", b""))

    row = receive(raw, at=NOON)

    assert row.entry
    assert row.entry.text == "See the files.\n\n(Not attached, but kept with the mail: large.txt, empty.txt.)"
    assert row.entry.attachments.get().name == "small.txt"
    assert bytes(row.raw or b"") == raw


def test_files_beyond_the_limit_are_named(letter: Letter) -> None:
    files = [(f"{n}.txt", b"x") for n in range(limits.FILES + 1)]

    row = receive(with_files(letter, *files), at=NOON)

    assert row.entry
    assert row.entry.attachments.count() == limits.FILES
    assert row.entry.text.endswith(f"(Not attached, but kept with the mail: {limits.FILES}.txt.)")


def test_text_beyond_the_limit_goes_along_as_a_file(letter: Letter) -> None:
    row = receive(letter("word " * 20_000 + "END-MARKER"), at=NOON)

    assert row.entry
    attached = row.entry.attachments.get()
    assert len(row.entry.text) <= limits.TEXT
    assert row.entry.text.endswith("(The mail goes on; the whole text is in the file mail.txt.)")
    with attached.file.open("rb") as file:
        assert file.read().endswith(b"END-MARKER")


def test_somebody_elses_change_at_the_same_moment_loses_no_answer(
    letter: Letter, alice: User, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    visible = Incident.objects.none().__class__.visible_to
    interrupted = []

    def and_then_somebody_else(rows: object, user: User) -> object:
        if user.username == "carol" and not interrupted:
            interrupted.append(1)
            incident.refresh_from_db()
            workflow.note(incident, actor=agent_actor(alice), at=NOON, text="I was quicker.")
        return visible(rows, user)  # type: ignore[arg-type]

    monkeypatch.setattr(Incident.objects.none().__class__, "visible_to", and_then_somebody_else)

    row = receive(letter(), at=NOON)

    assert interrupted
    assert row.outcome == InboundOutcome.COMMENTED


def test_one_sender_floods_no_incident(letter: Letter, incident: Incident) -> None:
    rows = [receive(letter(Message_ID=f"<{n}@example.com>"), at=NOON) for n in range(MOST_AN_HOUR + 2)]

    assert [row.outcome for row in rows[-3:]] == ["commented", "refused", "refused"]
    assert receive(letter(Message_ID="<later@example.com>"), at=NOON + timedelta(hours=2)).entry


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: \x00\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n--",
        b"Subject: =?x?q?=80?=\r\nTo: <<>>,,;\r\n\r\nx",
        b"Content-Type: text/plain; charset=zip\r\n\r\nx",
        b'Content-Type: text/plain; charset="\x00"\r\n\r\nx',
        b"From: " + b"(" * 5_000 + b"\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\n" * 300 + b"x",
        b"Content-Type: text/plain; name*0*=x''%; charset*=q\r\nContent-Transfer-Encoding: uu\r\n\r\nx",
    ],
)
def test_garbage_is_kept_and_harms_nothing(raw: bytes, db: None) -> None:
    row = receive(raw, at=NOON)

    assert (row.outcome, bytes(row.raw or b"")) == (InboundOutcome.REFUSED, raw)


def test_fault_of_ours_keeps_the_mail_for_a_person(
    letter: Letter, incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "own_words", lambda _text: 1 / 0)

    row = receive(letter(), at=NOON)

    assert row.outcome == InboundOutcome.REFUSED
    assert (row.reason.startswith("It could not be filed"), bytes(row.raw or b"")) == (True, letter())


def test_database_that_is_away_is_said_to_the_caller(letter: Letter, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(InboundMail.objects, "create", away)

    with pytest.raises(OperationalError):
        receive(letter(), at=NOON)


def test_words_are_forgotten_when_their_time_is_over(letter: Letter) -> None:
    old = receive(letter(), at=NOON)
    new = receive(letter(Message_ID="<2@example.com>"), at=NOON + timedelta(days=2))

    forgotten = InboundMail.objects.kept_as_they_came(NOON + timedelta(days=1)).forget_words()

    old.refresh_from_db()
    new.refresh_from_db()
    assert (forgotten, old.raw, old.text, old.outcome) == (1, None, "", InboundOutcome.COMMENTED)
    assert new.raw
    assert not InboundMail.objects.kept_as_they_came(NOON + timedelta(days=1)).exists()
    assert Desk.current().keep_mail_days == 365
