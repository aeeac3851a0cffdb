"""What the page of every verb has in common."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from incidents.enums import (
    Verb,
)
from incidents.errors import ConfirmationNeeded
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.verbs import VERBS
from itsm.ui.texts import StrOrPromise


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

    def children_along(self) -> QuerySet[Incident]:
        """The children that the verb would take along: those that this person may see."""
        states = list(VERBS[self.verb].sources)
        seen = Incident.objects.visible_to(self.actor.user) if self.actor.user else Incident.objects.none()
        return seen.filter(parent=self.incident, state__in=states)

    def open_children(self) -> int:
        return self.children_along().count()

    def ask(self, refusal: ConfirmationNeeded) -> None:
        """The verb wants a yes: here, or where the form shows a box for it."""
        self.add_error(None, refusal.message)
