"""No word goes to nobody: who hears when the nearest one cannot, and who waits for an answer to theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from incidents import workflow
from incidents.enums import ResolutionCode, Via
from incidents.ingest.correlate import decide
from incidents.models import Clock, Incident, Service, Source, Team
from incidents.parsers.alert import AlertStatus, ParsedAlert
from incidents.policies import Actor
from notifications.delivery.announce import announce_pending
from notifications.delivery.worker import sweep
from notifications.models import Delivery, OptOut, Subscription, Suppression
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident, requester_actor
from tests.notifications.sink import Hand, Sink
from tests.notifications.test_rendering import last_to, parts
from tests.notifications.test_routing import told

pytestmark = pytest.mark.django_db

SYSTEM = Actor(None, Via.SYSTEM)


@pytest.fixture
def tom(network: Team) -> User:
    """A colleague of Alice's."""
    user = AgentFactory.create(username="tom")
    network.members.add(user)
    return user


@pytest.fixture
def lena(network: Team) -> User:
    """Leads the network team."""
    user = AgentFactory.create(username="lena", role="Team lead")
    network.members.add(user)
    return user


@pytest.fixture
def mona(db: None) -> User:
    """Manages incidents of all teams."""
    return AgentFactory.create(username="mona", role="Incident manager")


@pytest.fixture
def taken(alice: User, incident: Incident) -> Incident:
    """Carol's, in Alice's hands."""
    workflow.assign(incident, actor=SYSTEM, at=NOON, team=incident.team, assignee=alice)
    return incident


def switched_off(person: User) -> None:
    User.objects.filter(pk=person.pk).update(is_active=False)


def without_address(person: User) -> None:
    User.objects.filter(pk=person.pk).update(email="")


def opted_out(person: User) -> None:
    OptOut.objects.create(user=person)


def opted_out_as_assignee(person: User) -> None:
    OptOut.objects.create(user=person, reason="assignee")


@pytest.mark.parametrize("unable", [switched_off, without_address, opted_out], ids=lambda each: each.__name__)
def test_team_hears_when_the_assignee_cannot(
    unable: Callable[[User], None], alice: User, tom: User, carol: User, taken: Incident
) -> None:
    unable(alice)

    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")
    late = workflow.notice_clock(
        Clock.objects.get(incident=taken, metric="resolve"), at=NOON + timedelta(days=2)
    )

    assert told(said) == {"tom": "team"}
    assert told(late) == {"tom": "team"}


def test_assignee_who_wants_no_mail_as_such_hears_as_a_member_of_the_team(
    alice: User, tom: User, carol: User, taken: Incident
) -> None:
    opted_out_as_assignee(alice)

    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    assert told(said) == {"alice": "team", "tom": "team"}


def test_assignee_whose_address_is_suppressed_has_it_held_and_the_team_hears(
    alice: User, tom: User, carol: User, taken: Incident
) -> None:
    Suppression.objects.create(address="alice@example.com", since=NOON)

    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    assert told(said) == {"alice": "assignee", "tom": "team"}


def test_lead_of_the_team_hears_when_no_member_does(
    alice: User, lena: User, mona: User, carol: User, taken: Incident
) -> None:
    switched_off(alice)
    OptOut.objects.create(user=lena, reason="team")

    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    assert told(said) == {"lena": "lead"}


def test_incident_manager_hears_when_the_team_is_empty(
    alice: User, mona: User, carol: User, taken: Incident
) -> None:
    switched_off(alice)

    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    assert told(said) == {"mona": "lead"}


def test_incident_manager_hears_of_a_report_that_no_team_has(mona: User, carol: User) -> None:
    opened = make_incident(requester=carol, title="Door is stuck").entries.get()

    assert told(opened) == {"mona": "lead", "carol": "requester"}


def test_nobody_else_is_told_while_the_nearest_hears(
    alice: User, tom: User, mona: User, carol: User, taken: Incident
) -> None:
    said = workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    assert told(said) == {"alice": "assignee"}


def test_work_given_back_is_told_to_the_team(alice: User, tom: User, taken: Incident) -> None:
    entry = workflow.assign(taken, actor=agent_actor(alice), at=NOON, team=taken.team, assignee=None)

    assert told(entry) == {"tom": "team"}


def test_mail_to_the_team_names_the_assignee_who_cannot_hear(
    alice: User, tom: User, carol: User, taken: Incident, sink: Sink, clock: Hand
) -> None:
    switched_off(alice)
    workflow.comment(taken, actor=requester_actor(carol), at=NOON, text="Still broken.")

    sweep(clock)

    text, html = parts(last_to(sink, tom))
    for part in (text, html):
        assert "Alice Ames has this incident and gets no mail. Please look after it." in part


def test_mail_to_a_lead_says_that_no_team_has_it(mona: User, carol: User, sink: Sink, clock: Hand) -> None:
    make_incident(requester=carol, title="Door is stuck")

    sweep(clock)

    text, _html = parts(last_to(sink, mona))
    assert "No team has this incident. Please give it to one." in text
    assert "nobody else at the desk could be told" in text


@pytest.mark.parametrize("door", [Via.PORTAL, Via.API, Via.MAIL])
def test_report_is_receipted_whatever_door_it_came_by(door: Via, carol: User) -> None:
    facts = workflow.Report(title="No sound", requester=carol, channel="portal")

    opened = workflow.open_incident(facts, actor=Actor(carol, door), at=NOON)

    assert told(opened.entries.get()) == {"carol": "requester"}


def test_receipt_speaks_to_the_reporter(carol: User, incident: Incident, sink: Sink, clock: Hand) -> None:
    sweep(clock)

    taken = last_to(sink, carol)
    text, html = parts(taken)
    assert str(taken.message["Subject"]).startswith(f"[{incident.number}] We have your report")
    for part in (text, html):
        assert "We have your report. We will write when something changes." in part
        assert "Carol Cole opened" not in part


