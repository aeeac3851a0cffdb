import re
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from incidents import workflow
from incidents.enums import EntryKind, HoldReason, ResolutionCode, State
from incidents.models import Attachment, Incident
from tests.factories import NOON, agent_actor, make_incident
from tests.incidents.portal.conftest import SECRET

Counter = Callable[[int], AbstractContextManager[Any]]
QUERIES = 9


def once(**fields: Any) -> dict[str, Any]:
    return {"token": str(uuid.uuid4()), **fields}


def without_csrf(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)


def resolved(incident: Incident, alice: User) -> Incident:
    workflow.resolve(
        incident,
        actor=agent_actor(alice),
        at=NOON + timedelta(hours=1),
        code=ResolutionCode.FIXED,
        text="The second firewall serves you now.",
    )
    return incident


def test_incident_shows_public_entries_only(carols: Client, secretive: Incident) -> None:
    page = carols.get(f"/incidents/{secretive.number}/").content.decode()

    assert "We are looking into it." in page
    assert "It is being worked on" in page
    assert SECRET not in page
    assert "vendor" not in page.lower()


def test_incident_shows_the_desk_no_more_than_the_requester(
    client: Client, alice: User, secretive: Incident
) -> None:
    client.force_login(alice)

    page = client.get(f"/incidents/{secretive.number}/").content.decode()

    assert "We are looking into it." in page
    assert SECRET not in page


def test_incident_of_a_stranger_looks_like_an_unknown_one(carols: Client, db: None) -> None:
    foreign = make_incident(title=SECRET)

    theirs = carols.get(f"/incidents/{foreign.number}/")
    unknown = carols.get("/incidents/INC0999999/")

    assert (theirs.status_code, unknown.status_code) == (404, 404)
    assert without_csrf(theirs.content) == without_csrf(unknown.content)


@pytest.mark.parametrize("step", ["", "confirm/", "reopen/", "cancel/"])
def test_incident_of_a_stranger_cannot_be_changed(carols: Client, alice: User, step: str) -> None:
    foreign = make_incident()

    response = carols.post(f"/incidents/{foreign.number}/{step}", once(text="x", reason="x"))

    assert response.status_code == 404
    assert foreign.entries.count() == 1


@pytest.mark.parametrize("step", ["confirm/", "reopen/", "cancel/"])
def test_step_reached_by_a_link_changes_nothing_and_leads_to_the_incident(
    carols: Client, incident: Incident, step: str
) -> None:
    response = carols.get(f"/incidents/{incident.number}/{step}")

    incident.refresh_from_db()
    assert response["Location"] == f"/incidents/{incident.number}/"
    assert (incident.state, incident.version) == (State.NEW, 1)


def test_incident_has_one_address(carols: Client, incident: Incident) -> None:
    response = carols.get(f"/incidents/{incident.pk}/")

    assert response["Location"] == f"/incidents/{incident.number}/"


def test_reply_is_public_and_ends_a_hold_that_waited_for_it(
    carols: Client, alice: User, incident: Incident
) -> None:
    workflow.hold(
        incident,
        actor=agent_actor(alice),
        at=NOON + timedelta(minutes=5),
        reason=HoldReason.CALLER,
        note="Which office?",
    )
    asked = carols.get(f"/incidents/{incident.number}/").content.decode()

    response = carols.post(
        f"/incidents/{incident.number}/",
        once(text="Lisbon.", attachments=[SimpleUploadedFile("screen.png", b"png")]),
    )

    incident.refresh_from_db()
    entry = incident.entries.get(kind=EntryKind.COMMENTED)
    assert "Which office?" in asked
    assert "We need an answer from you to go on." in asked
    assert response.status_code == 302
    assert incident.state == State.IN_PROGRESS
    assert (entry.is_public, entry.text, entry.via) == (True, "Lisbon.", "portal")
    assert entry.attachments.get().name == "screen.png"


def test_reply_sent_twice_is_said_once(carols: Client, incident: Incident) -> None:
    form = once(text="Any news?")

    carols.post(f"/incidents/{incident.number}/", form)
    carols.post(f"/incidents/{incident.number}/", form)

    assert incident.entries.filter(kind=EntryKind.COMMENTED).count() == 1


def test_empty_reply_comes_back_with_the_reason(carols: Client, incident: Incident) -> None:
    page = carols.post(f"/incidents/{incident.number}/", once(text=" ")).content.decode()

    assert "Write something, or attach a file." in page
    assert incident.entries.count() == 1


