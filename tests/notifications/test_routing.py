"""Who hears of what, and that nobody else does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import ActionKind, ActionOutcome, HoldReason, Priority, ResolutionCode, Severity, Via
from incidents.models import Clock, Incident, Service, Team, TimelineEntry
from incidents.policies import Actor
from notifications.models import Endpoint, OptOut, Subscription
from notifications.routing.recipients import recipients
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident, requester_actor

pytestmark = pytest.mark.django_db

SYSTEM = Actor(None, Via.SYSTEM)


@pytest.fixture
def dave(db: None) -> User:
    """A requester who watches."""
    return RequesterFactory.create(username="dave")


@pytest.fixture
def erin(workplace: Team, vpn: Service) -> User:
    """An agent of another team who follows the service."""
    user = AgentFactory.create(username="erin")
    workplace.members.add(user)
    Subscription.objects.create(user=user, service=vpn, valid_from=NOON - timedelta(days=1))
    return user


@pytest.fixture
def case(alice: User, bob: User, carol: User, dave: User, erin: User, incident: Incident) -> Incident:
    """Carol's, worked by Alice, watched by Dave; Erin follows the service; Bob has nothing to do with it."""
    workflow.watch(incident, actor=agent_actor(alice), at=NOON, user=dave)
    workflow.assign(incident, actor=SYSTEM, at=NOON, team=incident.team, assignee=alice)
    return incident


def told(entry: TimelineEntry | None) -> dict[str, str]:
    assert entry is not None
    entry = TimelineEntry.objects.select_related("incident").get(pk=entry.pk)
    names = dict(User.objects.values_list("pk", "username"))
    return {names[each.user_id]: each.reason for each in recipients(entry) if each.user_id}


def test_opening_by_the_requester_is_for_the_team_and_followers_and_is_receipted(
    alice: User, bob: User, erin: User, incident: Incident
) -> None:
    opened = incident.entries.get(seq=1)

    assert told(opened) == {"alice": "team", "erin": "subscriber", "carol": "requester"}


def test_opening_for_somebody_else_is_for_that_person_too(alice: User, carol: User, network: Team) -> None:
    incident = workflow.open_incident(
        workflow.Report(title="No network", requester=carol, channel="phone", team=network),
        actor=agent_actor(alice),
        at=NOON,
    )

    assert told(incident.entries.get(seq=1)) == {"carol": "requester"}


ALICE, CAROL, DAVE = "alice", "carol", "dave"
MAJOR = {"severity": Severity.SEV1, "reason": "All of it."}
DONE = {"kind": ActionKind.RESTART, "summary": "Restarted.", "outcome": ActionOutcome.SUCCEEDED}
PUBLIC = {CAROL: "requester", DAVE: "watcher"}
#: verb, by whom, with what, who hears
TABLE: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("comment", ALICE, {"text": "Try again."}, PUBLIC),
    ("comment", CAROL, {"text": "Still broken."}, {ALICE: "assignee", DAVE: "watcher"}),
    ("comment", DAVE, {"text": "Here too."}, {ALICE: "assignee", CAROL: "requester"}),
    ("note", ALICE, {"text": "Secret."}, {}),
    ("hold", ALICE, {"reason": HoldReason.CALLER, "note": "Which one?"}, PUBLIC),
    ("mitigate", ALICE, {}, PUBLIC | {"erin": "subscriber"}),
    ("resolve", ALICE, {"code": ResolutionCode.FIXED, "text": "Done."}, PUBLIC | {"erin": "subscriber"}),
    ("reopen", CAROL, {"text": "Again."}, {ALICE: "assignee", DAVE: "watcher", "erin": "subscriber"}),
    ("close", CAROL, {}, {ALICE: "assignee", DAVE: "watcher"}),
    ("cancel", ALICE, {"reason": "None."}, PUBLIC | {"erin": "subscriber"}),
    ("record_action", ALICE, DONE | {"tell": True}, PUBLIC),
    ("record_action", ALICE, DONE, {}),
    ("override_priority", "boss", {"priority": Priority.LOW, "reason": "Small."}, {}),
    ("declare_major", "boss", MAJOR, PUBLIC | {ALICE: "assignee", "erin": "subscriber"}),
    ("edit", ALICE, {"changes": {"title": "Other"}}, {}),
    ("record_root_cause", ALICE, {"text": "Memory."}, {}),
]


@pytest.mark.parametrize(
    ("verb", "who", "facts", "expected"), TABLE, ids=[f"{row[0]} by {row[1]}" for row in TABLE]
)
def test_change_is_told_to_whom_it_concerns(
    verb: str, who: str, facts: dict[str, Any], expected: dict[str, str], case: Incident
) -> None:
    User.objects.create_superuser("boss")
    user = User.objects.get(username=who)
    actor = agent_actor(user) if user.has_perm("incidents.work_incident") else requester_actor(user)
    if verb in {"reopen", "close"}:
        workflow.resolve(case, actor=SYSTEM, at=NOON, code=ResolutionCode.FIXED, text="Done.")

    entry = getattr(workflow, verb)(case, actor=actor, at=NOON, **facts)

    assert told(entry) == expected


def test_withdrawal_by_the_requester_is_told_to_the_team(
    alice: User, carol: User, incident: Incident
) -> None:
    entry = workflow.cancel(incident, actor=requester_actor(carol), at=NOON, reason="Was me.")

    assert told(entry) == {"alice": "team"}


