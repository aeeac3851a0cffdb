"""Refuses what a verb is told and cannot take, by the inputs of its definition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from incidents import limits
from incidents.enums import Verb
from incidents.errors import Invalid
from incidents.verbs import VERBS
from incidents.verbs.inputs import Choice, Moment, Text
from incidents.workflow.persist import text_fault


def accept(verb: Verb, said: Mapping[str, object], *, at: datetime) -> None:
    """Raises Invalid with a sentence for each wrong one. What is left out of `said` is not looked at."""
    inputs = VERBS[verb].inputs
    wrong = {name: fault for name, value in said.items() if (fault := _fault(inputs[name], value, at))}
    if wrong:
        raise Invalid(wrong)


def _fault(asked: object, value: Any, at: datetime) -> str:
    match asked:
        case Text():
            return _fault_of_text(asked, value)
        case Choice():
            return "" if asked.holds(value) else str(asked.refusal)
        case Moment() if asked.is_past and value is not None and value > at:
            return _("This lies in the future.")
    return ""


def _fault_of_text(asked: Text, value: str) -> str:
    length = len(value if asked.is_verbatim else value.strip())
    if (asked.refusal and not length) or (asked.says_limit and length > asked.limit):
        return asked.refused()
    if length > asked.limit < limits.TEXT:
        return _("Keep it to %(limit)d characters.") % {"limit": asked.limit}
    return text_fault(value)
