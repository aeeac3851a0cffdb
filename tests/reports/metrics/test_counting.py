"""Counts, volume, backlog, moves and promises, each against numbers one can see in the rows."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from incidents import workflow
from incidents.enums import Metric, ResolutionCode
from incidents.models import Calendar, Category, Clock, Incident, Service, Team, TimelineEntry
from reports.metrics import backlog, counts, durations, flow, sla, volume
from reports.metrics.flow import Share
from reports.metrics.registry import MEASURES
from reports.periods import Period, iso_week, previous, run_up
from tests.factories import NOON, TeamFactory, agent_actor, make_incident
from tests.reports.rows import MONDAY, WEEK, after, row, save

UTC_ZONE = ZoneInfo("UTC")


@pytest.fixture
def week() -> Period:
    return iso_week("2026-W10", UTC_ZONE)


def test_every_measure_says_what_it_is() -> None:
    assert all(str(m.label) and str(m.definition) and str(m.population) for m in MEASURES.values())
    assert len(MEASURES) == 22


def test_every_measure_says_which_way_is_better() -> None:
    """Of most less is; those that tell what there is, or what gets done, are neither good nor bad."""
    ways = {way: {name for name, m in MEASURES.items() if m.better == way} for way in (1, 0, -1)}

    assert ways[1] == {"acknowledge_target_met", "resolve_target_met"}
    assert ways[0] == {
        "resolved", "closed", "count_by", "priority_matrix", "state_transitions",
        "state_transitions_recorded",
    }  # fmt: skip
    assert ways[-1] == {*MEASURES} - ways[1] - ways[0]


@pytest.mark.django_db
def test_count_by_keeps_those_without_a_value() -> None:
    hardware = Category.objects.create(name="Hardware")
    printer = Category.objects.create(name="Printer", parent=hardware)
    save([row(category=hardware), row(category=printer), row()])

    assert counts.count_by(Incident.objects.all(), "category") == {"Hardware": 2, None: 1}
    assert counts.count_by(Incident.objects.all(), "subcategory") == {"Hardware": 1, "Printer": 1, None: 1}
    assert counts.count_by(Incident.objects.all(), "team") == {None: 3}


@pytest.mark.django_db
def test_count_in_compares_periods_by_opening(week: Period, vpn: Service) -> None:
    save([row(service=vpn), row(service=vpn), row(opened_at=MONDAY - WEEK, service=vpn), row()])

    found = counts.count_in(Incident.objects.all(), "service", [week, previous(week)])

    assert found == {"VPN": [2, 1], None: [1, 0]}


@pytest.mark.django_db
def test_time_to_first_assignment_is_of_those_that_were_assigned(vpn: Service) -> None:
    save([row(service=vpn, first_assigned_at=after(minutes)) for minutes in (10, 30, None)])

    overall = durations.time_to_first_assignment(Incident.objects.all())[None]
    of_vpn = durations.time_to_first_assignment(Incident.objects.all(), by="service__name")["VPN"]

    assert (overall.n, overall.missing, overall.mean) == (2, 1, 20)
    assert of_vpn == overall


@pytest.mark.django_db
def test_priority_matrix_counts_each_cell() -> None:
    save([row(impact=1, urgency=2, priority=2), row(impact=1, urgency=2, priority=2), row()])

    assert counts.priority_matrix(Incident.objects.all()) == {(1, 2, 2): 2, (2, 2, 3): 1}


@pytest.mark.django_db
def test_weeks_weekdays_and_hours_are_those_of_the_zone() -> None:
    # Sunday 23:30 in UTC is Monday 00:30 in Berlin, in the next ISO week.
    save([row(opened_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))])
    berlin = ZoneInfo("Europe/Berlin")
    rows = Incident.objects.all()

    assert volume.per_iso_week(rows, "opened_at", UTC_ZONE) == {"2026-W09": 1}
    assert volume.per_iso_week(rows, "opened_at", berlin) == {"2026-W10": 1}
    assert (volume.per_weekday(rows, UTC_ZONE), volume.per_weekday(rows, berlin)) == ({6: 1}, {0: 1})
    assert (volume.per_hour(rows, UTC_ZONE), volume.per_hour(rows, berlin)) == ({23: 1}, {0: 1})


@pytest.mark.django_db
def test_period_holds_its_start_and_not_its_end(week: Period) -> None:
    save(
        [
            row(opened_at=week.start),
            row(opened_at=week.end - timedelta(microseconds=1)),
            row(opened_at=week.end),
        ]
    )

    assert volume.opened_in(Incident.objects.all(), [week, previous(week)]) == [2, 0]


@pytest.mark.django_db
def test_timeline_is_asked_for_imported_incidents_alone(week: Period) -> None:
    """It may be a thousand times as long as the list of incidents; most have their times recorded."""
    for number in (
        lambda: backlog.backlog(Incident.objects.all(), [week.end]),
        lambda: volume.resolved_in(Incident.objects.all(), [week]),
    ):
        with CaptureQueriesContext(connection) as queries:
            number()

        asked = [TimelineEntry._meta.db_table in query["sql"] for query in queries]
        assert asked == [False, True]


@pytest.mark.django_db
def test_moves_between_states_are_read_from_the_timeline(incident: Incident, alice: User) -> None:
    actor = agent_actor(alice)
    workflow.acknowledge(incident, actor=actor, at=NOON + timedelta(minutes=5))
    workflow.note(incident, actor=actor, at=NOON + timedelta(minutes=6), text="Looking.")
    workflow.resolve(
        incident, actor=actor, at=NOON + timedelta(minutes=9), code=ResolutionCode.FIXED, text="Restarted it."
    )
    workflow.reopen(incident, actor=actor, at=NOON + timedelta(minutes=20), text="Again.")
    entries = TimelineEntry.objects.all()

    found = flow.state_transitions(entries)

    assert found == {
        ("new", "in_progress"): 1,
        ("in_progress", "in_progress"): 1,
        ("in_progress", "resolved"): 1,
        ("resolved", "in_progress"): 1,
    }
    assert flow.state_transitions_recorded(entries) == found
    assert flow.reopened_by_transition(entries) == 1


@pytest.mark.django_db
def test_reopened_share_is_of_all_that_were_resolved_or_came_back(week: Period, alice: User) -> None:
    actor = agent_actor(alice)
    for number, comes_back in enumerate((True, False, False)):
        case = make_incident(at=NOON)
        done = NOON + timedelta(hours=number + 1)
        for again in range(2 if comes_back else 1):
            at = done + timedelta(hours=again * 2)
            workflow.resolve(case, actor=actor, at=at, code=ResolutionCode.FIXED, text="Done.")
            if comes_back:
                workflow.reopen(case, actor=actor, at=at + timedelta(hours=1), text="Not so.")
    make_incident(at=NOON)

    found = flow.reopened_in(TimelineEntry.objects.all(), [week, previous(week)])

    assert found == [Share(1, 3), Share(0, 0)]
    assert [share.value for share in found] == [1 / 3, None]


@pytest.mark.django_db
def test_reassigned_share_is_of_the_resolved(week: Period) -> None:
    save(
        [
            row(resolved_at=after(60), reassignment_count=2),
            row(resolved_at=after(60)),
            row(reassignment_count=5),
            row(opened_at=MONDAY - WEEK, resolved_at=after(60, MONDAY - WEEK)),
        ]
    )

    found = flow.reassigned_in(Incident.objects.all(), [week, previous(week)])

    assert found == [Share(1, 2), Share(0, 1)]
    assert flow.reassignments(Incident.objects.all()) == {0: 2, 2: 1, 5: 1}


@pytest.mark.django_db
def test_target_met_counts_running_late_as_missed(week: Period) -> None:
    calendar = Calendar.objects.get()
    inside, later = MONDAY + timedelta(days=2), week.end + timedelta(days=1)
    wanted = [
        {"stopped_at": inside, "due_at": later},  # met
        {"stopped_at": inside, "due_at": inside, "breached": True},  # stopped late
        {"due_at": inside},  # running late, its breach not written down yet
        {"breached": True},  # paused late
        {"due_at": later},  # in time: nothing to say yet
        {"stopped_at": later, "due_at": inside, "breached": True},  # was late at the end of the week
        {"stopped_at": inside, "breached": True, "cancelled": True},  # no promise any more
    ]
    for case, facts in zip(save(row() for _ in wanted), wanted, strict=True):
        Clock.objects.create(
            incident=case,
            metric=Metric.RESOLVE,
            target_minutes=60,
            calendar=calendar,
            started_at=MONDAY,
            **facts,
        )

    found = sla.targets_met_in(Clock.objects.all(), [week, previous(week)])

    assert found[Metric.RESOLVE] == [Share(1, 5), Share(0, 0)]
    assert found[Metric.ACKNOWLEDGE] == [Share(0, 0), Share(0, 0)]


@pytest.mark.django_db
def test_numbers_of_many_periods_take_as_many_queries_as_of_one(
    week: Period, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TeamFactory.create()
    save(row(resolved_at=after(60)) for _ in range(3))

    for length in (1, 13):
        spells = run_up(week, length)
        with django_assert_num_queries(8):
            volume.opened_in(Incident.objects.all(), spells)
            volume.resolved_in(Incident.objects.all(), spells)
            backlog.backlog(Incident.objects.all(), [spell.end for spell in spells])
            flow.reopened_in(TimelineEntry.objects.all(), spells)
            flow.reassigned_in(Incident.objects.all(), spells)
            sla.targets_met_in(Clock.objects.all(), spells)

    assert Team.objects.count() == 1