def test_reply_to_one_closed_meanwhile_becomes_a_new_report(
    carols: Client, alice: User, incident: Incident
) -> None:
    workflow.cancel(incident, actor=agent_actor(alice), at=NOON + timedelta(minutes=5), reason="Planned work")
    offered = carols.get(f"/incidents/{incident.number}/").content.decode()

    response = carols.post(f"/incidents/{incident.number}/", once(text="But it fails."), follow=True)

    opened = Incident.objects.get(follows_up=incident)
    assert "What you write here becomes a new report that is linked to this one." in offered
    assert (opened.description, opened.requester) == ("But it fails.", incident.requester)
    assert response.redirect_chain == [(f"/incidents/{opened.number}/", 302)]
    assert f"your answer is number {opened.number} now" in response.content.decode()


@pytest.fixture
def joined(alice: User, carol: User, incident: Incident) -> Incident:
    """Carol's report was joined with a colleague's; the target is returned."""
    target = make_incident(title="VPN down in Lisbon")
    workflow.merge(incident, actor=agent_actor(alice), at=NOON + timedelta(minutes=5), into=target)
    return target


def test_old_number_of_a_duplicate_leads_to_where_it_was_joined(
    carols: Client, incident: Incident, joined: Incident
) -> None:
    response = carols.get(f"/incidents/{incident.number}/", follow=True)

    page = response.content.decode()
    assert response.redirect_chain == [(f"/incidents/{joined.number}/", 302)]
    assert f"{incident.number} was joined with {joined.number}. It goes on here." in page
    assert f'href="/incidents/{incident.number}/?alone"' in page
    assert incident.title in carols.get(f"/incidents/{incident.number}/?alone").content.decode()


def test_reply_to_a_duplicate_lands_where_it_was_joined(
    carols: Client, incident: Incident, joined: Incident
) -> None:
    offered = carols.get(f"/incidents/{incident.number}/?alone").content.decode()

    response = carols.post(f"/incidents/{incident.number}/", once(text="Here too."))

    assert f"What you write here is sent to {joined.number}." in offered
    assert response["Location"] == f"/incidents/{joined.number}/"
    assert joined.entries.get(kind=EntryKind.COMMENTED).text == "Here too."


def test_reply_to_a_duplicate_tells_nothing_of_a_target_its_writer_may_not_see(
    carols: Client, carol: User, incident: Incident, joined: Incident
) -> None:
    joined.watchers.filter(user=carol).delete()
    Incident.objects.filter(pk=joined.pk).update(title=SECRET)

    shown = carols.get(f"/incidents/{incident.number}/").content.decode()
    response = carols.post(f"/incidents/{incident.number}/", once(text="Here too."), follow=True)

    page = response.content.decode()
    assert "Your answer is sent to those who work on it." in page
    assert joined.number not in shown + page
    assert SECRET not in shown + page
    assert joined.entries.get(kind=EntryKind.NOTED).text == "Here too."


def test_watcher_may_read_and_reply_but_not_decide(carols: Client, carol: User, alice: User) -> None:
    shared = make_incident(title="Printer of the floor")
    workflow.watch(shared, actor=agent_actor(alice), at=NOON + timedelta(minutes=1), user=carol)
    resolved(shared, alice)

    page = carols.get(f"/incidents/{shared.number}/").content.decode()
    carols.post(f"/incidents/{shared.number}/", once(text="Thanks"))
    carols.post(f"/incidents/{shared.number}/confirm/", once())
    refused = carols.post(f"/incidents/{shared.number}/reopen/", once(reason="Still broken"))

    shared.refresh_from_db()
    assert "Does it work again?" not in page
    assert shared.entries.filter(kind=EntryKind.COMMENTED).count() == 1
    assert shared.state == State.RESOLVED
    assert "Only the requester or the service desk may do this" in refused.content.decode()


def test_confirm_closes(carols: Client, alice: User, incident: Incident) -> None:
    resolved(incident, alice)
    page = carols.get(f"/incidents/{incident.number}/").content.decode()

    response = carols.post(f"/incidents/{incident.number}/confirm/", once(), follow=True)

    incident.refresh_from_db()
    assert "Does it work again?" in page
    assert "The second firewall serves you now." in page
    assert incident.state == State.CLOSED
    assert "Report again" in response.content.decode()


def test_confirm_of_one_that_is_not_resolved_says_why(carols: Client, incident: Incident) -> None:
    page = carols.post(f"/incidents/{incident.number}/confirm/", once(), follow=True).content.decode()

    assert f"{incident.number} is new. That does not go with: Close." in page


def test_reopen_needs_a_reason_and_counts(carols: Client, alice: User, incident: Incident) -> None:
    resolved(incident, alice)

    empty = carols.post(f"/incidents/{incident.number}/reopen/", once(reason="")).content.decode()
    carols.post(f"/incidents/{incident.number}/reopen/", once(reason="It drops again"))

    incident.refresh_from_db()
    assert "Write a few words, so that we know where to go on." in empty
    assert (incident.state, incident.reopen_count) == (State.IN_PROGRESS, 1)
    assert incident.entries.get(kind=EntryKind.REOPENED).text == "It drops again"


