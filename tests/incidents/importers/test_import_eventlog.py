"""The command: what it makes of whole files, good and bad, and what it says."""

import gzip
import lzma
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from incidents.models import Incident, Problem, Team, TimelineEntry
from tests.incidents.importers.command import Said, assert_ledger_holds, counts
from tests.incidents.importers.conftest import HEADER, WriteLog, line

pytestmark = pytest.mark.django_db
SAMPLE_INCIDENTS, SAMPLE_ROWS = 200, 937


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
    statements = Statements()

    with connection.execute_wrapper(statements):
        said = Said(sample)

    assert {sql.partition(" ")[0] for sql in statements} == {"SELECT"}
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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"\n", "This is no ServiceNow incident event log: its first line does not name 23 of the columns"),
        (b"a,b\n1,2\n", "does not name 23 of the columns"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is no list of column names"),
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
    for number in ("INC0000008", "INC0000009"):  # the first makes teams, the second finds the rules kept
        Said(write_log([line(number=number)]))

    for numbers in (["INC0000001"], ["INC0000002", "INC0000003", "INC0000004"]):
        path = write_log([line(number=number) for number in numbers])
        statements = Statements()
        with connection.execute_wrapper(statements):
            Said(path)
        assert len(statements) == 17
