"""Pages seal what is new, nobody waits for them, and only who has the key makes one that verifies."""

from datetime import datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from incidents import workflow
from incidents.anchors import keys, pages
from incidents.models import Anchor, Incident, LedgerCheck, TimelineEntry
from itsm import checking, ledger, sealing, tasks
from notifications.delivery.queue import enqueue_mail
from notifications.models import Delivery
from tests.factories import NOON, AgentFactory, agent_actor, make_incident
from tests.insider import tamper, write

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def say(incident: Incident, alice: User, text: str = "Hello") -> None:
    workflow.note(incident, actor=agent_actor(alice), at=NOON, text=text)


def lines(heads: dict[int, str] | None = None) -> list[str]:
    return [line for line in ledger.breaches(NOON + MINUTE, heads=heads) if "page" in line]


def output(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed(incident: Incident, alice: User) -> Incident:
    """On two pages."""
    sealing.seal(NOON)
    say(incident, alice)
    sealing.seal(NOON)
    return incident


def test_each_row_is_on_one_page_and_nothing_new_makes_no_page(sealed: Incident) -> None:
    pages = list(Anchor.objects.in_order())

    assert [page.rows for page in pages] == [1, 1]
    assert [entry.anchor for entry in sealed.entries.order_by("seq")] == [1, 2]
    assert pages[1].prev == pages[0].digest
    assert pages[1].lines.endswith(f"{sealed.number}: entry 2")
    assert sealing.seal(NOON) == 0
    assert lines() == []


def test_what_was_committed_late_is_on_the_next_page(incident: Incident) -> None:
    later = make_incident()
    [late] = incident.entries.all()
    tamper(lambda: TimelineEntry.objects.filter(pk=late.pk).update(anchor=99))
    sealing.seal(NOON)
    tamper(lambda: TimelineEntry.objects.filter(pk=late.pk).update(anchor=None))
    sealing.seal(NOON)

    assert [later.entries.get().anchor, incident.entries.get().anchor] == [1, 2]
    assert lines() == []


def test_large_batches_become_several_pages(incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 2)
    for _n in range(4):
        make_incident()

    assert sealing.seal(NOON) == 3
    assert [page.rows for page in Anchor.objects.in_order()] == [2, 2, 1]


def test_of_two_sweeps_at_once_one_makes_the_page(
    incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = pages._put

    def somebody_was_faster(rows: list[str], at: object) -> Anchor:
        monkeypatch.setattr(pages, "_put", put)
        other = put(rows, NOON)
        monkeypatch.setattr(Anchor.objects, "newest", lambda: None)
        return put(rows, NOON) or other

    monkeypatch.setattr(pages, "_put", somebody_was_faster)

    assert sealing.seal(NOON) == 0
    assert incident.entries.get().anchor is None


def test_sealing_costs_the_same_queries_for_one_row_and_for_three(
    incident: Incident, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(32):
        sealing.seal(NOON)
    for _n in range(3):
        make_incident()
    with django_assert_num_queries(32):
        sealing.seal(NOON)


def forge(**columns: object) -> None:
    page = Anchor.objects.get(number=2)
    for name, value in columns.items():
        setattr(page, name, value)
    page.digest = pages.digest_of(page)
    write(
        "UPDATE incidents_anchor SET lines = %s, digest = %s, key = %s, seal = %s WHERE number = 2",
        page.lines, page.digest, page.key, page.seal,
    )  # fmt: skip


def test_page_made_without_the_key_is_found(sealed: Incident, alice: User) -> None:
    forge(lines="entry 1 " + "0" * 64 + " forged")

    assert "page 2 of the ledger does not carry our seal" in lines()
    say(sealed, alice)
    with pytest.raises(pages.NotOurs):
        sealing.seal(NOON)


def test_page_under_an_invented_key_is_found_and_not_built_upon(sealed: Incident, alice: User) -> None:
    forge(key="deadbeef", seal="0" * 64)

    assert "not ours" in lines()[-1]
    say(sealed, alice)
    with pytest.raises(pages.NotOurs):
        sealing.seal(NOON)


def test_key_is_changed_by_way_of_the_fallbacks(sealed: Incident, alice: User, settings: Settings) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-of-the-same-desk"
    alone = lines()
    settings.SECRET_KEY_FALLBACKS = [old]
    with_the_old_one = lines()
    say(sealed, alice)
    sealing.seal(NOON)
    settings.SECRET_KEY_FALLBACKS = []

    assert "not ours" in alone[0]
    assert (with_the_old_one, lines()) == ([], [])


def test_page_that_an_earlier_version_sealed_still_verifies(settings: Settings) -> None:
    """Heads are printed and mailed: what they are made of never changes."""
    settings.LEDGER_KEY = "a key of 2026"
    page = Anchor(
        number=2,
        at=datetime(2026, 3, 29, 3, 30, tzinfo=timezone(timedelta(hours=2))),
        key="af21478b",
        prev="0" * 64,
        rows=1,
        lines="INC0000001: entry 2",
        digest="706aa06d27376e890938ffeb69171b0765cca54ca1b4b50c5146436d70c9c3cf",
        seal="4309adefff9a22dd8fe57e728de9dcc82571c4f5570a9b8b5c23652b7bae77ea",
    )

    assert pages.digest_of(page) == page.digest
    assert keys.is_ours(page)


def test_line_that_an_earlier_version_wrote_is_still_the_same() -> None:
    entry = next(kind for kind in sealing.KINDS if kind.name == "entry")
    values = {"pk": 7, "incident_id": 3, "seq": 2, "hash": {"Zürich": [1, None]}, "recorded_at": NOON}

    digest = "a8c54b510afa730055a6665fa30d1966e5c3654286b0c74373460dc8a38c089a"
    assert entry.line(values) == f"entry 7 {digest} INC0000003: entry 2"


def test_ledger_key_stands_for_the_secret_key(settings: Settings) -> None:
    derived = keys.keys()
    settings.LEDGER_KEY = "of the ledger alone"

    assert keys.keys() == [b"of the ledger alone"]
    assert derived != keys.keys()


def test_lost_key_is_followed_by_an_adopted_page(sealed: Incident, alice: User, settings: Settings) -> None:
    settings.SECRET_KEY = "another-key-of-the-same-desk"
    say(sealed, alice)

    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        call_command("ledger_head")
    head = output("ledger_head", "--adopt")

    assert head.startswith("4-")
    assert lines() == []


def test_head_kept_outside_shows_that_the_end_was_cut_off(sealed: Incident, tmp_path: Path) -> None:
    kept = tmp_path / "heads"
    kept.write_text(output("ledger_head", "--all"))
    tamper(lambda: Anchor.objects.filter(number=2).delete())
    tamper(lambda: TimelineEntry.objects.filter(anchor=2).update(anchor=None))
    inside = lines()
    out = StringIO()

    with pytest.raises(CommandError, match="breaches"):
        call_command("check_ledger", "--head", str(kept), stdout=out)

    assert inside == []
    assert "page 2 of the ledger is gone: the head kept outside says 2-" in out.getvalue()


def test_head_kept_outside_shows_that_the_ledger_was_written_anew(sealed: Incident, alice: User) -> None:
    head = output("ledger_head").strip()
    tamper(lambda: Anchor.objects.filter(number=2).delete())
    tamper(lambda: TimelineEntry.objects.filter(anchor=2).update(anchor=None))
    sealing.seal(NOON + MINUTE)
    out = StringIO()

    with pytest.raises(CommandError):
        call_command("check_ledger", "--head", head, stdout=out)

    assert "page 2 of the ledger is 2-" in out.getvalue()
    assert lines() == []


def test_what_is_no_head_is_said_so(sealed: Incident) -> None:
    with pytest.raises(CommandError, match="holds no head"):
        call_command("check_ledger", "--head", "page 2")


def test_head_of_an_empty_ledger_is_said_to_be_none() -> None:
    with pytest.raises(CommandError, match="Nothing is sealed yet"):
        call_command("ledger_head")


def test_mailed_heads_are_compared_too(sealed: Incident, alice: User) -> None:
    head = Anchor.objects.get(number=2).head
    enqueue_mail(key="report:1", recipients=[alice], subject="Week", text=f"Head: {head}\n", html="", at=NOON)
    clean = lines()
    tamper(lambda: Anchor.objects.filter(number=2).delete())
    tamper(lambda: TimelineEntry.objects.filter(anchor=2).update(anchor=None))

    assert Delivery.objects.get(key="report:1").text.count(head) == 1
    assert clean == []
    assert lines() == [f"page 2 of the ledger is gone: the head kept outside says {head}"]


def test_rows_nobody_seals_are_missed_after_an_hour(incident: Incident) -> None:
    recorded = incident.entries.get().recorded_at

    def late(after: timedelta) -> list[str]:
        return [line for line in ledger.breaches(recorded + after) if "sealed" in line]

    assert late(timedelta(minutes=59)) == []
    assert late(timedelta(minutes=61)) == [
        "1 rows of the kind entry wait to be sealed for an hour: does the worker run?"
    ]


def test_row_that_only_says_it_is_sealed_is_found(sealed: Incident) -> None:
    make_incident()
    tamper(lambda: TimelineEntry.objects.filter(anchor=None).update(anchor=2))

    assert lines() == ["1 rows of the kind entry say they are sealed, and no page knows them"]


@time_machine.travel(NOON, tick=False)
def test_hourly_check_turns_health_red_and_shows_on_the_home_page(
    sealed: Incident, settings: Settings, client: Client
) -> None:
    settings.HEALTH_TOKEN = "secret"
    bearer = {"HTTP_AUTHORIZATION": "Bearer secret"}
    client.force_login(AgentFactory.create(role="Administrator"))
    tasks.check_ledger()
    before = client.get("/health/pipeline", **bearer).json()["faults"]
    quiet = client.get("/admin/").content.decode()
    tamper(lambda: Incident.objects.update(title="Forged"))
    tasks.check_ledger()

    faults = client.get("/health/pipeline", **bearer).json()["faults"]
    home = client.get("/admin/").content.decode()

    words = "the ledger has 1 breaches: see the desk's home or manage.py check_ledger"
    assert (words in before, words in faults) == (False, True)
    assert "The ledger does not add up" not in quiet
    assert "The ledger does not add up" in home
    assert f"{sealed.number}: title is &#x27;Forged&#x27;" in home


def test_check_that_does_not_come_by_is_missed() -> None:
    never = checking.faults(NOON)
    checking.keep(began=NOON, ended=NOON, count=0, lines=[])

    assert never == []
    assert checking.faults(NOON + timedelta(hours=2, minutes=59)) == []
    assert checking.faults(NOON + timedelta(hours=3)) == [
        "the ledger was last checked at 2026-03-02 12:00 UTC"
    ]


@time_machine.travel(NOON, tick=False)
def test_command_leaves_its_finding_for_the_home_page(sealed: Incident) -> None:
    output("check_ledger")

    [row] = LedgerCheck.objects.all()
    assert (row.breaches, row.incidents, row.entries) == (0, 1, 2)