def test_cancel_is_offered_while_nobody_works_on_it(carols: Client, alice: User, incident: Incident) -> None:
    fresh = carols.get(f"/incidents/{incident.number}/").content.decode()
    carols.post(f"/incidents/{incident.number}/cancel/", once(reason="Works after a restart"))

    incident.refresh_from_db()
    assert "Withdraw the report" in fresh
    assert incident.state == State.CANCELLED


def test_incident_in_nobodys_hands_promises_nothing(carols: Client, alice: User, incident: Incident) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)

    page = carols.get(f"/incidents/{incident.number}/").content.decode()

    assert "No team is named for it yet." in page
    assert "Somebody looks at it" not in page
    assert "It waits longer than it should." not in page
    assert "Times count by" not in page


def test_incident_says_when_to_expect_what(carols: Client, alice: User, incident: Incident) -> None:
    page = carols.get(f"/incidents/{incident.number}/").content.decode()

    assert "What happens next" in page
    assert "It waits longer than it should." in page  # opened in March, looked at today
    assert "Around the clock" in page


def test_files_of_public_entries_only(carols: Client, secretive: Incident) -> None:
    carols.post(
        f"/incidents/{secretive.number}/",
        once(attachments=[SimpleUploadedFile("shot.svg", b"<svg onload=alert(1)>", "image/svg+xml")]),
    )
    mine = Attachment.objects.get(name="shot.svg")
    internal = Attachment.objects.get(name=f"{SECRET}.log")

    response = carols.get(f"/incidents/{secretive.number}/files/{mine.pk}/")

    assert b"".join(response.streaming_content) == b"<svg onload=alert(1)>"  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="shot.svg"'
    assert carols.get(f"/incidents/{secretive.number}/files/{internal.pk}/").status_code == 404


def test_files_of_another_incident_are_not_there(carols: Client, alice: User, incident: Incident) -> None:
    foreign = make_incident()
    workflow.comment(
        foreign,
        actor=agent_actor(alice),
        at=NOON + timedelta(minutes=1),
        text="See file",
        attachments=[SimpleUploadedFile("theirs.txt", b"x")],
    )
    pk = Attachment.objects.get().pk

    assert carols.get(f"/incidents/{incident.number}/files/{pk}/").status_code == 404
    assert carols.get(f"/incidents/{foreign.number}/files/{pk}/").status_code == 404


def test_long_conversation_comes_in_pages_and_counts_no_internal_entry(
    carols: Client, alice: User, incident: Incident
) -> None:
    for minute in range(60):
        desk, at = agent_actor(alice), NOON + timedelta(minutes=minute)
        workflow.comment(incident, actor=desk, at=at, text=f"News {minute}.")
        workflow.note(incident, actor=desk, at=at, text="Hush")

    first = carols.get(f"/incidents/{incident.number}/")
    second = carols.get(f"/incidents/{incident.number}/?page=2")

    said = [[each.entry.text for each in page.context["conversation"].said] for page in (first, second)]
    assert said[0] == [f"News {minute}." for minute in range(59, 9, -1)]
    assert said[1] == [*(f"News {minute}." for minute in range(9, -1, -1)), incident.description]
    assert b'href="?page=2#conversation"' in first.content
    assert b'href="?page=1#conversation"' in second.content
    assert b"?page=3" not in second.content


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 40, "999999", "²"])
def test_page_that_is_none_breaks_nothing(carols: Client, incident: Incident, page: str) -> None:
    assert carols.get(f"/incidents/{incident.number}/", {"page": page}).status_code == 200


@pytest.mark.parametrize("replies", [1, 3])
def test_conversation_needs_the_same_queries_for_any_length(
    carols: Client, alice: User, incident: Incident, replies: int, django_assert_num_queries: Counter
) -> None:
    for minute in range(replies):
        workflow.comment(
            incident,
            actor=agent_actor(alice),
            at=NOON + timedelta(minutes=minute),
            text=f"News {minute}",
            attachments=[SimpleUploadedFile("news.txt", b"x")],
        )

    with django_assert_num_queries(QUERIES):
        response = carols.get(f"/incidents/{incident.number}/")

    assert len(response.context["conversation"].said) == replies + 1


def test_text_of_people_is_shown_as_text(carols: Client, incident: Incident) -> None:
    carols.post(
        f"/incidents/{incident.number}/", once(text="<script>alert(1)</script> https://a.example/<b>")
    )

    page = carols.get(f"/incidents/{incident.number}/").content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
