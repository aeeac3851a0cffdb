"""Each kind of entry is defined once, and whole."""

import ast
import re
from collections.abc import Iterator

import pytest

from incidents.entry_kinds import ENTRY_KINDS, Look, Tab, kinds_where, sentence_of
from incidents.enums import EntryKind
from incidents.models import TimelineEntry
from itsm.ui.templatetags.icons import ICONS
from tests.architecture.sources import python_files, tree


class Nobody:
    """Knows no name."""

    def person(self, _pk: object) -> str:
        return "somebody"

    def numbered(self, _number: str | None) -> str:
        return "INC0000001"

    def assignment(self, _entry: TimelineEntry) -> str:
        return "assigned it"


def kinds_written_for_requesters() -> Iterator[EntryKind]:
    """By the verbs: wherever an entry of a kind may be public."""
    for path in python_files("incidents/workflow"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                given |= {f"at {place}": ast.unparse(value) for place, value in enumerate(node.args)}
                if any("Visibility.PUBLIC" in value for value in given.values()):
                    named = re.findall(r"EntryKind\.(\w+)", " ".join(given.values()))
                    yield from (EntryKind[name] for name in named)


def test_every_kind_is_defined() -> None:
    assert set(ENTRY_KINDS) == set(EntryKind)


def test_every_icon_is_drawn() -> None:
    assert {definition.icon for definition in ENTRY_KINDS.values()} <= set(ICONS)


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_says_something_at_the_desk_whatever_it_holds(kind: EntryKind) -> None:
    entry = TimelineEntry(kind=kind, data={})

    says = sentence_of(entry, Nobody())

    assert bool(says) is (kind not in {EntryKind.NOTED, EntryKind.ACTION_TAKEN, EntryKind.ACTION_PLANNED})


def test_what_requesters_read_has_a_sentence_for_them() -> None:
    written = set(kinds_written_for_requesters())

    assert len(written) > 9
    assert written <= set(kinds_where(lambda kind: kind.portal is not None))


def test_what_is_drawn_as_speech_is_for_requesters() -> None:
    speech = kinds_where(lambda kind: kind.look == Look.SPEECH)

    assert all(ENTRY_KINDS[kind].portal is not None for kind in speech)
    assert {ENTRY_KINDS[kind].tab for kind in speech} == {Tab.TALK, Tab.CHANGES}
