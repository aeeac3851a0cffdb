"""Incidents are written so many at a time; one that cannot be written stops no other."""

from collections.abc import Callable, Sequence

import pytest
from django.db import OperationalError

from incidents.importers import eventlog
from incidents.importers.blocks import Block
from incidents.importers.eventlog import Run
from incidents.importers.histories import Telling
from incidents.importers.reading import LogFile
from incidents.importers.servicenow import Row
from incidents.importers.taking import Rehearsal
from incidents.models import Incident
from incidents.workflow.history import History
from tests.incidents.importers.command import Said, assert_ledger_holds
from tests.incidents.importers.conftest import WriteLog, line

pytestmark = pytest.mark.django_db
FIVE = [f"INC000000{number}" for number in range(1, 6)]


class Counted(Rehearsal):
    """Knows how many came at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def take(self, blocks: Sequence[Block]) -> int:
        self.sizes.append(len(blocks))
        return super().take(blocks)


@pytest.mark.parametrize(("longest", "sizes"), [(100, [2, 2, 1]), (2, [1, 1, 1, 1, 1]), (4, [2, 2, 1])])
def test_a_batch_is_full_by_its_incidents_or_their_rows(
    longest: int, sizes: list[int], write_log: WriteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(eventlog, "LONGEST_BLOCK", longest)
    rows = [line(number=number, incident_state=state) for number in FIVE for state in ("New", "Active")]
    taker, progress = Counted(), list[int]()

    with LogFile(write_log(rows)) as log:
        run = Run(log, taker, 2, lambda *_: None, progress.append)
        run.go()

    assert taker.sizes == sizes
    assert progress == sorted(progress)
    assert (progress[-1], run.tally.rows, run.tally.incidents, run.tally.entries) == (10, 10, 5, 10)


@pytest.fixture
def fails(monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception], None]:
    """Whatever happens to it, it happens to the third of them only."""
    tell = Telling.history

    def fail(error: Exception) -> None:
        def history(self: Telling, rows: Sequence[Row]) -> History:
            if rows[0].number == FIVE[2]:
                raise error
            return tell(self, rows)

        monkeypatch.setattr(Telling, "history", history)

    return fail


def test_an_incident_that_cannot_be_written_is_set_aside_and_the_others_are_made(
    write_log: WriteLog, fails: Callable[[Exception], None]
) -> None:
    fails(LookupError("no such thing"))

    said = Said(write_log([line(number=number, assigned_to=f"Person {number}") for number in FIVE]))

    assert said.err.startswith(f"line 4: {FIVE[2]}: it cannot be written (LookupError: no such thing)")
    assert (said.status, said.told["incidents made"], said.told["entries made"]) == (1, "4", "4")
    assert (said.told["set aside"], Incident.objects.filter(assignee=None).count()) == ("1", 0)
    assert_ledger_holds()


def test_no_incident_is_blamed_for_a_database_that_is_not_well(
    write_log: WriteLog, fails: Callable[[Exception], None]
) -> None:
    fails(OperationalError("disk full"))

    said = Said(write_log([line(number=number) for number in FIVE]), "--batch", 2)

    assert said.err == "The database refused (disk full). Mend that and run the command again.\n"
    assert (said.status, said.told["incidents made"], said.told["set aside"]) == (1, "2", "0")
