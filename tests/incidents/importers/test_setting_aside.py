"""What cannot be taken over is set aside whole and named, and comes in once it is mended."""

import csv
from pathlib import Path

import pytest

from incidents.enums import State
from incidents.models import Clock, Incident, TimelineEntry
from tests.incidents.importers.command import Said, assert_ledger_holds, counts
from tests.incidents.importers.conftest import HEADER, WriteLog, case, line
from tests.insider import tamper

pytestmark = pytest.mark.django_db
NO_TEXT = "is no text in this encoding; another is named with --encoding"


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
            line(number="INC0000002", location="Zürich"),
        ]
    )

    said = Said(path)

    assert said.status == 1
    assert said.err.splitlines()[:-1] == [
        "line 4: unknown state 'Parked'",
        "line 5: sys_updated_at is no date of the calendar: '32/1/2016 10:00'",
        "line 6: 2 columns where the header has 36",
        f"line 7: character {line(location='@').index('@') + 2} {NO_TEXT}",
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

    assert said.err.splitlines()[:-1] == ["line 3: it holds a NUL byte"]
    assert (said.told["set aside"], said.told["bad rows"]) == ("2", "1")
    assert list(Incident.objects.values_list("source_number", flat=True)) == ["INC0000003"]


def test_rows_of_nobody_are_no_incident_set_aside(write_log: WriteLog) -> None:
    said = Said(write_log(["\0", "\0"]))

    assert (said.status, said.told["bad rows"], said.told["set aside"]) == (1, "2", "0")


def forget_everything() -> None:
    TimelineEntry.objects.all().delete()
    Clock.objects.all().delete()
    Incident.objects.all().delete()


def test_a_log_that_tells_the_newest_row_first_gives_the_same_incidents(tmp_path: Path) -> None:
    newest_first = case("newest_first", tmp_path)
    header, *rows = newest_first.read_text().splitlines()
    said = Said(newest_first)
    told = stories()
    tamper(forget_everything)
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


def test_rejects_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere" / "rejects.csv"

    said = Said(case("closed_before_opened", tmp_path), "--rejects", nowhere)

    assert said.status == 2
    assert said.err.splitlines()[-1] == (
        f"{nowhere} cannot be written: No such file or directory. Name another with --rejects."
    )


def test_rejects_of_rejects_say_where_they_first_stood(write_log: WriteLog) -> None:
    first = write_log([line(number="INC0000002"), line(), line(incident_state="Parked")])
    Said(first)
    second = first.with_name("log.csv.rejects.csv")

    Said(second)

    third = first.with_name("log.csv.rejects.csv.rejects.csv")
    assert third.read_text() == second.read_text()
    assert [row["rejected_line"] for row in csv.DictReader(third.read_text().splitlines())] == ["3", "4"]


def test_a_dry_run_writes_no_rejects(tmp_path: Path) -> None:
    said = Said(case("closed_before_opened", tmp_path), "--dry-run")

    assert (said.status, list(tmp_path.glob("*rejects*"))) == (1, [])


@pytest.mark.parametrize(("encoding", "said"), [("utf-16", ""), ("windows-1252", "read as windows-1252")])
def test_rejects_keep_the_form_of_their_log_and_are_imported_like_it(
    tmp_path: Path, encoding: str, said: str
) -> None:
    notes = '"two\nlines; and a mark"'
    rows = [line(location="Zürich"), line(location="Zürich", incident_state="Parked")]
    text = "\n".join([f"{HEADER},notes", *(f"{row},{{}}" for row in rows), ""]).replace(",", ";")
    log = tmp_path / "log.csv"
    log.write_bytes(text.format(notes, notes).encode(encoding))

    first = Said(log)
    rejects = tmp_path / "log.csv.rejects.csv"
    assert "see line 4: unknown state 'Parked'" in rejects.read_text(encoding)
    rejects.write_bytes(
        rejects.read_bytes().replace("Parked".encode(encoding)[-12:], "Active".encode(encoding)[-12:])
    )
    second = Said(rejects)

    assert (first.status, second.status, said in first.err) == (1, 0, True)
    incident = Incident.objects.get()
    assert incident.location is not None
    assert (incident.state, incident.location.name) == (State.IN_PROGRESS, "Zürich")
    assert incident.entries.first().data["source"]["notes"] == "two\nlines; and a mark"  # type: ignore[union-attr]
