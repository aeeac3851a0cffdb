"""The words of mails: right, in the reader's place, and harmless."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, HoldReason, ResolutionCode
from incidents.models import Incident, Location, Profile
from notifications.channels.email.identity import BOUNCE, REPLY, delivery_of, signed_address, thread_id
from notifications.delivery.worker import sweep
from notifications.models import Delivery
from notifications.rendering.words import plain
from tests.factories import NOON, agent_actor, make_incident, requester_actor
from tests.notifications.sink import Hand, Sink, Taken

pytestmark = pytest.mark.django_db

EVIL = "<img src=x onerror=alert(1)> & \r\nBcc: evil@example.com"


def parts(taken: Taken) -> tuple[str, str]:
    text, html = taken.message.get_body(("plain",)), taken.message.get_body(("html",))
    assert text
    assert html
    return text.get_content(), html.get_content()


def last_to(sink: Sink, person: User) -> Taken:
    return [taken for taken in sink.taken if taken.to == person.email][-1]


def test_mail_has_the_headers_that_threads_and_robots_need(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")

    sweep(clock)

    taken = last_to(sink, carol)
    delivery = Delivery.objects.filter(recipient=carol).latest("pk")
    headers = taken.message
    assert headers["Message-ID"] == delivery.message_id == f"<d.{delivery.uuid}@localhost>"
    assert headers["References"] == headers["In-Reply-To"] == thread_id(incident.uid)
    assert (headers["Auto-Submitted"], headers["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert headers["To"] == "Carol Cole <carol@example.com>"
    assert delivery_of(taken.sender, BOUNCE) == delivery.uuid
    assert headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/mail/stop/")


def test_what_people_typed_is_shown_as_typed_and_starts_no_header(
    alice: User, carol: User, sink: Sink, clock: Hand
) -> None:
    User.objects.filter(pk=alice.pk).update(first_name="<b>Al", last_name="http://evil.example")
    alice.refresh_from_db()
    incident = make_incident(requester=carol, title=EVIL.replace("\r\n", " "))
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text=EVIL)

    sweep(clock)

    taken = last_to(sink, carol)
    text, html = parts(taken)
    assert taken.message["Bcc"] is None
    assert "<img" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html
    assert "<img src=x onerror=alert(1)>" in text
    assert "http://evil.example" not in html + text
    assert html.count("<a ") == 2


def test_mail_speaks_the_readers_time(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    office = Location.objects.create(name="Lisbon", time_zone="America/Sao_Paulo")
    Profile.objects.create(user=carol, location=office)
    workflow.comment(
        incident, actor=agent_actor(alice), at=datetime(2026, 3, 2, 1, 30, tzinfo=UTC), text="Hello."
    )

    sweep(clock)

    text, html = parts(last_to(sink, carol))
    assert "1 Mar 2026, 22:30 -03" in text
    assert "1 Mar 2026, 22:30 -03" in html


def test_requester_reads_nothing_internal(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.assign(
        incident, actor=agent_actor(alice), at=NOON, team=incident.team, assignee=alice, note="CANARY-1"
    )
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.VENDOR, note="CANARY-2")
    workflow.resume(incident, actor=agent_actor(alice), at=NOON, note="CANARY-3")
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="CANARY-4")
    workflow.record_action(
        incident,
        actor=agent_actor(alice),
        at=NOON,
        kind=ActionKind.PATCH,
        summary="Patched.",
        outcome=ActionOutcome.SUCCEEDED,
        reference="CANARY-5",
        tell=True,
    )
    workflow.resolve(incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.PATCH, text="Works.")

    sweep(clock)

    mails = [taken for taken in sink.taken if taken.to == carol.email]
    assert len(mails) == 6
    assert "CANARY" not in "".join(taken.message.as_string() + "".join(parts(taken)) for taken in mails)


def test_resolution_offers_the_requester_to_confirm_or_reopen(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.resolve(
        incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Restarted."
    )

    sweep(clock)

    text, html = parts(last_to(sink, carol))
    for part in (text, html):
        assert f"/incidents/{incident.number}/" in part
        assert "It works again" in part
        assert "Restarted." in part


def test_text_part_says_what_the_html_says(
    alice: User, bob: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.assign(incident, actor=agent_actor(bob), at=NOON, team=incident.team, assignee=alice)
    workflow.comment(incident, actor=requester_actor(carol), at=NOON, text="Line one.\n\nLine two.")

    sweep(clock)

    text, html = parts(last_to(sink, alice))
    for part in (text, html):
        for fact in (
            "Carol Cole wrote:",
            "Line one.",
            "Line two.",
            "3 Moderate",
            "Network",
            f"/admin/incidents/incident/{incident.pk}/",
        ):
            assert fact in part


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann Lee", "Ann Lee"),
        ("http://evil.example", "http://\u2060evil.\u2060example"),
        ("J. R. Hall", "J. R. Hall"),
    ],
)
def test_name_never_looks_like_a_link(name: str, shown: str) -> None:
    assert plain(name) == shown


def test_address_of_ours_cannot_be_made_up(settings: LazySettings) -> None:
    delivery = UUID("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    address = signed_address(REPLY, delivery)

    assert delivery_of(address, REPLY) == delivery
    assert delivery_of(address, BOUNCE) is None
    assert delivery_of(address.replace("6f96", "6f97"), REPLY) is None
    assert delivery_of("desk@localhost", REPLY) is None


def test_without_a_mail_server_mails_are_files(
    alice: User, carol: User, incident: Incident, settings: LazySettings, tmp_path: Path, clock: Hand
) -> None:
    settings.EMAIL_URL, settings.MAIL_DIR = "", tmp_path / "mail"
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")

    sweep(clock)

    files = sorted(path.name for path in (tmp_path / "mail").iterdir())
    assert len(files) == 3
    assert all(name.endswith(".eml") for name in files)
    assert sorted(Delivery.objects.values_list("provider_reply", flat=True)) == files
