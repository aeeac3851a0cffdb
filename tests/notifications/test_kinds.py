"""Who hears of each kind of entry stands in one table, and its words in one folder."""

from incidents.entry_kinds import ENTRY_KINDS
from incidents.enums import EntryKind
from notifications.kinds import NEWS, Desk, kinds_where
from tests.architecture.sources import ROOT

MAILS = ROOT / "templates" / "notifications" / "mail"
#: Chosen by what the delivery is for, not by the kind of the entry.
BY_PURPOSE = {"parent", "service"}


def test_every_kind_is_defined() -> None:
    assert set(NEWS) == set(EntryKind)


def test_every_kind_has_its_words_and_no_folder_is_left_over() -> None:
    folders = {path.parent.name: path.parent for path in MAILS.glob("*/subject.txt")}

    assert {news.mail for news in NEWS.values()} == set(folders) - BY_PURPOSE
    assert all((folder / "lead.txt").exists() for folder in folders.values())


def test_what_people_outside_the_desk_hear_of_can_be_read_in_the_portal() -> None:
    outside = kinds_where(lambda news: news.followers or news.public_news or news.children)

    assert [kind for kind in outside if ENTRY_KINDS[kind].portal is None] == []


def test_what_begins_for_followers_comes_to_an_end_for_them() -> None:
    ends = kinds_where(lambda news: news.is_end)

    assert ends != ()
    assert all(NEWS[kind].followers and NEWS[kind].public_news for kind in ends)
    assert all(NEWS[kind].desk == Desk.ALWAYS for kind in kinds_where(lambda news: news.is_start))
