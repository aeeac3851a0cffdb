"""What the page of every verb has in common."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms

from incidents import workflow
from incidents.admin.base import StrOrPromise
from incidents.enums import (
    Verb,
)
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor


class VerbForm(forms.Form):
    """`run` calls the verb. `version` is what the person saw; the door compares it."""

    verb: ClassVar[Verb]
    #: The consequence, on the button.
    button: StrOrPromise = ""
    #: Who reads what is written here.
    public: ClassVar[bool] = False
    note: StrOrPromise = ""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, incident: Incident, actor: Actor, **kwargs: Any) -> None:
        self.incident, self.actor = incident, actor
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Lists and first values that depend on the incident."""

    @property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "version"]

    def button_text(self) -> StrOrPromise:
        return self.button or self.verb.label

    def warning(self) -> str:
        """What else will happen, before it does."""
        return ""

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        raise NotImplementedError

    def open_children(self) -> int:
        verb_goes = list(workflow.TRANSITIONS[self.verb].sources)
        return self.incident.children.filter(state__in=verb_goes).count()
