"""The command: what it makes of whole files, good and bad, and what it says."""

import csv
import gzip
import lzma
import shutil
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Prefetch
from django.utils import timezone

from incidents import tasks, workflow
from incidents.enums import State
from incidents.models import Clock, Incident, Problem, Profile, Team, TimelineEntry
from incidents.sla.policy import load_policy_book
from itsm import ledger
from tests.factories import agent_actor
from tests.incidents.importers.conftest import HEADER, WriteLog, line

pytestmark = pytest.mark.django_db
SAMPLE_INCIDENTS, SAMPLE_ROWS = 200, 937
CASES = Path(__file__).parents[2] / "data" / "import"


class Said:
    """What the command wrote, and how it ended."""

    def __init__(self, *arguments: object) -> None:
        out, err = StringIO(), StringIO()
        self.status: object = 0
        try:
            call_command("import_eventlog", *map(str, arguments), stdout=out, stderr=err, verbosity=0)
        except SystemExit as exit_:
            self.status = exit_.code
        self.out, self.err = out.getvalue(), err.getvalue()
        self.told = {
            key.strip(): value.strip()
            for key, _, value in (text.partition(":") for text in self.out.splitlines())
        }


def counts() -> tuple[int, int, int]:
    return Incident.objects.count(), TimelineEntry.objects.count(), Profile.objects.count()


def assert_ledger_holds() -> None:
    """Version, chain, fold and clocks of every incident."""
    book = load_policy_book()
    entries = Prefetch("entries", TimelineEntry.objects.order_by("seq"))
    for incident in Incident.objects.prefetch_related(entries, "clocks"):
        assert list(ledger.incident_faults(incident, book)) == []


