"""No mail promises, links or offers what its reader will not find."""

import re
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from incidents import workflow
from incidents.enums import HoldReason, ResolutionCode, Severity, Via
from incidents.models import Incident
from incidents.policies import Actor
from notifications.delivery.worker import sweep
from notifications.models import OptOut, Suppression
from notifications.panels import mails_go_to
from tests.factories import NOON, RequesterFactory, agent_actor, make_incident
from tests.notifications.sink import Hand, Sink
from tests.notifications.test_rendering import last_to, parts

pytestmark = pytest.mark.django_db

SYSTEM = Actor(None, Via.SYSTEM)
LOCAL = "http://127.0.0.1:8000"


def cannot_log_in(person: User) -> None:
    person.set_unusable_password()
    person.save()


def resolved(incident: Incident, alice: User) -> None:
    workflow.resolve(
        incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Restarted."
    )


def test_person_without_a_log_in_gets_a_link_that_opens_without_one(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand, client: Client
) -> None:
    cannot_log_in(carol)
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="Hello.")

    sweep(clock)

    text, html = parts(last_to(sink, carol))
    assert "/incidents/" not in text + html
    assert "Follow this incident:" in text
    link = re.search(rf"{LOCAL}(/track/\S+)", text)
    assert link
    assert link[1] in html


