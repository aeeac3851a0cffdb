"""A duplicate brings its people, children and alerts along; what has a price is asked for first."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from incidents import workflow
from incidents.enums import EntryKind, HoldReason, ResolutionCode, Severity, State
from incidents.errors import ConfirmationNeeded, Invalid, NotAllowed, Refused, StaleIncident
from incidents.models import Alert, Incident, Source, Team
from incidents.policies import Actor
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident
from tests.incidents.api.conftest import caller


@pytest.fixture
def desk(alice: User) -> Actor:
    return agent_actor(alice)


@pytest.fixture
def manager(db: None) -> Actor:
    return agent_actor(AgentFactory.create(username="mary", role="Incident manager"))


def child_of(parent: Incident, by: Actor, **report: Any) -> Incident:
    child = make_incident(title="Mine too", **report)
    workflow.link_parent(child, actor=by, at=NOON, parent=parent)
    return child


def parent_of(incident: Incident) -> Incident | None:
    return Incident.objects.get(pk=incident.pk).parent


def declare(incident: Incident, by: Actor) -> None:
    workflow.declare_major(incident, actor=by, at=NOON, severity=Severity.SEV1, reason="All down.")


# Families have one level, also afterwards.


def test_children_move_to_the_target(incident: Incident, desk: Actor) -> None:
    duplicate = make_incident()
    child = child_of(duplicate, desk)

    workflow.merge(duplicate, actor=desk, at=NOON, into=incident)
    workflow.hold(incident, actor=desk, at=NOON, reason=HoldReason.VENDOR)

    assert parent_of(child) == incident
    assert Incident.objects.get(pk=child.pk).state == State.ON_HOLD
    assert child.entries.filter(kind=EntryKind.LINKED).latest("seq").data["merged"] == duplicate.number


def test_children_move_to_the_parent_of_a_target_that_is_a_child(incident: Incident, desk: Actor) -> None:
    target, duplicate = child_of(incident, desk), make_incident()
    child = child_of(duplicate, desk)

    workflow.merge(duplicate, actor=desk, at=NOON, into=target)

    assert (parent_of(child), parent_of(target)) == (incident, incident)


def test_target_that_was_a_child_of_the_duplicate_becomes_the_parent(incident: Incident, desk: Actor) -> None:
    target, sibling = child_of(incident, desk), child_of(incident, desk)

    workflow.merge(incident, actor=desk, at=NOON, into=target)

    assert (parent_of(target), parent_of(sibling)) == (None, target)
    assert Incident.objects.get(pk=incident.pk).duplicate_of == target


def test_target_whose_parent_is_over_takes_the_children_itself(incident: Incident, desk: Actor) -> None:
    target, duplicate = child_of(incident, desk), make_incident()
    child = child_of(duplicate, desk)
    workflow.cancel(incident, actor=desk, at=NOON, reason="Was none.")

    workflow.merge(duplicate, actor=desk, at=NOON, into=target)

    assert (parent_of(child), parent_of(target)) == (target, None)


def test_child_that_is_over_stays_where_its_history_is(incident: Incident, desk: Actor) -> None:
    duplicate = make_incident()
    child = child_of(duplicate, desk)
    workflow.cancel(child, actor=desk, at=NOON, reason="Was none.")

    workflow.merge(duplicate, actor=desk, at=NOON, into=incident)

    assert parent_of(child) == duplicate


def test_merged_child_leaves_its_parent_free_to_become_a_child(incident: Incident, desk: Actor) -> None:
    duplicate = child_of(incident, desk)

    workflow.merge(duplicate, actor=desk, at=NOON, into=incident)

    assert parent_of(duplicate) is None


def test_alerts_move_to_the_target(incident: Incident, desk: Actor) -> None:
    duplicate = make_incident()
    source = Source.objects.create(name="Nagios", key_hash="0" * 64)
    facts = {"source": source, "incident": duplicate, "started_at": NOON, "last_seen_at": NOON}
    Alert.objects.create(dedup_key="disk", title="Disk full", **facts)
    Alert.objects.create(dedup_key="fan", title="Fan stands", ended_at=NOON, **facts)

    workflow.merge(duplicate, actor=desk, at=NOON, into=incident)

    assert set(Alert.objects.values_list("incident", flat=True)) == {incident.pk}
    assert incident.entries.latest("seq").data["alerts_moved"] == 2


def test_who_logged_it_for_nobody_follows_the_target(incident: Incident, desk: Actor, bob: User) -> None:
    duplicate = make_incident(requester=bob)
    Incident.objects.filter(pk=duplicate.pk).update(requester=None)
    duplicate.refresh_from_db()

    workflow.merge(duplicate, actor=desk, at=NOON, into=incident)

    assert incident.watchers.current(bob).exists()


# Majors.


def test_major_is_merged_away_only_by_who_leads_majors_and_says_yes(
    incident: Incident, desk: Actor, manager: Actor
) -> None:
    target = make_incident()
    declare(incident, manager)

    with pytest.raises(NotAllowed, match="leads majors"):
        workflow.merge(incident, actor=desk, at=NOON, into=target, confirm=True)
    with pytest.raises(ConfirmationNeeded, match="declared a major incident"):
        workflow.merge(incident, actor=manager, at=NOON, into=target)
    workflow.merge(incident, actor=manager, at=NOON, into=target, confirm=True)

    assert incident.state == State.CANCELLED


def test_major_that_was_stood_down_is_not_merged_away_by_others(
    incident: Incident, desk: Actor, manager: Actor
) -> None:
    declare(incident, manager)
    workflow.stand_down(incident, actor=manager, at=NOON, reason="One office only.")

    with pytest.raises(NotAllowed, match="was declared a major"):
        workflow.merge(incident, actor=desk, at=NOON, into=make_incident(), confirm=True)


def test_major_is_cancelled_only_by_who_leads_majors(incident: Incident, desk: Actor, manager: Actor) -> None:
    declare(incident, manager)

    with pytest.raises(NotAllowed, match="leads majors"):
        workflow.cancel(incident, actor=desk, at=NOON, reason="Was none.")


# Confidential ones.


@pytest.fixture
def secret(network: Team) -> Incident:
    return make_incident(title="Payroll leak", team=network, is_confidential=True)


def test_merging_into_a_confidential_incident_names_who_would_see_it(
    incident: Incident, secret: Incident, desk: Actor
) -> None:
    erin = RequesterFactory.create(first_name="Erin", last_name="Ender")
    workflow.watch(incident, actor=desk, at=NOON, user=erin)

    with pytest.raises(ConfirmationNeeded, match=r"is confidential.*Carol Cole, Erin Ender"):
        workflow.merge(incident, actor=desk, at=NOON, into=secret)

    assert Incident.objects.get(pk=incident.pk).state == State.NEW
    assert not Incident.objects.visible_to(erin).filter(pk=secret.pk).exists()


def test_merging_into_a_confidential_incident_works_with_a_yes(
    incident: Incident, secret: Incident, desk: Actor, carol: User
) -> None:
    workflow.merge(incident, actor=desk, at=NOON, into=secret, confirm=True)

    assert Incident.objects.visible_to(carol).filter(pk=secret.pk).exists()


def test_requester_of_a_confidential_incident_lets_nobody_else_see_it(
    incident: Incident, network: Team, bob: User
) -> None:
    """Bob is an agent of another team: he may read it as its requester, and show it to nobody."""
    secret = make_incident(requester=bob, team=network, is_confidential=True)
    Incident.objects.filter(pk=secret.pk).update(opened_by=None)
    secret.refresh_from_db()
    by = agent_actor(bob)
    ways: list[Any] = [
        lambda: workflow.merge(incident, actor=by, at=NOON, into=secret, confirm=True),
        lambda: workflow.watch(secret, actor=by, at=NOON, user=RequesterFactory.create()),
        lambda: workflow.edit(secret, actor=by, at=NOON, changes={"is_confidential": False}),
        lambda: workflow.edit(secret, actor=by, at=NOON, changes={"requester": None}),
        lambda: workflow.assign(secret, actor=by, at=NOON, team=bob.teams.get()),
    ]

    for way in ways:
        with pytest.raises(NotAllowed, match="confidential"):
            way()

    assert secret.entries.count() == 1


def test_merging_a_confidential_incident_into_an_open_one_is_asked_for(
    incident: Incident, secret: Incident, desk: Actor
) -> None:
    with pytest.raises(ConfirmationNeeded, match="become known"):
        workflow.merge(secret, actor=desk, at=NOON, into=incident)


# The doors.


def test_desk_shows_the_question_and_a_box_for_the_answer(
    client: Client, alice: User, incident: Incident, secret: Incident
) -> None:
    client.force_login(alice)
    address, sent = f"/admin/incidents/incident/{incident.pk}/merge/", {"into": secret.number}

    before = client.get(address).content.decode()
    asked = client.post(address, {"version": incident.version, **sent}).content.decode()
    client.post(address, {"version": incident.version, "confirm": "on", **sent})

    incident.refresh_from_db()
    assert 'name="confirm"' not in before
    assert "These people will see it from now on: Carol Cole." in asked
    assert 'name="confirm"' in asked
    assert incident.duplicate_of == secret


def test_api_answers_with_a_problem_until_it_is_confirmed(
    incident: Incident, secret: Incident, alice: User
) -> None:
    api = caller(alice)
    address, head = f"/api/v1/incidents/{incident.number}/merge/", {"If-Match": "*"}

    asked = api.post(address, {"into": secret.number}, format="json", headers=head)
    done = api.post(address, {"into": secret.number, "confirm": True}, format="json", headers=head)
    meaning = api.get(asked.json()["type"])

    assert (asked.status_code, done.status_code) == (409, 200)
    assert asked.json()["type"] == "/api/v1/problems/confirmation-needed/"
    assert "Carol Cole" in asked.json()["detail"]
    assert "confirm" in meaning.json()["detail"]


# Two at once.


def race(*verbs: Any) -> list[str]:
    """Each verb in a thread of its own, all at once; what became of each."""
    outcomes: list[str] = []
    barrier = threading.Barrier(len(verbs))

    def run(verb: Any) -> None:
        try:
            barrier.wait()
            verb()
            outcomes.append("done")
        except Refused as refusal:
            outcomes.append(type(refusal).__name__)
        except Exception as error:  # noqa: BLE001 -- a deadlock is what this test is about
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def fresh(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads cannot share the in-memory test database")
@pytest.mark.parametrize("attempt", range(5))
def test_of_two_merges_that_cross_exactly_one_wins(attempt: int) -> None:
    by = agent_actor(AgentFactory.create())
    first, second = make_incident(), make_incident()
    for parent in (first, second):
        child_of(parent, by)
    assert workflow.allowed_verbs(first, by)  # permissions are cached before the race
    a, b = (fresh(first), fresh(second)), (fresh(second), fresh(first))

    outcomes = race(
        lambda: workflow.merge(a[0], actor=by, at=NOON, into=a[1]),
        lambda: workflow.merge(b[0], actor=by, at=NOON, into=b[1]),
    )

    assert outcomes == ["StaleIncident", "done"]
    assert sorted(Incident.objects.values_list("state", flat=True)) == [State.CANCELLED, *[State.NEW] * 3]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="threads cannot share the in-memory test database")
@pytest.mark.parametrize("attempt", range(5))
def test_merging_a_child_and_resolving_its_parent_do_not_lock_each_other_out(attempt: int) -> None:
    by = agent_actor(AgentFactory.create())
    other = make_incident()
    parent_row = make_incident()
    children = [child_of(parent_row, by) for _ in range(3)]
    assert workflow.allowed_verbs(other, by)
    child, target, parent = fresh(children[0]), fresh(parent_row), fresh(parent_row)

    outcomes = race(
        lambda: workflow.merge(child, actor=by, at=NOON, into=target),
        lambda: workflow.resolve(parent, actor=by, at=NOON, code=ResolutionCode.FIXED, text="Done."),
    )

    assert outcomes == ["StaleIncident", "done"]


def test_merge_of_a_version_that_is_over_is_refused(incident: Incident, desk: Actor) -> None:
    other = make_incident()
    stale, target = fresh(other), fresh(incident)
    workflow.merge(fresh(incident), actor=desk, at=NOON, into=fresh(other))

    with pytest.raises(StaleIncident, match=other.number):
        workflow.merge(stale, actor=desk, at=NOON, into=target)


def test_merge_into_one_that_is_over_is_refused(incident: Incident, desk: Actor) -> None:
    over = make_incident()
    workflow.cancel(over, actor=desk, at=NOON, reason="Was none.")

    with pytest.raises(Invalid, match="is over"):
        workflow.merge(incident, actor=desk, at=NOON, into=over)
