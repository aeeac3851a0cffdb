"""The words an imported incident is given, and what of its log has no field of ours."""

from datetime import UTC, datetime

import pytest

from incidents import limits
from incidents.enums import Priority, State
from incidents.models import Incident, PriorityRule, Profile
from tests.incidents.importers.command import Said
from tests.incidents.importers.conftest import WriteLog, line

pytestmark = pytest.mark.django_db
NAMED = {"category": "Mail", "subcategory": "Inbox", "u_symptom": "Slow", "location": "Porto"}
NOTHING = dict.fromkeys(NAMED, "?")


@pytest.mark.parametrize(
    ("cells", "title", "filed"),
    [
        (NAMED, "Slow: Mail / Inbox", "Mail, Inbox, Slow"),
        (NAMED | {"u_symptom": "?"}, "Mail / Inbox", "Mail, Inbox"),
        (NAMED | {"subcategory": "?"}, "Slow: Mail", "Mail, Slow"),
        (NOTHING | {"u_symptom": "Slow"}, "Slow", "Slow"),
        (NOTHING, "Incident INC0000001", ""),
    ],
)
def test_an_incident_is_named_and_described_by_what_its_log_says(
    cells: dict[str, str], title: str, filed: str, write_log: WriteLog
) -> None:
    Said(write_log([line(caller_id="Ada", **cells)]))

    incident = Incident.objects.get()
    where = " from Porto" if cells["location"] == "Porto" else ""
    kinds = f" It was filed under {filed}." if filed else ""
    assert incident.title == title
    assert incident.description == (
        f"Ada reported this{where} by phone.{kinds} Taken over from ServiceNow, INC0000001."
    )
    assert incident.entries.get().text == incident.description


def test_a_name_that_is_longer_than_a_line_is_cut(write_log: WriteLog) -> None:
    Said(write_log([line(category="C" * 100, subcategory="S" * 100, caller_id="?")]))

    incident = Incident.objects.get()
    assert len(incident.title) == limits.LINE
    assert incident.description.startswith("Somebody reported this")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"closed_code": "code 5", "resolved_by": "Ada"}, "code 5, Ada"),
        ({"closed_code": "?", "resolved_by": "Ada"}, "Ada"),
        ({"closed_code": "?", "resolved_by": "?"}, "no code, nobody named"),
    ],
)
def test_how_it_ended_is_told_as_recorded(cells: dict[str, str], told: str, write_log: WriteLog) -> None:
    Said(write_log([line(incident_state="Closed", **cells)]))

    assert Incident.objects.get().resolution == f"As recorded in ServiceNow: {told}."


def test_when_it_ended_is_what_the_record_says_and_not_when_it_was_written(
    write_log: WriteLog,
) -> None:
    ends = {"resolved_at": "7/3/2016 09:30", "closed_at": "8/3/2016 09:30"}
    resolved = line(incident_state="Resolved", sys_updated_at="7/3/2016 10:00", **ends)
    Said(write_log([resolved, line(incident_state="Closed", sys_updated_at="8/3/2016 10:00", **ends)]))

    incident = Incident.objects.get()
    assert incident.resolved_at == datetime(2016, 3, 7, 9, 30, tzinfo=UTC)
    assert incident.closed_at == datetime(2016, 3, 8, 9, 30, tzinfo=UTC)
    assert incident.updated_at == datetime(2016, 3, 8, 10, 0, tzinfo=UTC)


def test_what_never_ended_has_no_resolution_and_one_cancelled_no_code(write_log: WriteLog) -> None:
    Said(write_log([line(), line(number="INC0000002", incident_state="Canceled")]))

    going_on, cancelled = Incident.objects.order_by("source_number")
    assert (going_on.resolution, going_on.resolution_code, going_on.closed_at) == ("", "", None)
    assert (cancelled.state, cancelled.resolution, cancelled.resolution_code) == (State.CANCELLED, "", "")
    assert (cancelled.closed_at, cancelled.reopen_count) == (cancelled.updated_at, 0)


def test_what_is_closed_and_then_cancelled_was_not_opened_again(write_log: WriteLog) -> None:
    Said(
        write_log(
            [
                line(incident_state="Closed"),
                line(incident_state="Canceled", sys_updated_at="8/3/2016 09:05"),
                line(number="INC0000002", incident_state="Canceled"),
                line(number="INC0000002", incident_state="Active", sys_updated_at="8/3/2016 09:05"),
            ]
        )
    )

    told = Incident.objects.order_by("source_number").values_list("state", "reopen_count")
    assert list(told) == [(State.CANCELLED, 0), (State.IN_PROGRESS, 0)]


def test_what_has_no_field_of_ours_is_kept_when_it_changes_or_goes(write_log: WriteLog) -> None:
    later = "8/3/2016 09:05"
    Said(
        write_log(
            [
                line(rfc="CHG1", vendor="Acme"),
                line(rfc="CHG1", vendor="Acme Ltd", sys_updated_at=later),
                line(rfc="?", vendor="Acme Ltd", sys_updated_at="9/3/2016 09:05"),
            ]
        )
    )

    first, second, third = (entry.data["source"] for entry in Incident.objects.get().entries.order_by("seq"))
    assert (first["rfc"], first["vendor"]) == ("CHG1", "Acme")
    assert second == {"vendor": "Acme Ltd"}
    assert third == {"rfc": None, "closed_code": "code 7", "resolved_by": "Resolved by 62"}


def test_a_priority_that_neither_log_nor_matrix_tells_is_the_middle_one(write_log: WriteLog) -> None:
    PriorityRule.objects.all().delete()

    Said(write_log([line(priority="?"), line(number="INC0000002", priority="1 - Critical")]))

    told = Incident.objects.order_by("source_number").values_list("priority", "priority_overridden")
    assert list(told) == [(Priority.MODERATE, False), (Priority.CRITICAL, True)]


def test_names_that_grow_in_a_log_in_still_get_one_each(write_log: WriteLog) -> None:
    kilos = "\u3389" * 99  # one letter there, four in a log-in
    Said(write_log([line(caller_id=f"{kilos}a", opened_by=f"{kilos}b", assigned_to="\u4e2d")]))

    logins = set(Profile.objects.values_list("user__username", flat=True))
    cut = ("kcal" * 25)[:100]
    assert {cut, f"{cut}.2", "person"} <= logins