def test_person_without_a_log_in_is_not_offered_what_needs_one(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    cannot_log_in(carol)
    resolved(incident, alice)

    sweep(clock)

    text, html = parts(last_to(sink, carol))
    assert "It works again" not in text + html
    assert "If it still fails, please tell the service desk." in text


def test_requester_of_a_major_is_not_offered_to_close_it_before_its_review(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.declare_major(incident, actor=SYSTEM, at=NOON, severity=Severity.SEV1, reason="All of it.")
    resolved(incident, alice)

    sweep(clock)

    text, html = parts(last_to(sink, carol))
    for part in (text, html):
        assert "close it" not in part
        assert "closed after a while" not in part
        assert "It still fails, reopen it" in part


def test_requester_is_told_of_the_silent_close_and_offered_both(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    resolved(incident, alice)

    sweep(clock)

    text, _html = parts(last_to(sink, carol))
    assert "Without an answer it will be closed after a while." in text
    assert "It works again, close it" in text
    assert "It still fails, reopen it" in text


def test_service_desk_is_opened_by_those_who_may_enter_it(
    alice: User, bob: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    User.objects.filter(pk=bob.pk).update(is_staff=False)
    for person in (alice, bob):
        workflow.watch(incident, actor=SYSTEM, at=NOON, user=person)
    workflow.comment(incident, actor=SYSTEM, at=NOON, text="Hello.")

    sweep(clock)

    assert "/admin/" in parts(last_to(sink, alice))[0]
    for outside in (bob, carol):
        text, html = parts(last_to(sink, outside))
        assert "/admin/" not in text + html
        assert f"/incidents/{incident.number}/" in text


@pytest.mark.parametrize(
    ("inbound", "says"), [("", "nobody reads what comes back"), ("imaps://x", "You may simply answer")]
)
def test_answers_are_invited_where_somebody_fetches_them(
    inbound: str, says: str, carol: User, incident: Incident, settings: LazySettings, sink: Sink, clock: Hand
) -> None:
    settings.INBOUND_MAIL_URL = inbound

    sweep(clock)

    taken = last_to(sink, carol)
    assert says in parts(taken)[0]
    assert (taken.message["Reply-To"] is not None) == bool(inbound)


def test_hold_for_the_requester_asks_them_and_tells_watchers_what_it_waits_for(
    alice: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    dave = RequesterFactory.create(email="dave@example.com")
    workflow.watch(incident, actor=SYSTEM, at=NOON, user=dave)
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which one?")

    sweep(clock)

    asked, told = parts(last_to(sink, carol))[0], parts(last_to(sink, dave))[0]
    assert "Alice Ames needs an answer from you" in asked
    assert "needs an answer from you" not in told
    assert "outside our hands" not in told
    assert "goes on as soon as its requester has answered" in told


@pytest.mark.parametrize("step", ["assign", "hold", "resume"])
def test_hand_over_note_stands_in_the_mail_to_the_desk_and_nowhere_else(
    step: str, alice: User, bob: User, carol: User, incident: Incident, sink: Sink, clock: Hand
) -> None:
    by = agent_actor(bob)
    workflow.watch(incident, actor=SYSTEM, at=NOON, user=alice)
    workflow.hold(incident, actor=by, at=NOON, reason=HoldReason.VENDOR)
    if step == "hold":
        workflow.resume(incident, actor=by, at=NOON)
        workflow.hold(incident, actor=by, at=NOON, reason=HoldReason.VENDOR, note="CANARY note")
    elif step == "resume":
        workflow.resume(incident, actor=by, at=NOON, note="CANARY note")
    else:
        workflow.assign(incident, actor=by, at=NOON, team=incident.team, assignee=alice, note="CANARY note")

    sweep(clock)

    assert all("CANARY note" in part for part in parts(last_to(sink, alice)))
    outside = [taken for taken in sink.taken if taken.to == carol.email]
    assert "CANARY" not in "".join("".join(parts(taken)) for taken in outside)


def without_address(person: User) -> None:
    person.email = ""


def opted_out(person: User) -> None:
    OptOut.objects.create(user=person)


def suppressed(person: User) -> None:
    Suppression.objects.create(address=person.email)


@pytest.mark.parametrize("unable", [without_address, opted_out, suppressed], ids=lambda each: each.__name__)
def test_portal_promises_mail_to_whom_it_reaches(
    unable: Callable[[User], None], carol: User, incident: Incident, settings: LazySettings
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    before = mails_go_to(carol, incident)

    unable(carol)

    assert (before, mails_go_to(carol, incident)) == ("carol@example.com", "")


def test_portal_promises_no_mail_where_none_leaves(
    carol: User, incident: Incident, settings: LazySettings
) -> None:
    settings.EMAIL_URL = ""

    assert mails_go_to(carol, incident) == ""


def test_page_of_the_incident_says_whether_mail_comes(
    carol: User, incident: Incident, settings: LazySettings, client: Client
) -> None:
    client.force_login(carol)
    settings.EMAIL_URL = "smtp://127.0.0.1:1"

    with_mail = client.get(f"/incidents/{incident.number}/").content.decode()
    opted_out(carol)
    without = client.get(f"/incidents/{incident.number}/").content.decode()

    assert "We write to carol@example.com when something changes." in with_mail
    assert "You get no mail about it. Look here to see what happens." in without


def test_report_page_thanks_without_a_promise(carol: User, client: Client) -> None:
    client.force_login(carol)

    page = client.post(
        "/incidents/new/", {"title": "No sound", "impact": "3", "urgency": "2"}, follow=True
    ).content.decode()

    assert "Thank you. Your report is number INC" in page
    assert "e-mail" not in page


def test_portal_of_a_major_offers_to_reopen_and_not_to_close(
    carol: User, alice: User, incident: Incident, client: Client
) -> None:
    workflow.declare_major(incident, actor=SYSTEM, at=NOON, severity=Severity.SEV1, reason="All of it.")
    resolved(incident, alice)
    client.force_login(carol)

    page = client.get(f"/incidents/{incident.number}/").content.decode()

    assert "Yes, it works" not in page
    assert "No, still broken" in page


def test_watcher_is_not_asked_for_the_requesters_answer(
    alice: User, incident: Incident, client: Client
) -> None:
    dave = RequesterFactory.create()
    workflow.watch(incident, actor=SYSTEM, at=NOON, user=dave)
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which one?")
    client.force_login(dave)

    page = client.get(f"/incidents/{incident.number}/").content.decode()
    home = client.get("/?show=shared").content.decode()

    assert "We need an answer from you" not in page
    assert "as soon as the requester has answered" in page
    assert "Please answer our question" not in home


def test_private_link_of_somebody_without_a_log_in_offers_none(
    carol: User, alice: User, sink: Sink, clock: Hand, client: Client
) -> None:
    clock.now = timezone.now()
    cannot_log_in(carol)
    make_incident(requester=carol, title="No sound", at=clock())
    sweep(clock)
    link = re.search(rf"{LOCAL}(/track/\S+)", parts(last_to(sink, carol))[0])
    assert link

    page = client.get(link[1])

    assert page.status_code == 200
    assert "Log in to answer" not in page.content.decode()
    assert "No sound" in page.content.decode()
