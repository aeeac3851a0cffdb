"""The body of each verb, made from its definition."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rest_framework import serializers

from incidents.api.serializers.fields import MomentField, item_field, person_field, team_field, text_field
from incidents.api.serializers.strict import MAX_ID, IncidentNumberField, ProblemNumberField, StrictSerializer
from incidents.enums import Verb
from incidents.verbs import VERBS
from incidents.verbs.inputs import Choice, Flag, Input, Moment, Number, Row, Text


def id_field(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MAX_ID, **kwargs)


ROWS: Mapping[str, Callable[..., object]] = {
    "action": id_field,
    "hypothesis": id_field,
    "incident": IncidentNumberField,
    "item": item_field,
    "person": person_field,
    "problem": ProblemNumberField,
    "team": team_field,
}


@cache
def body_of(verb: Verb) -> type[StrictSerializer]:
    """`HoldSerializer` of HOLD: what it is told, and nothing else."""
    name = "".join(word.title() for word in verb.value.split("_"))
    made: dict[str, object] = {key: _field(asked) for key, asked in VERBS[verb].inputs.items()}
    about = {"__doc__": f"What goes along with `{verb.value}`."}
    return type(f"{name}Serializer", (StrictSerializer,), {**about, **made})


def _field(asked: Input) -> object:
    said: dict[str, Any] = {"help_text": asked.help} if asked.help else {}
    if not getattr(asked, "is_required", False):
        said["required"] = False
    match asked:
        case Text():
            blank = {} if asked.refusal else {"allow_blank": True}
            return text_field(max_length=asked.limit, trim_whitespace=not asked.is_verbatim, **blank, **said)
        case Choice():
            return serializers.ChoiceField(asked.pairs, **_nullable(asked), **said)
        case Moment():
            return MomentField(allow_null=True, **said)
        case Flag():
            return serializers.BooleanField(**said)
        case Number():
            return serializers.IntegerField(min_value=1, max_value=2**31 - 1, **said)
        case Row():
            return ROWS[asked.of](**_nullable(asked), **said)


def _nullable(asked: Choice | Row) -> dict[str, Any]:
    return {"allow_null": True} if asked.may_be_none else {}
