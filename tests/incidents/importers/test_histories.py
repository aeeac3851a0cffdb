"""What the rows of one incident become. The lines tell one story each; the sample has them all."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User

from incidents.enums import (
    Channel,
    EntryKind,
    HoldReason,
    Metric,
    Priority,
    ResolutionCode,
    State,
    Via,
    Visibility,
)
from incidents.importers.eventlog import Run
from incidents.importers.reading import LogFile
from incidents.importers.taking import Recording
from incidents.models import Clock, Incident, PriorityRule, Profile, TimelineEntry
from incidents.sla.policy import load_policy_book
from incidents.workflow import history
from itsm import ledger
from tests.incidents.importers.conftest import WriteLog, line

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


def imported(write_log: WriteLog, *lines: str, zone: str = "UTC") -> Incident:
    """The incident that these rows make."""
    with LogFile(write_log(lines)) as log:
        run = Run(log, Recording(zone=ZoneInfo(zone), at=AT), 100, lambda *_: None, lambda _: None)
        run.go()
    assert run.tally.is_complete
    return Incident.objects.get()


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2016, 3, day, hour, minute, tzinfo=UTC)


STORY = (
    line(),
    line(incident_state="Active", sys_updated_at="7/3/2016 09:20", assigned_to="Resolver 1"),
    line(incident_state="Active", sys_updated_at="7/3/2016 09:30", assigned_to="Resolver 1",
         impact="1 - High", priority="2 - High"),
    line(incident_state="Awaiting User Info", sys_updated_at="7/3/2016 10:00", assigned_to="Resolver 1"),
    line(incident_state="Awaiting Vendor", sys_updated_at="7/3/2016 11:00", assigned_to="Resolver 1"),
    line(incident_state="Active", sys_updated_at="7/3/2016 12:00", assignment_group="Group 2"),
    line(incident_state="Active", sys_updated_at="7/3/2016 12:01", assignment_group="Group 2",
         sys_mod_count="9"),
    line(incident_state="Resolved", sys_updated_at="7/3/2016 13:00", assignment_group="Group 2",
         resolved_at="8/3/2016 15:00"),
    line(incident_state="Active", sys_updated_at="8/3/2016 14:00", assignment_group="?",
         resolved_at="8/3/2016 15:00"),
    line(incident_state="Resolved", sys_updated_at="8/3/2016 15:00", assignment_group="Group 3",
         resolved_at="8/3/2016 15:00", closed_code="code 5"),
    line(incident_state="Closed", sys_updated_at="13/3/2016 15:00", assignment_group="Group 3",
         resolved_at="8/3/2016 15:00", closed_at="13/3/2016 15:00", closed_code="code 5"),
)  # fmt: skip


def test_each_row_is_the_entry_our_own_verb_would_have_written(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)

    entries = incident.entries.order_by("seq")

    assert [(entry.kind, entry.state_after) for entry in entries] == [
        (EntryKind.OPENED, State.NEW),
        (EntryKind.ASSIGNED, State.IN_PROGRESS),
        (EntryKind.EDITED, State.IN_PROGRESS),
        (EntryKind.HELD, State.ON_HOLD),
        (EntryKind.HELD, State.ON_HOLD),
        (EntryKind.RESUMED, State.IN_PROGRESS),
        (EntryKind.IMPORTED, State.IN_PROGRESS),
        (EntryKind.RESOLVED, State.RESOLVED),
        (EntryKind.REOPENED, State.IN_PROGRESS),
        (EntryKind.RESOLVED, State.RESOLVED),
        (EntryKind.CLOSED, State.CLOSED),
    ]
    assert entries[3].changes["hold_reason"] == ["", HoldReason.CALLER]
    assert entries[4].changes == {"hold_reason": [HoldReason.CALLER, HoldReason.VENDOR]}
    assert entries[4].source_state == "Awaiting Vendor"
    assert entries[6].data == {"source": {"sys_mod_count": "9"}}


def test_the_row_holds_what_the_record_says_and_not_the_clock(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)

    assert (incident.opened_at, incident.acknowledged_at) == (utc(7, 9), utc(7, 9, 20))
    assert (incident.first_assigned_at, incident.resolved_at) == (utc(7, 9, 20), utc(8, 15))
    assert (incident.closed_at, incident.updated_at) == (utc(13, 15), utc(13, 15))
    assert (incident.reopen_count, incident.reassignment_count) == (1, 1)
    assert (incident.resolution_code, incident.state) == (ResolutionCode.RECORDED, State.CLOSED)
    assert "code 5" in incident.resolution
    assert incident.team is not None
    assert (incident.team.name, incident.assignee, incident.channel) == ("Group 3", None, Channel.PHONE)


def test_how_it_ended_is_not_told_before_it_did(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)

    *earlier, last = incident.entries.order_by("seq")

    assert last.data["source"]["closed_code"] == "code 5"
    assert not any("closed_code" in entry.data["source"] for entry in earlier)
    assert [entry.seq for entry in (*earlier, last) if "resolution" in entry.changes] == [10]
    assert [entry.changes["resolved_at"] for entry in earlier if "resolved_at" in entry.changes] == [
        [None, "2016-03-07T13:00:00+00:00"],
        ["2016-03-07T13:00:00+00:00", None],
        [None, "2016-03-08T15:00:00+00:00"],
    ]


def test_the_source_says_by_itself_whether_it_kept_its_target(write_log: WriteLog) -> None:
    incident = imported(
        write_log,
        line(made_sla="true"),
        line(made_sla="?", sys_updated_at="7/3/2016 10:00"),
        line(made_sla="false", sys_updated_at="7/3/2016 11:00"),
    )

    assert incident.source_met_sla is False
    entries = incident.entries.order_by("seq")
    assert [entry.changes.get("source_met_sla") for entry in entries] == [
        [None, True],
        None,
        [True, False],
    ]
    assert [entry.kind for entry in entries] == [EntryKind.OPENED, EntryKind.IMPORTED, EntryKind.IMPORTED]
    checked = ledger.for_check().get(pk=incident.pk)
    assert list(ledger.incident_faults(checked, load_policy_book())) == []


def test_nobody_is_told_of_the_past(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)

    assert not TimelineEntry.objects.unannounced().exists()
    assert set(incident.entries.values_list("via", "announced_at")) == {(Via.IMPORT, AT)}


def test_the_requester_may_read_of_the_past_what_they_may_read_of_ours(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)
    assert incident.requester is not None

    readable = incident.entries.readable_by(incident.requester).order_by("seq")

    assert [entry.seq for entry in readable] == [1, 2, 4, 5, 6, 8, 9, 10, 11]


def test_clocks_count_the_time_outside_holds(write_log: WriteLog) -> None:
    incident = imported(write_log, *STORY)

    clocks = {clock.metric: clock for clock in Clock.objects.filter(incident=incident)}

    assert clocks[Metric.ACKNOWLEDGE].business_seconds == 20 * 60
    # 9-10, 12-13, and after the reopening 14-15 of the next day
    assert clocks[Metric.RESOLVE].business_seconds == 3 * 3600
    assert clocks[Metric.RESOLVE].stopped_at == utc(8, 15)
    assert clocks[Metric.RESOLVE].notice_at is None


def test_a_state_without_label_changes_no_state_and_counts_as_the_first_response(write_log: WriteLog) -> None:
    incident = imported(
        write_log,
        line(),
        line(incident_state="-100", sys_updated_at="7/3/2016 10:00"),
        line(incident_state="Active", sys_updated_at="7/3/2016 11:00"),
    )

    first, unlabelled, last = incident.entries.order_by("seq")

    assert (first.state_after, unlabelled.state_after, last.state_after) == ("new", "new", "in_progress")
    assert unlabelled.source_state == "-100"
    assert incident.acknowledged_at == utc(7, 10)


def test_a_log_that_begins_with_the_unlabelled_state_begins_as_new(write_log: WriteLog) -> None:
    incident = imported(write_log, line(incident_state="-100"))

    assert incident.state == State.NEW


def test_a_resolution_without_recorded_time_has_none(write_log: WriteLog) -> None:
    incident = imported(
        write_log,
        line(),
        line(incident_state="Resolved", sys_updated_at="7/3/2016 10:00"),
        line(incident_state="Closed", sys_updated_at="7/3/2016 11:00", closed_at="7/3/2016 11:00"),
    )

    assert incident.resolved_at is None
    assert not any("resolved_at" in entry.changes for entry in incident.entries.all())
    assert Clock.objects.get(incident=incident, metric=Metric.RESOLVE).stopped_at == utc(7, 10)


def test_a_closed_incident_that_was_active_again_is_reopened(write_log: WriteLog) -> None:
    incident = imported(
        write_log,
        line(),
        line(incident_state="Closed", sys_updated_at="7/3/2016 10:00", closed_at="9/3/2016 10:00"),
        line(incident_state="Active", sys_updated_at="8/3/2016 10:00", closed_at="9/3/2016 10:00"),
        line(incident_state="Closed", sys_updated_at="9/3/2016 10:00", closed_at="9/3/2016 10:00"),
    )

    assert [entry.kind for entry in incident.entries.order_by("seq")] == [
        "opened",
        "closed",
        "reopened",
        "closed",
    ]
    assert (incident.reopen_count, incident.closed_at) == (1, utc(9, 10))


def test_a_team_that_is_left_out_in_between_is_no_reassignment(write_log: WriteLog) -> None:
    incident = imported(
        write_log,
        line(assignment_group="Group 1"),
        line(assignment_group="?", sys_updated_at="7/3/2016 10:00"),
        line(assignment_group="Group 2", sys_updated_at="7/3/2016 11:00"),
    )

    assert incident.reassignment_count == 0


def test_a_priority_that_the_matrix_does_not_give_is_marked_as_overridden(write_log: WriteLog) -> None:
    PriorityRule.objects.filter(impact=2, urgency=2).update(priority=Priority.LOW)

    incident = imported(write_log, line(priority="3 - Moderate"))

    assert (incident.priority, incident.priority_overridden) == (Priority.MODERATE, True)


def test_a_missing_priority_comes_from_the_matrix(write_log: WriteLog) -> None:
    incident = imported(write_log, line(impact="1 - High", urgency="1 - High", priority="?"))

    assert (incident.priority, incident.priority_overridden) == (Priority.CRITICAL, False)


def test_times_are_read_in_the_zone_of_the_log_and_an_hour_that_came_twice_stays_in_order(
    write_log: WriteLog,
) -> None:
    opened = "30/10/2016 01:30"
    incident = imported(
        write_log,
        line(opened_at=opened, sys_updated_at="30/10/2016 02:50"),
        line(opened_at=opened, incident_state="Resolved", sys_updated_at="30/10/2016 02:10",
             resolved_at="30/10/2016 02:10"),
        zone="Europe/Berlin",
    )  # fmt: skip

    assert incident.opened_at == datetime(2016, 10, 29, 23, 30, tzinfo=UTC)
    assert [entry.at.hour for entry in incident.entries.order_by("seq")] == [0, 1]
    assert incident.resolved_at == datetime(2016, 10, 30, 1, 10, tzinfo=UTC)


def test_the_people_of_a_log_are_accounts_that_nobody_can_use(write_log: WriteLog) -> None:
    User.objects.create(username="resolver.1", email="other@example.com")

    imported(write_log, *STORY)

    resolver = Profile.objects.get(external_id="servicenow:Resolver 1").user
    assert (resolver.username, resolver.get_full_name()) == ("resolver.1.2", "Resolver 1")
    assert (resolver.has_usable_password(), resolver.email, resolver.is_staff) == (False, "", False)
    assert not resolver.groups.exists()


def test_a_subcategory_lies_below_its_category(write_log: WriteLog) -> None:
    incident = imported(write_log, line(category="Category 1", subcategory="Subcategory 2"))
    assert incident.category is not None

    assert (incident.category.name, str(incident.category.parent)) == ("Subcategory 2", "Category 1")


@pytest.mark.parametrize(
    ("kind", "before", "after", "visibility"),
    [
        (EntryKind.ASSIGNED, State.NEW, State.IN_PROGRESS, Visibility.PUBLIC),
        (EntryKind.ASSIGNED, State.IN_PROGRESS, State.IN_PROGRESS, Visibility.INTERNAL),
        (EntryKind.IMPORTED, State.NEW, State.IN_PROGRESS, Visibility.INTERNAL),
        (EntryKind.RESOLVED, State.NEW, State.RESOLVED, Visibility.PUBLIC),
    ],
)
def test_requester_reads_of_a_record_what_they_would_read_of_ours(
    kind: EntryKind, before: State, after: State, visibility: Visibility
) -> None:
    assert history._visibility(kind, before, after) == visibility