class Statements(list[str]):
    """The SQL that ran. Django's own list is emptied by the command, to keep memory low."""

    def __call__(self, execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        self.append(sql)
        return execute(sql, *arguments)


def test_the_sample_is_taken_over_row_by_row_and_the_ledger_holds(sample: Path) -> None:
    said = Said(sample)

    assert (said.status, said.err) == (0, "")
    assert (Incident.objects.count(), TimelineEntry.objects.count()) == (SAMPLE_INCIDENTS, SAMPLE_ROWS)
    assert (said.told["incidents made"], said.told["entries made"], said.told["bad rows"]) == (
        "200",
        "937",
        "0",
    )
    assert_ledger_holds()


def test_the_raw_states_stand_on_the_entries_in_the_order_of_the_file(sample: Path) -> None:
    rows = [text.split(",") for text in sample.read_text().splitlines()[1:]]

    Said(sample)

    entries = TimelineEntry.objects.order_by("incident__source_number", "seq")
    assert list(entries.values_list("incident__source_number", "source_state")) == [
        (cells[0], cells[1]) for cells in sorted(rows, key=lambda cells: cells[0])
    ]


def test_the_last_row_of_the_record_is_the_incident(sample: Path) -> None:
    last = {text.split(",")[0]: dict(zip(HEADER.split(","), text.split(","), strict=True))
            for text in sample.read_text().splitlines()[1:]}  # fmt: skip

    Said(sample)

    incidents = Incident.objects.select_related(
        "team", "assignee", "category__parent", "requester", "problem"
    )
    for incident in incidents:
        record = last[incident.source_number]
        names = {
            "assignment_group": incident.team and incident.team.name,
            "assigned_to": incident.assignee and incident.assignee.get_full_name(),
            "caller_id": incident.requester and incident.requester.get_full_name(),
            "problem_id": incident.problem and incident.problem.title,
        }
        for column, name in names.items():
            assert (name or "?") == " ".join(record[column].split())
        assert (incident.priority, incident.impact) == (int(record["priority"][0]), int(record["impact"][0]))
        assert (incident.resolved_at is None) == (record["resolved_at"] == "?")
        if incident.category:
            top = incident.category.parent or incident.category
            assert top.name == record["category"]


@pytest.mark.parametrize("pack", [lzma.compress, gzip.compress], ids=["xz", "gz"])
def test_a_packed_log_gives_the_same(sample: Path, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    packed = tmp_path / "log"
    packed.write_bytes(pack(sample.read_bytes()))

    said = Said(packed)

    assert said.status == 0
    assert counts()[:2] == (SAMPLE_INCIDENTS, SAMPLE_ROWS)


def test_a_second_run_doubles_nothing(sample: Path) -> None:
    Said(sample, "--batch", 7)
    before = counts()

    said = Said(sample)

    assert (said.status, said.told["incidents made"], said.told["already there"]) == (0, "0", "200")
    assert counts() == before
    assert Counter(Team.objects.values_list("name", flat=True)).most_common(1)[0][1] == 1
    assert Problem.objects.count() == Problem.objects.values("source_number").distinct().count()


def test_a_dry_run_writes_nothing_and_tells_what_a_run_would_do(sample: Path) -> None:
    statements = Statements()
    with connection.execute_wrapper(statements):
        dry = Said(sample, "--dry-run")

    assert {sql.partition(" ")[0] for sql in statements} == {"SELECT"}
    assert counts() == (0, 0, 0)
    real = Said(sample)
    assert dry.told["incidents would be made"] == real.told["incidents made"]
    assert dry.told["entries would be made"] == real.told["entries made"]
    assert dry.told["made with them"] == real.told["made with them"]


def test_a_log_cut_short_is_taken_over_up_to_there_and_completed_by_the_whole(
    sample: Path, tmp_path: Path
) -> None:
    packed = lzma.compress(sample.read_bytes(), preset=0)
    cut = tmp_path / "cut.xz"
    cut.write_bytes(packed[: len(packed) // 2])

    said = Said(cut)
    some = Incident.objects.count()
    completed = Said(sample)

    assert said.status == 1
    assert "cut short or damaged" in said.err
    assert 20 < some < SAMPLE_INCIDENTS
    assert completed.status == 0
    assert counts()[:2] == (SAMPLE_INCIDENTS, SAMPLE_ROWS)
    assert_ledger_holds()


def test_a_plain_log_cut_in_a_line_does_not_keep_half_an_incident(write_log: WriteLog) -> None:
    whole = [line(), line(number="INC0000002"), line(number="INC0000002", incident_state="Active")]
    path = write_log(whole)
    path.write_bytes(path.read_bytes()[:-40])

    said = Said(path)

    assert (said.status, Incident.objects.count()) == (1, 1)
    assert said.err.startswith("line 4: the last line is not whole")
    assert Said(write_log(whole)).status == 0
    assert counts()[:2] == (2, 3)


def test_an_incident_with_a_bad_row_is_set_aside_whole_and_each_row_is_named(write_log: WriteLog) -> None:
    path = write_log(
        [
            line(),
            "",
            line(incident_state="Parked"),
            line(sys_updated_at="32/1/2016 10:00"),
            "INC0000001,short",
            line(location="M\xfcnster").encode("latin-1"),
            b"\x00" * 10,
            b"x" * 3_000_000,
            line(incident_state="Active", sys_updated_at="7/3/2016 10:00"),
            line(number="INC0000002"),
        ]
    )

    said = Said(path)

    assert said.status == 1
    assert said.err.splitlines()[:-1] == [
        "line 4: unknown state 'Parked'",
        "line 5: sys_updated_at is no date of the calendar: '32/1/2016 10:00'",
        "line 6: 2 columns where the header has 36",
        f"line 7: byte {line(location='@').index('@') + 2} is not UTF-8 text",
        "line 8: it holds a NUL byte",
        "line 9: the line is too long to be a record",
    ]
    assert (said.told["bad rows"], said.told["set aside"], said.told["entries made"]) == ("6", "1", "1")
    assert list(Incident.objects.values_list("source_number", flat=True)) == ["INC0000002"]
    assert_ledger_holds()


def test_a_row_that_does_not_say_whose_it_is_sets_both_its_neighbours_aside(write_log: WriteLog) -> None:
    numbers = ("INC0000001", "INC0000002", "INC0000003")
    first, second, third = (line(number=number) for number in numbers)

    said = Said(write_log([first, b"\x00", second, third]))

    assert (said.told["set aside"], said.told["bad rows"]) == ("2", "1")
    assert list(Incident.objects.values_list("source_number", flat=True)) == ["INC0000003"]


def test_incidents_whose_rows_stand_apart_are_set_aside_whole(write_log: WriteLog) -> None:
    path = write_log([line(), line(number="INC0000002"), line(incident_state="Active")])

    said = Said(path)

    reason = "INC0000001 has rows apart from its other rows; sort the log by incident"
    assert said.err.splitlines()[:2] == [f"line 2: {reason}", f"line 4: {reason}"]
    assert said.status == 1
    assert list(Incident.objects.values_list("source_number", flat=True)) == ["INC0000002"]


def test_a_log_with_fewer_rows_than_are_here_changes_nothing_and_says_so(write_log: WriteLog) -> None:
    Said(write_log([line(), line(incident_state="Active")]))

    said = Said(write_log([line()]))

    assert said.told["already there"] == "1 (1 with more rows here)"
    assert said.status == 1
    assert counts()[:2] == (1, 2)


def case(name: str, tmp_path: Path) -> Path:
    """A copy, so that its rejects do not lie among the test's data."""
    return Path(shutil.copy(CASES / f"{name}.csv", tmp_path))


def test_a_log_that_tells_the_newest_row_first_gives_the_same_incidents(tmp_path: Path) -> None:
    newest_first = case("newest_first", tmp_path)
    header, *rows = newest_first.read_text().splitlines()
    said = Said(newest_first)
    told = stories()
    TimelineEntry.objects.all().delete()
    Clock.objects.all().delete()
    Incident.objects.all().delete()
    oldest_first = tmp_path / "oldest_first.csv"
    oldest_first.write_text("\n".join([header, *reversed(rows)]) + "\n")

    Said(oldest_first)

    assert said.status == 0
    assert told == stories()
    assert {last for *_, last in told.values()} == {"Closed"}
    assert_ledger_holds()


@pytest.mark.parametrize("same", [{"sys_mod_count": "?"}, {"sys_updated_at": "7/3/2016 09:05"}])
def test_the_newest_row_first_is_known_by_time_or_count_or_state(
    same: dict[str, str], write_log: WriteLog
) -> None:
    opened = {"sys_mod_count": "0", "sys_updated_at": "7/3/2016 09:05"}
    closed = {"incident_state": "Closed", "sys_mod_count": "4", "sys_updated_at": "8/3/2016 09:05"}

    Said(write_log([line(**closed | same), line(**opened | same)]))

    assert Incident.objects.get().state == State.CLOSED


def test_rows_of_one_minute_without_a_count_do_not_end_as_new(write_log: WriteLog) -> None:
    Said(write_log([line(incident_state="Closed", sys_mod_count="?"), line(sys_mod_count="?")]))

    assert Incident.objects.get().state == State.CLOSED


def stories() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, state in TimelineEntry.objects.order_by("seq").values_list(
        "incident__source_number", "source_state"
    ):
        found.setdefault(number, []).append(state)
    return found


def test_an_incident_that_was_closed_before_it_was_opened_is_not_made(tmp_path: Path) -> None:
    said = Said(case("closed_before_opened", tmp_path))

    assert said.status == 1
    assert said.err.startswith(
        "line 2: closed_at 1/1/2015 10:00 is before opened_at 29/2/2016 06:58: impossible\n"
    )
    assert said.told["set aside"] == "1"
    assert list(Incident.objects.order_by("pk").values_list("source_number", flat=True)) == [
        f"INC935000{n}" for n in range(1, 6)
    ]


def test_an_incident_set_aside_is_imported_once_its_row_is_mended(tmp_path: Path) -> None:
    first = Said(case("last_row_unknown_state", tmp_path))
    nothing = counts()[:2]
    second = Said(case("last_row_repaired", tmp_path))

    assert (first.status, nothing) == (1, (0, 0))
    assert second.status == 0
    assert Incident.objects.get().state == State.CLOSED
    assert_ledger_holds()


def test_the_file_of_rejects_names_line_and_reason_and_can_be_mended_and_imported(tmp_path: Path) -> None:
    log = case("last_row_unknown_state", tmp_path)
    Said(log)

    rejects = tmp_path / "last_row_unknown_state.csv.rejects.csv"
    with rejects.open() as file:
        rows = list(csv.DictReader(file))
    last = len(log.read_text().splitlines())
    reason = rows[-1]["rejected_because"]
    assert (rows[-1]["rejected_line"], reason.startswith("unknown state")) == (str(last), True)
    assert rows[0]["rejected_because"] == f"see line {last}: {reason}"
    assert len(rows) == last - 1

    rejects.write_text(rejects.read_text().replace(rows[-1]["incident_state"] + ",", "Closed,"))
    assert Said(rejects).status == 0
    assert Incident.objects.get().state == State.CLOSED


def test_an_older_file_of_rejects_is_not_written_over(tmp_path: Path) -> None:
    log = case("closed_before_opened", tmp_path)
    Said(log)
    Said(log)

    assert sorted(path.name for path in tmp_path.glob("*rejects*")) == [
        "closed_before_opened.csv.rejects-2.csv",
        "closed_before_opened.csv.rejects.csv",
    ]
    assert Said(log, "--rejects", log).status == 2


def test_a_dry_run_writes_no_rejects(tmp_path: Path) -> None:
    said = Said(case("closed_before_opened", tmp_path), "--dry-run")

    assert (said.status, list(tmp_path.glob("*rejects*"))) == (1, [])


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"\n", "This is no ServiceNow incident event log: its first line does not name 23 of the columns"),
        (b"a,b\n1,2\n", "does not name 23 of the columns"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no list of column names: byte 1 is not UTF-8 text"),
        (HEADER.encode("utf-16"), "is no list of column names"),
        (b"\xfd7zXZ\x00garbage", "Not one line can be read"),
        (b"PK\x03\x04", "is a ZIP archive"),
    ],
)
def test_what_is_no_such_log_is_refused_in_one_line(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)

    said = Said(path)

    assert said.status == 2
    assert reason in said.err
    assert (said.err.count("\n"), said.out) == (1, "")


def test_a_header_alone_is_an_empty_log(write_log: WriteLog) -> None:
    said = Said(write_log([]))

    assert (said.status, said.told["incidents made"], said.told["made with them"]) == (0, "0", "nothing")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--time-zone", "Mars/Olympus"], "no time zone"),
        (["--time-zone", "../etc/passwd"], "no time zone"),
        (["--batch", "0"], "Give 1 or more"),
        (["--format", "jira"], "invalid choice"),
    ],
)
def test_wrong_options_are_refused_with_what_is_wrong(
    sample: Path, arguments: list[str], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("import_eventlog", str(sample), *arguments)


def test_a_batch_costs_the_same_number_of_queries_for_one_incident_and_for_three(write_log: WriteLog) -> None:
    Said(write_log([line(number="INC0000009")]))

    for numbers in (["INC0000001"], ["INC0000002", "INC0000003", "INC0000004"]):
        path = write_log([line(number=number) for number in numbers])
        statements = Statements()
        with connection.execute_wrapper(statements):
            Said(path)
        assert len(statements) == 19
