"""An incident that is here already gets what a log knows beyond it, and nothing twice."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from incidents import tasks, workflow
from incidents.enums import EntryKind, State
from incidents.models import Incident
from tests.factories import agent_actor
from tests.incidents.importers.command import Said, assert_ledger_holds, counts
from tests.incidents.importers.conftest import WriteLog, case, line

pytestmark = pytest.mark.django_db


def test_a_log_with_fewer_rows_than_are_here_changes_nothing_and_says_so(write_log: WriteLog) -> None:
    Said(write_log([line(), line(incident_state="Active")]))

    said = Said(write_log([line()]))

    assert said.told["already there"] == "1 (1 with more rows here)"
    assert said.status == 1
    assert counts()[:2] == (1, 2)


def test_a_longer_log_brings_an_incident_up_to_date(tmp_path: Path) -> None:
    Said(case("delta_1_two_rows", tmp_path))
    begun = counts()[:2]

    said = Said(case("delta_2_whole", tmp_path))
    again = Said(case("delta_2_whole", tmp_path))

    incident = Incident.objects.get()
    assert begun == (1, 2)
    assert (said.status, said.told["already there"]) == (0, "1 (1 brought up to date)")
    assert (incident.state, incident.entries.count()) == (State.CLOSED, 8)
    assert (again.status, again.told["already there"]) == (0, "1")
    assert_ledger_holds()


def test_what_the_clocks_noted_meanwhile_stands_in_the_way_of_no_update(tmp_path: Path) -> None:
    Said(case("delta_1_two_rows", tmp_path))
    tasks.scan_clocks()

    said = Said(case("delta_2_whole", tmp_path))

    assert (said.status, Incident.objects.get().state) == (0, State.CLOSED)
    assert_ledger_holds()


def test_an_incident_that_was_worked_on_here_is_not_brought_up_to_date(tmp_path: Path, alice: User) -> None:
    Said(case("delta_1_two_rows", tmp_path))
    incident = Incident.objects.get()
    workflow.note(incident, actor=agent_actor(alice), at=timezone.now(), text="Ours now")

    said = Said(case("delta_2_whole", tmp_path))

    assert said.status == 1
    assert f"{incident.number} has been worked on here since it was imported" in said.err
    assert incident.entries.count() == 3


def test_an_incident_that_began_otherwise_is_not_brought_up_to_date(write_log: WriteLog) -> None:
    Said(write_log([line()]))

    said = Said(write_log([line(sys_updated_at="7/3/2016 09:06"), line(incident_state="Active")]))

    assert "INC0000001: its first rows are not those that were imported" in said.err
    assert counts()[:2] == (1, 1)


BEFORE_THE_FIELD = (
    line(made_sla="?"),
    line(incident_state="Active", sys_updated_at="7/3/2016 12:00", made_sla="?"),
)
WITH_THE_FIELD = (
    line(made_sla="true"),
    line(incident_state="Active", sys_updated_at="7/3/2016 12:00", made_sla="false"),
)


@pytest.mark.parametrize("log", [WITH_THE_FIELD, WITH_THE_FIELD[::-1]], ids=["oldest first", "newest first"])
def test_what_an_import_of_long_ago_had_no_field_for_is_filled_in_once(
    log: tuple[str, ...], write_log: WriteLog
) -> None:
    Said(write_log(BEFORE_THE_FIELD))

    dry = Said(write_log(log), "--dry-run")
    said = Said(write_log(log))
    filled_in = counts()[:2]
    again = Said(write_log(log))

    incident = Incident.objects.get()
    last = incident.entries.order_by("seq")[2]
    assert (incident.source_met_sla, incident.state) == (False, State.IN_PROGRESS)
    assert (last.kind, last.changes) == (EntryKind.IMPORTED, {"source_met_sla": [None, False]})
    assert last.announced_at is not None
    assert (said.status, said.told["already there"]) == (0, "1 (1 brought up to date)")
    assert dry.told["entries would be made"] == said.told["entries made"] == "1"
    assert (again.status, again.told["already there"], counts()[:2]) == (0, "1", filled_in)
    assert_ledger_holds()


def test_what_was_filled_in_stands_in_the_way_of_no_update(write_log: WriteLog) -> None:
    Said(write_log(BEFORE_THE_FIELD))
    Said(write_log(WITH_THE_FIELD))
    longer = (*WITH_THE_FIELD, line(incident_state="Resolved", sys_updated_at="7/3/2016 13:00"))

    said = Said(write_log(longer))

    incident = Incident.objects.get()
    entries = incident.entries.order_by("seq")
    assert (said.status, said.told["entries made"], incident.state) == (0, "1", State.RESOLVED)
    assert [entry.source_state for entry in entries] == ["New", "Active", "", "Resolved"]
    assert_ledger_holds()


def test_a_field_is_filled_in_also_where_the_incident_was_worked_on_here(
    write_log: WriteLog, alice: User
) -> None:
    Said(write_log(BEFORE_THE_FIELD))
    incident = Incident.objects.get()
    workflow.note(incident, actor=agent_actor(alice), at=timezone.now(), text="Ours now")

    said = Said(write_log(WITH_THE_FIELD))

    incident.refresh_from_db()
    assert (said.status, incident.source_met_sla, incident.entries.count()) == (0, False, 4)
    assert_ledger_holds()


def test_an_older_log_fills_in_nothing(write_log: WriteLog) -> None:
    Said(write_log(BEFORE_THE_FIELD))

    Said(write_log(WITH_THE_FIELD[:1]))

    assert Incident.objects.get().source_met_sla is None
