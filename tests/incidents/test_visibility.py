"""`visible_to` is the only way to rows: who sees which incident, and which entries of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, User

from incidents import workflow
from incidents.enums import Visibility
from incidents.models import Incident, Team, TimelineEntry
from tests.factories import NOON, AgentFactory, RequesterFactory, agent_actor, make_incident


def seen_by(user: User | AnonymousUser) -> set[str]:
    return {incident.title for incident in Incident.objects.visible_to(user)}


@pytest.fixture
def everything(carol: User, network: Team) -> None:
    other = RequesterFactory.create(username="dave")
    make_incident(requester=carol, title="Carol's printer")
    make_incident(requester=other, title="Dave's screen")
    make_incident(requester=other, title="Dave's salary", team=network, is_confidential=True)


@pytest.mark.usefixtures("everything")
class TestIncidents:
    def test_requester_sees_their_own(self, carol: User) -> None:
        assert seen_by(carol) == {"Carol's printer"}

    def test_agent_of_the_team_sees_its_confidential_ones(self, alice: User) -> None:
        assert seen_by(alice) == {"Carol's printer", "Dave's screen", "Dave's salary"}

    def test_agent_of_another_team_does_not(self, bob: User) -> None:
        assert seen_by(bob) == {"Carol's printer", "Dave's screen"}

    def test_auditor_and_incident_manager_see_all(self) -> None:
        for role in ("Auditor", "Incident manager"):
            assert len(seen_by(AgentFactory.create(role=role))) == 3

    def test_nobody_sees_nothing(self, carol: User) -> None:
        carol.is_active = False

        assert seen_by(carol) == set()
        assert seen_by(AnonymousUser()) == set()

    def test_staff_without_a_role_is_a_requester(self) -> None:
        assert seen_by(User.objects.create(username="temp", is_staff=True)) == set()

    def test_watcher_sees_it_while_watching(self, carol: User, alice: User) -> None:
        incident = Incident.objects.get(title="Dave's salary")
        desk = agent_actor(alice)

        workflow.watch(incident, actor=desk, at=NOON, user=carol)
        assert "Dave's salary" in seen_by(carol)

        workflow.unwatch(incident, actor=desk, at=NOON + timedelta(minutes=1), user=carol)
        assert "Dave's salary" not in seen_by(carol)

    def test_agent_who_left_the_team_sees_its_confidential_ones_no_more(
        self, alice: User, network: Team
    ) -> None:
        network.members.remove(alice)

        assert "Dave's salary" not in seen_by(alice)


def test_entries_are_cut_to_public_ones_for_the_requester(
    incident: Incident, alice: User, carol: User
) -> None:
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text="the user is wrong")
    workflow.comment(incident, actor=agent_actor(alice), at=NOON, text="we are looking")

    texts = set(TimelineEntry.objects.visible_to(carol).values_list("text", flat=True))

    assert "we are looking" in texts
    assert "the user is wrong" not in texts
    assert TimelineEntry.objects.visible_to(alice).count() == 3


def test_what_an_agent_writes_is_internal_unless_it_is_meant_for_the_requester(
    incident: Incident, alice: User
) -> None:
    desk = agent_actor(alice)
    workflow.note(incident, actor=desk, at=NOON, text="a note")
    workflow.edit(incident, actor=desk, at=NOON, changes={"title": "A new title"})
    workflow.add_hypothesis(incident, actor=desk, at=NOON, text="the gateway")
    workflow.record_root_cause(incident, actor=desk, at=NOON, text="a full table")

    kept = incident.entries.filter(seq__gt=1).values_list("visibility", flat=True)

    assert set(kept) == {Visibility.INTERNAL}