def test_reassignment_is_told_to_the_new_assignee_alone(
    alice: User, bob: User, case: Incident, workplace: Team
) -> None:
    entry = workflow.assign(case, actor=agent_actor(alice), at=NOON, team=workplace, assignee=bob)

    assert told(entry) == {"bob": "assignee"}


def test_taking_an_incident_oneself_is_told_to_nobody_at_the_desk(
    bob: User, case: Incident, workplace: Team
) -> None:
    entry = workflow.assign(case, actor=agent_actor(bob), at=NOON, team=workplace, assignee=bob)

    assert told(entry) == {}


def test_moving_to_a_team_is_told_to_the_team(
    alice: User, bob: User, case: Incident, workplace: Team
) -> None:
    entry = workflow.assign(case, actor=agent_actor(alice), at=NOON, team=workplace, assignee=None)

    assert told(entry) == {"bob": "team", "erin": "team"}


def test_sla_warning_is_for_the_assignee_and_no_one_outside(case: Incident) -> None:
    clock = Clock.objects.get(incident=case, metric="resolve")

    entry = workflow.notice_clock(clock, at=NOON + timedelta(days=1))

    assert told(entry) == {"alice": "assignee"}


def test_confidential_incident_is_told_to_those_involved_alone(case: Incident, alice: User) -> None:
    workflow.edit(case, actor=agent_actor(alice), at=NOON, changes={"is_confidential": True})

    entry = workflow.mitigate(case, actor=SYSTEM, at=NOON)

    assert told(entry) == PUBLIC


def test_person_with_several_reasons_is_told_once_for_the_closest(
    case: Incident, alice: User, carol: User
) -> None:
    workflow.watch(case, actor=agent_actor(alice), at=NOON, user=carol)
    Subscription.objects.create(user=carol, service=None, valid_from=NOON - timedelta(days=1))

    entry = workflow.resolve(case, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")

    assert told(entry)["carol"] == "requester"
    assert len([each for each in recipients(entry) if each.user_id == carol.pk]) == 1


def test_subscription_counts_while_it_lasts(case: Incident, alice: User, vpn: Service) -> None:
    Subscription.objects.update(valid_until=NOON)

    entry = workflow.mitigate(case, actor=agent_actor(alice), at=NOON)

    assert "erin" not in told(entry)


@pytest.mark.parametrize(
    ("of_incident", "reason", "hears"),
    [(True, "", False), (False, "", False), (True, "requester", False), (True, "watcher", True)],
)
def test_opted_out_person_is_not_told(
    of_incident: bool, reason: str, hears: bool, case: Incident, alice: User, carol: User
) -> None:
    OptOut.objects.create(user=carol, incident=case if of_incident else None, reason=reason)

    entry = workflow.comment(case, actor=agent_actor(alice), at=NOON, text="Hello.")

    assert ("carol" in told(entry)) == hears


def test_word_that_its_writer_may_not_see_land_is_told_to_the_desk(
    case: Incident, alice: User, carol: User
) -> None:
    secret = make_incident(title="Secret", is_confidential=True, team=case.team)
    workflow.merge(case, actor=agent_actor(alice), at=NOON, into=secret, confirm=True)
    secret.watchers.filter(user=carol).delete()

    entry = workflow.answer(case, actor=requester_actor(carol), at=NOON, text="And mine?")

    assert entry.incident == secret
    assert told(entry) == {"alice": "team"}


def test_words_filed_by_hand_are_told_to_the_assignee(case: Incident, alice: User, bob: User) -> None:
    entry = workflow.pass_on(case, actor=agent_actor(bob), at=NOON, text="Room 12.", writer="x@y.example")

    assert told(entry)["alice"] == "assignee"


def test_switched_off_account_is_not_told(case: Incident, alice: User, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(is_active=False)

    entry = workflow.comment(case, actor=agent_actor(alice), at=NOON, text="Hello.")

    assert told(entry) == {"dave": "watcher"}


def test_webhook_hears_of_what_its_owner_may_see(case: Incident, alice: User, bob: User) -> None:
    Endpoint.objects.create(name="public", url="https://example.com/a", owner=bob)
    Endpoint.objects.create(name="notes", url="https://example.com/b", owner=bob, kinds=["noted"])
    Endpoint.objects.create(name="blind", url="https://example.com/c", owner=RequesterFactory.create())
    names = dict(Endpoint.objects.values_list("pk", "name"))

    said = workflow.comment(case, actor=agent_actor(alice), at=NOON, text="Hello.")
    noted = workflow.note(case, actor=agent_actor(alice), at=NOON, text="Secret.")

    assert said
    assert noted
    assert {names[each.endpoint_id] for each in recipients(said) if each.endpoint_id} == {"public"}
    assert {names[each.endpoint_id] for each in recipients(noted) if each.endpoint_id} == {"notes"}


@pytest.mark.parametrize("followers", [1, 3, 30])
def test_routing_asks_as_often_for_many_as_for_one(
    followers: int,
    alice: User,
    network: Team,
    vpn: Service,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(followers):
        Subscription.objects.create(
            user=AgentFactory.create(), service=vpn, valid_from=NOON - timedelta(days=1)
        )
    entry = make_incident(service=vpn).entries.select_related("incident").get()

    with django_assert_num_queries(9):
        found = recipients(entry)

    assert len(found) == followers + 2