def test_resolver_hears_that_it_works_and_that_it_does_not(
    bob: User, tom: User, carol: User, taken: Incident
) -> None:
    workflow.resolve(taken, actor=agent_actor(bob), at=NOON, code=ResolutionCode.FIXED, text="Done.")

    again = workflow.reopen(taken, actor=requester_actor(carol), at=NOON, text="Not yet.")
    workflow.resolve(taken, actor=agent_actor(tom), at=NOON, code=ResolutionCode.FIXED, text="Now.")
    closed = workflow.close(taken, actor=requester_actor(carol), at=NOON)

    assert told(again) == {"alice": "assignee", "bob": "resolver"}
    assert told(closed) == {"alice": "assignee", "tom": "resolver"}


def test_closing_by_the_desk_or_by_time_is_told_to_the_requester_alone(
    bob: User, tom: User, taken: Incident
) -> None:
    workflow.resolve(taken, actor=agent_actor(bob), at=NOON, code=ResolutionCode.FIXED, text="Done.")

    closed = workflow.close(taken, actor=SYSTEM, at=NOON)

    assert told(closed) == {"carol": "requester"}


def test_confirmation_thanks_the_resolver(
    bob: User, carol: User, taken: Incident, sink: Sink, clock: Hand
) -> None:
    workflow.resolve(taken, actor=agent_actor(bob), at=NOON, code=ResolutionCode.FIXED, text="Done.")
    workflow.close(taken, actor=requester_actor(carol), at=NOON)

    sweep(clock)

    text, _html = parts(last_to(sink, bob))
    assert "Carol Cole confirmed that it works again. The incident is closed." in text
    assert "You get this because you resolved the incident." in text


def alert(status: AlertStatus, source: Source, at: Hand) -> Incident:
    parsed = ParsedAlert(status=status, title="CPU", dedup_key="cpu", severity_raw="critical")
    decision = decide(parsed, key="cpu", source=source, at=at())
    announce_pending(at)
    return Incident.objects.get(pk=decision.incident_id)


@pytest.fixture
def probe(vpn: Service) -> Source:
    return Source.objects.create(name="Probe", kind="generic", service=vpn)


def test_recovery_of_an_alert_that_nobody_took_is_told_to_who_was_told_of_it(
    alice: User, tom: User, bob: User, vpn: Service, probe: Source, clock: Hand
) -> None:
    Subscription.objects.create(user=bob, service=vpn, valid_from=NOON - timedelta(days=1))
    alert(AlertStatus.FIRING, probe, clock)
    clock.turn(minutes=5)

    incident = alert(AlertStatus.RESOLVED, probe, clock)

    last = incident.entries.order_by("-seq").first()
    assert last
    assert (last.kind, told(last)) == (
        "resolved", {"alice": "team", "tom": "team", "bob": "subscriber"}
    )  # fmt: skip


def test_recovery_of_an_alert_in_somebodys_hands_is_told_to_them_and_who_was_told_of_it(
    alice: User, tom: User, probe: Source, clock: Hand, sink: Sink
) -> None:
    incident = alert(AlertStatus.FIRING, probe, clock)
    workflow.assign(incident, actor=agent_actor(tom), at=clock(), team=incident.team, assignee=tom)
    clock.turn(minutes=5)

    alert(AlertStatus.RESOLVED, probe, clock)
    sweep(clock)

    last = incident.entries.order_by("-seq").first()
    assert last
    assert (last.kind, told(last)) == ("alerted", {"alice": "team", "tom": "assignee"})
    assert "Alert is over" in str(last_to(sink, alice).message["Subject"])


def test_alert_that_joins_tells_nobody(alice: User, probe: Source, incident: Incident) -> None:
    entry = workflow.record_alert(incident, actor=SYSTEM, at=NOON, text="Fires again: CPU", alert={"id": 1})

    assert told(entry) == {}


def test_new_watcher_hears_that_they_watch(alice: User, incident: Incident, sink: Sink, clock: Hand) -> None:
    dave = RequesterFactory.create(username="dave", email="dave@example.com")
    Incident.objects.filter(pk=incident.pk).update(description="It drops at noon.")
    workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=dave)

    sweep(clock)

    taken = last_to(sink, dave)
    text, html = parts(taken)
    assert (
        str(taken.message["Subject"]) == f"[{incident.number}] You hear of this from now on: {incident.title}"
    )
    for part in (text, html):
        assert "Alice Ames added you" in part
        assert "It drops at noon." in part
        assert f"/incidents/{incident.number}/" in part
        assert "Network" not in part


def test_nobody_is_told_that_they_watch_by_their_own_choice_or_that_others_do(
    alice: User, bob: User, carol: User, incident: Incident
) -> None:
    dave = RequesterFactory.create(username="dave")

    own = workflow.watch(incident, actor=agent_actor(bob), at=NOON, user=bob)
    other = workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=dave)

    assert told(own) == {}
    assert told(other) == {"dave": "watcher"}


def test_merge_is_one_mail_to_a_person(
    alice: User, carol: User, incident: Incident, vpn: Service, sink: Sink, clock: Hand
) -> None:
    other = make_incident(title="VPN is slow", service=vpn)
    for case in (incident, other):
        workflow.watch(case, actor=SYSTEM, at=NOON, user=alice)
    sweep(clock)
    sink.taken.clear()

    workflow.merge(incident, actor=SYSTEM, at=NOON, into=other)
    sweep(clock)

    assert sorted(taken.to for taken in sink.taken) == ["alice@example.com", "carol@example.com"]
    assert Delivery.objects.filter(entry__kind="absorbed").count() == 0
