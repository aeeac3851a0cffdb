"""Each thing that is wrong with a page of the ledger, or with a row on it, is one line that names it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents import anchors, append_only, workflow
from incidents.anchors import keys, pages
from incidents.models import Anchor, Incident, LedgerCheck, TimelineEntry
from itsm import checking, ledger, sealing
from tests.factories import NOON, agent_actor, make_incident
from tests.insider import tamper

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sealed(incident: Incident, alice: User) -> Incident:
    """On four pages, with one entry each."""
    for text in ("", "One", "Two", "Three"):
        if text:
            workflow.note(incident, actor=agent_actor(alice), at=NOON, text=text)
        sealing.seal(NOON)
    return incident


def lines(heads: dict[int, str] | None = None) -> list[str]:
    return list(anchors.breaches(sealing.KINDS, NOON, heads))


def remove_pages(*numbers: int) -> None:
    tamper(Anchor.objects.filter(number__in=numbers).delete)


def rewrite(number: int, change: Callable[[Anchor], Any]) -> None:
    """By somebody who has the key."""
    page = Anchor.objects.get(number=number)
    change(page)
    page.digest = pages.digest_of(page)
    keys.seal(page)
    tamper(page.save)


def test_pages_in_order_are_no_fault(sealed: Incident) -> None:
    assert lines({page.number: page.head for page in Anchor.objects.all()}) == []


@pytest.mark.parametrize(("gone", "said"), [([1], "1"), ([2], "2"), ([2, 3], "2 to 3")])
def test_missing_pages_are_named(sealed: Incident, gone: list[int], said: str) -> None:
    remove_pages(*gone)

    assert lines() == [
        f"page {said} of the ledger is missing",
        f"page {gone[-1] + 1} of the ledger does not follow the one before it",
        f"{len(gone)} rows of the kind entry say they are sealed, and no page knows them",
    ]


def test_missing_newest_page_is_known_from_its_rows(sealed: Incident) -> None:
    remove_pages(4)

    assert lines() == [
        "rows of the kind entry are sealed up to page 4 of the ledger, which is gone",
        "1 rows of the kind entry say they are sealed, and no page knows them",
    ]


def test_altered_page_is_named(sealed: Incident) -> None:
    tamper(lambda: Anchor.objects.filter(number=4).update(at=NOON + MINUTE))

    assert lines() == ["page 4 of the ledger was altered"]


def test_altered_and_rehashed_page_is_named(sealed: Incident) -> None:
    page = Anchor.objects.get(number=2)
    page.at = NOON + MINUTE
    tamper(lambda: Anchor.objects.filter(number=2).update(at=page.at, digest=pages.digest_of(page)))

    assert lines() == [
        "page 2 of the ledger does not carry our seal",
        "page 3 of the ledger does not follow the one before it",
    ]


@pytest.mark.parametrize("line", ["entry one " + "0" * 64 + " x", "guess 1 " + "0" * 64 + " x", "", "y" * 90])
def test_line_that_cannot_be_read_is_named(sealed: Incident, line: str) -> None:
    def append(page: Anchor) -> None:
        page.lines += f"\n{line}"

    rewrite(4, append)

    assert lines() == [f"page 4 of the ledger holds a line that cannot be read: {line[:80]}"]


def test_altered_row_is_named(sealed: Incident) -> None:
    pk = sealed.entries.get(seq=3).pk
    tamper(lambda: TimelineEntry.objects.filter(pk=pk).update(hash="0" * 64))

    where = f"{sealed.number}: entry 3 was altered"
    assert lines() == [f"{where} after page 3 of the ledger sealed it as entry {pk}"]


def test_row_that_is_gone_is_named(sealed: Incident) -> None:
    entry = sealed.entries.get(seq=3)
    tamper(lambda: TimelineEntry.objects.filter(pk=entry.pk)._raw_delete("default"))

    where = f"{sealed.number}: entry 3 is gone"
    assert lines() == [f"{where}; page 3 of the ledger sealed it as entry {entry.pk}"]


def test_head_kept_outside_is_compared_with_its_own_page(sealed: Incident) -> None:
    heads = {page.number: page.head for page in Anchor.objects.all()}
    other = f"3-{'-'.join(['0' * 8] * 4)}"

    assert lines({2: heads[2], 3: other, 7: "7-x", 6: "6-x"}) == [
        f"page 3 of the ledger is {heads[3]}, the head kept outside says {other}",
        "page 6 of the ledger is gone: the head kept outside says 6-x",
        "page 7 of the ledger is gone: the head kept outside says 7-x",
    ]


def test_head_of_an_empty_ledger_is_missed(db: None) -> None:
    assert lines({1: "1-x"}) == ["page 1 of the ledger is gone: the head kept outside says 1-x"]


def test_heads_are_found_in_any_print() -> None:
    first = "1-0123abcd-0123abcd-0123abcd-0123abcd"

    assert anchors.heads_in(f"on Monday:\n{first.upper()}, 2-0123abcd-x") == {1: first}
    with pytest.raises(anchors.NoHead):
        anchors.heads_in("1-0123abcd-0123abcd-0123abcd")


def test_head_is_half_of_the_digest(sealed: Incident) -> None:
    page = Anchor.objects.get(number=4)
    number, *groups = page.head.split("-")

    assert (number, "".join(groups), len(groups)) == ("4", page.digest[:32], 4)


def test_page_is_full_before_the_next_is_begun(
    incident: Incident, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several kinds: what does not fit on a page is on the next one, in the order of the kinds."""
    monkeypatch.setattr(pages, "PAGE", 3)
    for n in range(2):
        workflow.add_evidence(
            incident, actor=agent_actor(alice), at=NOON, kind="log", title=f"Log {n}", content="x"
        )

    assert sealing.seal(NOON) == 2
    kinds = [[line.split()[0] for line in page.lines.split("\n")] for page in Anchor.objects.in_order()]
    assert kinds == [["entry", "entry", "entry"], ["evidence", "evidence"]]
    assert [page.rows for page in Anchor.objects.in_order()] == [3, 2]
    assert lines() == []


def test_sealing_stops_between_pages_when_it_is_told_to(
    incident: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE", 1)
    for _n in range(3):
        make_incident()
    asked = iter([False, False, True])

    assert sealing.seal(NOON, stop=lambda: next(asked)) == 2
    assert Anchor.objects.count() == 2


def test_page_says_when_and_under_which_key_it_was_made(sealed: Incident) -> None:
    page = Anchor.objects.get(number=4)

    assert (page.at, page.key, len(page.key)) == (NOON, keys.present(), 8)
    assert keys.is_ours(page) is True


def test_check_keeps_twenty_lines_and_counts_all(incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(21):
        make_incident()
    tamper(lambda: Incident.objects.update(title="Forged"))
    found = list(ledger.breaches(NOON))

    checking.check(lambda: NOON)

    row = LedgerCheck.objects.get()
    assert (len(found), row.breaches, row.lines) == (22, 22, found[:20])
    assert (row.began_at, row.ended_at, row.incidents, row.entries) == (NOON, NOON, 22, 22)


def test_triggers_that_stand_are_left_alone(sealed: Incident) -> None:
    with CaptureQueriesContext(connection) as asked:
        append_only.keep_installed(sealing.TABLES, "default")

    changes = ("CREATE TRIGGER", "DROP TRIGGER")
    assert [each for each in asked.captured_queries if each["sql"].startswith(changes)] == []
