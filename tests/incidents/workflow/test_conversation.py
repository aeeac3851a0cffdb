"""Where words land: on the incident, on the one it was joined with, on a new one."""

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile

from incidents import workflow
from incidents.enums import Channel, EntryKind, HoldReason, ResolutionCode, State, Via, Visibility
from incidents.errors import IllegalTransition, Invalid, NotAllowed
from incidents.models import Desk, Incident, Team
from incidents.policies import Actor
from tests.factories import NOON, RequesterFactory, agent_actor, make_incident, requester_actor

pytestmark = pytest.mark.django_db


def hours(count: float) -> datetime:
    return NOON + timedelta(hours=count)


@pytest.fixture
def resolved(alice: User, incident: Incident) -> Incident:
    workflow.resolve(incident, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")
    return incident


@pytest.fixture
def closed(alice: User, resolved: Incident) -> Incident:
    workflow.close(resolved, actor=agent_actor(alice), at=NOON)
    return resolved


def merged(incident: Incident, alice: User, into: Incident) -> Incident:
    workflow.merge(incident, actor=agent_actor(alice), at=NOON, into=into)
    return incident


def test_word_on_a_resolved_incident_reopens_it(resolved: Incident, carol: User) -> None:
    entry = workflow.answer(resolved, actor=requester_actor(carol), at=hours(24), text="Still broken.")

    resolved.refresh_from_db()
    assert (entry.kind, entry.text, entry.is_public) == (EntryKind.REOPENED, "Still broken.", True)
    assert (resolved.state, resolved.reopen_count) == (State.IN_PROGRESS, 1)
    assert resolved.clocks.get(metric="resolve").stopped_at is None


def test_word_on_a_resolved_incident_only_stays_where_the_desk_says_so(
    resolved: Incident, carol: User
) -> None:
    Desk.objects.update_or_create(pk=1, defaults={"reopens_on_answer": False})

    entry = workflow.answer(resolved, actor=requester_actor(carol), at=hours(24), text="Still broken.")

    assert (entry.kind, resolved.state, resolved.reopen_count) == (EntryKind.COMMENTED, State.RESOLVED, 0)
    assert not Incident.objects.resolved_and_silent_since(hours(24 * 8)).exists()


def test_word_of_a_watcher_reopens_nothing_and_stops_the_silence(alice: User, resolved: Incident) -> None:
    watcher = RequesterFactory.create()
    workflow.watch(resolved, actor=agent_actor(alice), at=NOON, user=watcher)

    workflow.answer(resolved, actor=requester_actor(watcher), at=hours(24), text="Not for me.")

    assert resolved.state == State.RESOLVED
    assert not Incident.objects.resolved_and_silent_since(hours(24 * 8)).exists()


def test_word_of_the_desk_leaves_the_silence(alice: User, resolved: Incident) -> None:
    workflow.comment(resolved, actor=agent_actor(alice), at=hours(24), text="Please confirm.")

    assert list(Incident.objects.resolved_and_silent_since(hours(24 * 8))) == [resolved]


def test_word_before_it_was_resolved_does_not_stop_the_silence(
    alice: User, carol: User, incident: Incident
) -> None:
    workflow.answer(incident, actor=requester_actor(carol), at=hours(1), text="Still broken.")
    workflow.resolve(incident, actor=agent_actor(alice), at=hours(2), code=ResolutionCode.FIXED, text="Done.")

    assert list(Incident.objects.resolved_and_silent_since(hours(24 * 8))) == [incident]


def test_answer_to_a_duplicate_lands_at_the_end_of_a_chain(
    alice: User, carol: User, incident: Incident
) -> None:
    second, third = make_incident(title="Second"), make_incident(title="Third")
    merged(incident, alice, second)
    merged(second, alice, third)
    before = incident.version

    entry = workflow.answer(
        incident,
        actor=requester_actor(carol),
        at=hours(1),
        text="See this.",
        attachments=[ContentFile(b"x", name="a.txt")],
    )

    assert (entry.incident, entry.kind, entry.visibility) == (third, EntryKind.COMMENTED, Visibility.PUBLIC)
    assert entry.attachments.get().name == "a.txt"
    assert (incident.version, third.entries.latest("seq")) == (before, entry)


def test_answer_to_a_duplicate_is_for_the_desk_alone_when_its_writer_sees_no_target(
    alice: User, carol: User, incident: Incident
) -> None:
    other = make_incident(title="Other")
    merged(incident, alice, other)
    Incident.objects.filter(pk=other.pk).update(is_confidential=True)
    other.watchers.filter(user=carol).update(removed_at=NOON)

    entry = workflow.answer(incident, actor=requester_actor(carol), at=hours(1), text="And mine?")

    assert (entry.incident, entry.kind, entry.visibility) == (other, EntryKind.NOTED, Visibility.INTERNAL)
    assert entry.data["from_outside"]


@pytest.mark.parametrize("via", [Via.PORTAL, Via.API, Via.MAIL])
def test_answer_to_a_closed_incident_opens_one_that_follows_it_up(
    closed: Incident, carol: User, via: Via
) -> None:
    before = closed.version

    entry = workflow.answer(
        closed,
        actor=Actor(carol, via),
        at=hours(48),
        text="It is back.",
        attachments=[ContentFile(b"x", name="a.txt")],
    )

    opened = entry.incident
    assert (opened.follows_up, opened.requester, opened.title) == (closed, carol, closed.title)
    assert (opened.description, opened.team, opened.state) == ("It is back.", closed.team, State.NEW)
    assert opened.channel == {Via.MAIL: Channel.EMAIL}.get(via, via)
    assert entry.attachments.get().name == "a.txt"
    assert closed.version == before


def test_answer_to_a_cancelled_incident_opens_one_that_follows_it_up(
    alice: User, carol: User, incident: Incident
) -> None:
    workflow.cancel(incident, actor=agent_actor(alice), at=NOON, reason="No fault.")

    entry = workflow.answer(incident, actor=requester_actor(carol), at=hours(1), text="But it fails.")

    assert entry.incident.follows_up == incident


def test_second_answer_to_a_closed_incident_joins_the_first(closed: Incident, carol: User) -> None:
    first = workflow.answer(closed, actor=requester_actor(carol), at=hours(48), text="It is back.")

    second = workflow.answer(closed, actor=requester_actor(carol), at=hours(49), text="Still.")

    assert (second.incident, second.kind) == (first.incident, EntryKind.COMMENTED)


def test_new_incident_of_a_confidential_one_is_confidential_and_with_its_team(
    alice: User, carol: User, network: Team
) -> None:
    secret = make_incident(requester=carol, is_confidential=True, team=network)
    workflow.cancel(secret, actor=agent_actor(alice), at=NOON, reason="No fault.")

    opened = workflow.answer(secret, actor=requester_actor(carol), at=hours(1), text="Again.").incident

    assert (opened.is_confidential, opened.team) == (True, network)


def test_agent_is_told_that_a_closed_incident_takes_no_reply(alice: User, closed: Incident) -> None:
    assert not workflow.may_answer(closed, agent_actor(alice))
    with pytest.raises(IllegalTransition, match="Open a new incident"):
        workflow.answer(closed, actor=agent_actor(alice), at=hours(1), text="One more thing.")


def test_empty_answer_opens_nothing(closed: Incident, carol: User) -> None:
    with pytest.raises(Invalid, match="Write something"):
        workflow.answer(closed, actor=requester_actor(carol), at=hours(1), text=" ")

    assert Incident.objects.count() == 1


@pytest.fixture
def asked(alice: User, incident: Incident) -> Incident:
    workflow.hold(incident, actor=agent_actor(alice), at=NOON, reason=HoldReason.CALLER, note="Which?")
    return incident


def test_mail_ends_a_hold_once_a_day(alice: User, carol: User, asked: Incident) -> None:
    by_mail = Actor(carol, Via.MAIL)
    workflow.answer(asked, actor=by_mail, at=hours(1), text="I am out of office.")
    first = asked.state
    workflow.hold(asked, actor=agent_actor(alice), at=hours(2), reason=HoldReason.CALLER, note="Which?")

    workflow.answer(asked, actor=by_mail, at=hours(3), text="I am out of office.")
    second = asked.state
    workflow.answer(asked, actor=by_mail, at=hours(26), text="I am back.")

    assert (first, second, asked.state) == (State.IN_PROGRESS, State.ON_HOLD, State.IN_PROGRESS)


def test_portal_ends_a_hold_as_often_as_it_is_answered(alice: User, carol: User, asked: Incident) -> None:
    workflow.answer(asked, actor=Actor(carol, Via.MAIL), at=hours(1), text="I am out of office.")
    workflow.hold(asked, actor=agent_actor(alice), at=hours(2), reason=HoldReason.CALLER, note="Which?")

    workflow.answer(asked, actor=requester_actor(carol), at=hours(3), text="The second.")

    assert asked.state == State.IN_PROGRESS


def test_agent_files_the_words_of_somebody_else_in_the_agents_name(alice: User, asked: Incident) -> None:
    entry = workflow.pass_on(
        asked, actor=agent_actor(alice), at=hours(1), text="Room 12.", writer="joana@home.example"
    )

    assert (entry.actor, entry.kind) == (alice, EntryKind.COMMENTED)
    assert entry.text == "From joana@home.example, by e-mail:\n\nRoom 12."
    assert asked.state == State.IN_PROGRESS


def test_nobody_outside_the_desk_files_the_words_of_somebody_else(carol: User, incident: Incident) -> None:
    with pytest.raises(NotAllowed):
        workflow.pass_on(
            incident, actor=requester_actor(carol), at=NOON, text="Room 12.", writer="joana@home.example"
        )
