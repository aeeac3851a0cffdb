"""The table of verbs agrees with the functions it names and with every door that is made from it."""

import ast
import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.functional import Promise

from incidents import limits, workflow
from incidents.admin.bulk import BULK
from incidents.admin.verb_forms.asking import asked_text
from incidents.admin.verb_forms.pages import FORMS
from incidents.api.serializers.verb_bodies import body_of
from incidents.enums import EntryKind, HoldReason, ResolutionCode, Verb
from incidents.errors import Invalid
from incidents.models import Team
from incidents.verbs import VERBS, Page, address_of, verbs_where
from incidents.verbs.inputs import Choice, Text
from incidents.workflow.accepting import accept
from tests.architecture.sources import python_files, tree
from tests.factories import NOON, agent_actor, make_incident

#: Handed over by the door, or not said by a person: who, when, files.
NOT_ASKED = {"actor", "at", "attachment", "attachments", "changes"}


def parameters(verb: Verb) -> set[str]:
    """What the function of a verb is told by name."""
    told = inspect.signature(getattr(workflow, verb.value)).parameters.values()
    return {each.name for each in told if each.kind == each.KEYWORD_ONLY} - NOT_ASKED


def kinds_named_beside(verb: Verb) -> Iterator[str]:
    """The entry kinds in every function of the verbs that checks for this one."""
    for path in python_files("incidents/workflow"):
        for function in ast.walk(tree(path)):
            if isinstance(function, ast.FunctionDef) and function.name == verb.value:
                named = (ast.unparse(node) for node in ast.walk(function) if isinstance(node, ast.Attribute))
                yield from (name for name in named if name.startswith("EntryKind."))


def test_every_verb_but_opening_is_defined() -> None:
    assert set(VERBS) == set(Verb) - {Verb.OPEN}


@pytest.mark.parametrize("verb", VERBS)
def test_function_of_the_verb_takes_what_the_table_asks_for(verb: Verb) -> None:
    addressed = {"hypothesis"} if verb == Verb.WEIGH_HYPOTHESIS else set()

    assert parameters(verb) == set(VERBS[verb].inputs) - addressed


@pytest.mark.parametrize("verb", VERBS)
def test_function_of_the_verb_leaves_the_entry_that_the_table_says(verb: Verb) -> None:
    by_others = {Verb.COMMENT, Verb.LINK_PARENT, Verb.LINK_PROBLEM, Verb.REDACT, Verb.MERGE}
    named = set(kinds_named_beside(verb))

    assert verb in by_others or f"EntryKind.{EntryKind(VERBS[verb].kind or '').name}" in named


def test_every_verb_of_the_menu_has_its_page_and_no_page_is_left_over() -> None:
    menu = {address_of(verb) for verb in verbs_where(lambda verb: verb.page == Page.MENU)}
    aside = {address_of(verb) for verb in verbs_where(lambda verb: verb.page == Page.ASIDE)}

    assert menu <= set(FORMS)
    assert set(FORMS) - menu - {"take"} <= aside


def test_buttons_in_front_have_a_place_each_and_can_be_pressed_there() -> None:
    places = [(state, place) for each in VERBS.values() for state, place in each.in_front.items()]

    assert len(places) == len(set(places))
    assert all(set(each.in_front) <= each.sources for each in VERBS.values())
    keys = [each.key for each in VERBS.values() if each.key]
    assert len(keys) == len(set(keys))


def test_what_many_rows_can_be_told_at_once_is_what_the_table_says() -> None:
    assert {bulk.verb for bulk in BULK.values()} == verbs_where(lambda verb: verb.is_bulk)


@pytest.mark.parametrize("verb", VERBS)
def test_pages_and_bodies_take_as_much_as_the_table(verb: Verb) -> None:
    fields: dict[str, Any] = body_of(verb)().fields

    assert {name: field.required for name, field in fields.items()} == {
        name: getattr(asked, "is_required", False) for name, asked in VERBS[verb].inputs.items()
    }
    assert {name: field.max_length for name, field in fields.items() if hasattr(field, "max_length")} == {
        name: asked.limit for name, asked in VERBS[verb].inputs.items() if isinstance(asked, Text)
    }


@pytest.mark.parametrize(
    ("verb", "said", "refused"),
    [
        (Verb.RESOLVE, {"code": "recorded", "text": " "}, ["code", "text"]),
        (Verb.HOLD, {"reason": "weather"}, ["reason"]),
        (Verb.HOLD, {"reason": HoldReason.VENDOR, "note": "x" * (limits.TEXT + 1)}, ["note"]),
        (Verb.ADD_HYPOTHESIS, {"text": "x" * (limits.SENTENCES + 1)}, ["text"]),
        (Verb.RECORD_ACTION, {"reference": "x" * (limits.REFERENCE + 1)}, ["reference"]),
        (Verb.RECORD_ACTION, {"done_at": NOON + timedelta(seconds=1)}, ["done_at"]),
        (Verb.REOPEN, {"text": "half a pair \ud800"}, ["text"]),
        (Verb.ASSIGN, {"note": "NUL \x00"}, ["note"]),
        (Verb.OVERRIDE_PRIORITY, {"priority": 7}, ["priority"]),
    ],
)
def test_what_does_not_fit_is_refused_field_by_field(
    verb: Verb, said: dict[str, Any], refused: list[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        accept(verb, said, at=NOON)

    assert list(refusal.value.fields) == refused
    assert all(str(sentence).endswith((".", ")")) for sentence in refusal.value.fields.values())


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (Verb.RESOLVE, {"code": ResolutionCode.FIXED, "text": "New cable."}),
        (Verb.OVERRIDE_PRIORITY, {"priority": None}),
        (Verb.RECORD_ROOT_CAUSE, {"text": ""}),
        (Verb.ADD_HYPOTHESIS, {"text": f" {'x' * limits.SENTENCES} "}),
        (Verb.RECORD_ACTION, {"done_at": NOON, "reference": ""}),
        (Verb.DECLARE_MAJOR, {"impact": None}),
    ],
)
def test_what_fits_is_taken(verb: Verb, said: dict[str, Any]) -> None:
    accept(verb, said, at=NOON)


def test_every_choice_holds_its_own_members_and_nothing_else() -> None:
    choices = [
        asked for each in VERBS.values() for asked in each.inputs.values() if isinstance(asked, Choice)
    ]

    assert len(choices) > 9
    for asked in choices:
        assert all(asked.holds(value) for value, _label in asked.pairs)
        assert not asked.holds("?")


def test_every_note_that_stands_beside_its_entry_is_looked_at(alice: User, network: Team) -> None:
    """What goes into `data` passes no write that would look at it."""
    by, note = agent_actor(alice), "NUL \x00"
    incident = make_incident()

    with pytest.raises(Invalid, match="cannot be stored"):
        workflow.assign(incident, actor=by, at=NOON, team=network, note=note)
    with pytest.raises(Invalid, match="cannot be stored"):
        workflow.hold(incident, actor=by, at=NOON, reason=HoldReason.VENDOR, note=note)
    workflow.hold(incident, actor=by, at=NOON, reason=HoldReason.VENDOR)
    with pytest.raises(Invalid, match="cannot be stored"):
        workflow.resume(incident, actor=by, at=NOON, note=note)


def test_page_says_the_refusal_in_the_language_of_its_reader() -> None:
    """Made when the program starts, worded when the page is drawn."""
    field = asked_text(Verb.ADD_HYPOTHESIS, "text")

    assert isinstance(field.error_messages["required"], Promise)
    assert str(field.error_messages["required"]) == "Say in at most 500 characters what the cause may be."
