"""Fields that ask for what a verb is told.

The table says what is required, what is offered and how much fits; a form says how it looks.
"""

from typing import Any

from django import forms
from django.utils.functional import lazy

from incidents.admin.fields import Text
from incidents.enums import Verb
from incidents.verbs import VERBS, inputs


def asked_text(verb: Verb, name: str, **layout: Any) -> Text:
    asked = VERBS[verb].inputs[name]
    assert isinstance(asked, inputs.Text)  # noqa: S101 -- a form that asks for what its verb does not take
    refusal = {"required": lazy(asked.refused, str)()} if asked.refusal else {}
    return Text(
        **{
            "required": asked.refusal is not None,
            "max_length": asked.limit,
            "strip": not asked.is_verbatim,
            "error_messages": refusal,
            **layout,
        }
    )


def asked_choice(verb: Verb, name: str, **layout: Any) -> forms.TypedChoiceField:
    """Cleaned to the value of the member, text or number."""
    asked = VERBS[verb].inputs[name]
    assert isinstance(asked, inputs.Choice)  # noqa: S101 -- likewise
    return forms.TypedChoiceField(
        **{
            "choices": asked.pairs,
            "coerce": type(asked.among[0].value),
            "error_messages": {"required": asked.refusal},
            **layout,
        }
    )
