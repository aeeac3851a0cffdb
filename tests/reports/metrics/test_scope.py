from datetime import timedelta
from itertools import product

import pytest
from django.contrib.auth.models import AnonymousUser, User

from incidents.enums import Metric
from incidents.models import Calendar, Clock, Incident, Service, Team, TimelineEntry
from reports.metrics.scope import Scope
from tests.factories import AgentFactory, ServiceFactory
from tests.reports.rows import MONDAY, row, save

pytestmark = pytest.mark.django_db


@pytest.fixture
def everywhere(vpn: Service, workplace: Team) -> list[Incident]:
    """With each team and none, of each service and none, confidential and not; with a clock and an entry."""
    places = product((vpn.team, workplace, None), (vpn, ServiceFactory.create(), None), (True, False))
    cases = save(
        row(team=team, service=service, is_confidential=confidential, opened_at=MONDAY + timedelta(hours=n))
        for n, (team, service, confidential) in enumerate(places)
    )
    for case in cases:
        Clock.objects.create(
            incident=case,
            metric=Metric.RESOLVE,
            target_minutes=60,
            started_at=MONDAY,
            calendar=Calendar.objects.get(),
        )
        TimelineEntry.objects.create(
            incident=case, seq=1, kind="opened", via="admin", at=MONDAY, state_after="new"
        )
    return cases


@pytest.mark.parametrize("with_confidential", [True, False])
@pytest.mark.parametrize(("by_team", "by_service"), [*product((True, False), repeat=2)])
def test_scope_holds_what_is_with_the_team_and_of_the_service(
    everywhere: list[Incident], vpn: Service, *, by_team: bool, by_service: bool, with_confidential: bool
) -> None:
    scope = Scope(
        vpn.team if by_team else None, vpn if by_service else None, with_confidential=with_confidential
    )
    wanted = [
        case
        for case in everywhere
        if (case.team == vpn.team or not by_team)
        and (case.service == vpn or not by_service)
        and (with_confidential or not case.is_confidential)
    ]

    assert {*scope.incidents()} == {*wanted}
    assert {clock.incident for clock in scope.clocks()} == {*wanted}
    assert {entry.incident for entry in scope.entries()} == {*wanted}
    assert scope.first_opened() == min(case.opened_at for case in wanted)


def test_scope_without_more_words_leaves_out_what_is_confidential(everywhere: list[Incident]) -> None:
    assert {*Scope().incidents()} == {case for case in everywhere if not case.is_confidential}


def test_records_of_nothing_begin_nowhere() -> None:
    assert Scope().first_opened() is None


@pytest.mark.usefixtures("everywhere")
def test_only_who_sees_everything_reads_numbers_of_confidential_incidents(alice: User) -> None:
    scopes = [
        scope.cut_for(reader)
        for reader in (AgentFactory.create(role="Incident manager"), alice, AnonymousUser())
        for scope in (Scope(), Scope(with_confidential=True))
    ]

    assert [scope.with_confidential for scope in scopes] == [True, True, False, False, False, False]


def test_scope_without_confidential_incidents_says_so_to_everybody(vpn: Service, workplace: Team) -> None:
    save([row(team=workplace, is_confidential=True), row(team=vpn.team)])
    manager = AgentFactory.create(role="Incident manager")

    assert Scope(team=workplace).cut_for(manager) == Scope(team=workplace, with_confidential=True)
    assert Scope(team=vpn.team).cut_for(manager) == Scope(team=vpn.team)
