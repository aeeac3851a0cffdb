"""One bad row stops no loop, starves none, and is seen until it is mended."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from structlog.testing import capture_logs

from incidents import sweeping, tasks, workflow
from incidents.enums import EntryKind, ResolutionCode, State
from incidents.models import Clock, Incident, SetAside, Team
from incidents.sweeping import for_each
from tests.factories import NOON, TeamFactory, agent_actor, make_incident

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


class Act:
    """Notes the names it was given, and raises for some."""

    def __init__(self, *bad: str) -> None:
        self.bad = bad
        self.seen: list[str] = []

    def __call__(self, team: Team) -> None:
        self.seen.append(team.name)
        if team.name in self.bad:
            raise ValueError(f"no {team.name}")


@pytest.fixture
def teams() -> None:
    for name in ("a", "b", "c"):
        TeamFactory.create(name=name)


def go(act: Act, at: timedelta = timedelta(0)) -> sweeping.Tally:
    return for_each("test.job", Team.objects.all(), act, at=NOON + at)


@pytest.mark.usefixtures("teams")
def test_a_bad_row_is_named_and_the_others_are_done() -> None:
    act = Act("b")

    with capture_logs() as logs:
        tally = go(act)

    bad = SetAside.objects.get()
    assert (act.seen, tally.done, tally.set_aside) == (["a", "b", "c"], 2, 1)
    assert (bad.job, bad.label, bad.error, bad.since) == ("test.job", "b", "ValueError: no b", NOON)
    assert [(line["event"], line["label"]) for line in logs] == [("row_set_aside", "b")]


@pytest.mark.usefixtures("teams")
def test_a_bad_row_waits_longer_each_time_it_fails() -> None:
    go(Act("b"))
    soon, later = Act("b"), Act("b")

    go(soon, at=MINUTE / 2)
    go(later, at=MINUTE)

    bad = SetAside.objects.get()
    assert (soon.seen, later.seen) == (["a", "c"], ["a", "b", "c"])
    assert (bad.failures, bad.since, bad.retry_at) == (2, NOON, NOON + 6 * MINUTE)


@pytest.mark.usefixtures("teams")
@pytest.mark.parametrize("mend", [lambda: None, lambda: Team.objects.filter(name="b").delete()])
def test_a_row_that_is_mended_or_gone_leaves_the_list(mend: object) -> None:
    go(Act("b"))
    assert callable(mend)
    mend()

    go(Act(), at=MINUTE)

    assert SetAside.objects.exists() is False


@pytest.mark.usefixtures("teams")
def test_a_loop_that_is_told_to_stop_forgets_no_bad_row() -> None:
    go(Act("c"))

    stopped = for_each("test.job", Team.objects.all(), Act(), at=NOON + MINUTE, stop=lambda: True)

    assert stopped.done == 0
    assert SetAside.objects.count() == 1


def test_more_rows_than_a_batch_are_all_done_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    for n in range(5):
        TeamFactory.create(name=f"Team {n}")
    act = Act("Team 0", "Team 1")

    go(act)

    assert len(act.seen) == 5


@pytest.fixture
def broken() -> Incident:
    """Its clocks cannot be read, so nothing that moves them can be done."""
    incident = make_incident()
    Clock.objects.filter(incident=incident).update(intervals=[["yesterday", None]])
    return incident


def test_scan_goes_on_past_a_clock_that_cannot_be_read(broken: Incident, incident: Incident) -> None:
    with time_machine.travel(NOON + timedelta(minutes=61), tick=False):
        tasks.scan_clocks()

    assert incident.entries.filter(kind=EntryKind.SLA_WARNED).count() == 1
    assert SetAside.objects.get().label == f"{broken.number} Acknowledge"


def test_a_clock_whose_calendar_changed_is_measured_again_and_not_scanned_for_ever(
    incident: Incident,
) -> None:
    Clock.objects.filter(incident=incident).update(notice_at=NOON)

    with time_machine.travel(NOON + MINUTE, tick=False):
        tasks.scan_clocks()

    assert Clock.objects.due_for_notice(NOON + MINUTE).exists() is False
    assert Clock.objects.get(incident=incident, metric="acknowledge").notice_at == NOON + 60 * MINUTE


def test_closing_goes_on_past_an_incident_that_cannot_be_closed(
    broken: Incident, incident: Incident, alice: User
) -> None:
    whole = Clock.objects.get(incident=incident, metric="resolve").intervals
    Clock.objects.filter(incident=broken).update(intervals=whole)
    for each in (broken, incident):
        each.refresh_from_db()
        workflow.resolve(each, actor=agent_actor(alice), at=NOON, code=ResolutionCode.FIXED, text="Done.")
    Clock.objects.filter(incident=broken).update(intervals=[["yesterday", None]])

    with time_machine.travel(NOON + timedelta(days=8), tick=False):
        tasks.close_confirmed()

    states = Incident.objects.order_by("pk").values_list("pk", "state")
    assert dict(states) == {broken.pk: State.RESOLVED, incident.pk: State.CLOSED}
    assert SetAside.objects.get().label == broken.number


@pytest.fixture
def bad_row() -> SetAside:
    return SetAside.objects.create(
        job="incidents.scan_clocks",
        row_id=7,
        label="INC0000007 Resolve",
        error="ValueError: yesterday",
        since=NOON,
        retry_at=timezone.now() + timedelta(hours=1),
    )


def test_an_administrator_sees_on_the_home_page_and_in_its_list_what_fails(
    admin_client: Client, bad_row: SetAside
) -> None:
    home, listed = admin_client.get("/admin/"), admin_client.get("/admin/incidents/setaside/")

    for page in (home, listed):
        assert "INC0000007 Resolve" in page.content.decode()
        assert "ValueError: yesterday" in page.content.decode()


def test_an_agent_sees_nothing_of_it(client: Client, alice: User, bad_row: SetAside) -> None:
    client.force_login(alice)

    assert "INC0000007 Resolve" not in client.get("/admin/").content.decode()
    assert client.get("/admin/incidents/setaside/").status_code == 403


def test_an_administrator_has_a_row_tried_again_at_once(admin_client: Client, bad_row: SetAside) -> None:
    asked = {"action": "try_again", "_selected_action": [bad_row.pk]}

    answer = admin_client.post("/admin/incidents/setaside/", asked, follow=True)

    bad_row.refresh_from_db()
    assert bad_row.retry_at <= timezone.now()
    assert "1 row is tried again." in answer.content.decode()
