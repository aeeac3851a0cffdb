"""The page of a verb that needs no words of its own: every text, choice, moment and flag it is told."""

from datetime import datetime

from django import forms

from incidents import workflow
from incidents.admin.verb_forms.asking import asked_choice, asked_text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import Verb
from incidents.models import TimelineEntry
from incidents.policies import Actor
from incidents.verbs import VERBS, inputs
from itsm.ui.moments import Moment


class PlainForm(VerbForm):
    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        said = {name: self.cleaned_data[name] for name in VERBS[self.verb].inputs}
        entry: TimelineEntry | None = getattr(workflow, self.verb.value)(
            self.incident, actor=actor, at=at, **said
        )
        return entry


def plain_form(verb: Verb) -> type[VerbForm]:
    """Raises TypeError for a verb that is told a row: a form of its own says which are offered."""
    fields: dict[str, object] = {"verb": verb}
    for name, asked in VERBS[verb].inputs.items():
        label = getattr(asked, "label", None) or name.replace("_", " ").capitalize()
        match asked:
            case inputs.Text():
                fields[name] = asked_text(verb, name, label=label)
            case inputs.Choice():
                fields[name] = asked_choice(verb, name, label=label, widget=forms.RadioSelect)
            case inputs.Moment():
                fields[name] = Moment(label=label)
            case inputs.Flag():
                fields[name] = forms.BooleanField(label=label, required=False)
            case _:
                raise TypeError(f"{verb.value} is told {name}: give it a form in incidents/admin/verb_forms.")
    return type("PlainForm", (PlainForm,), fields)
