"""How it hangs together with others, and who follows it."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy

from incidents import kinship, workflow
from incidents.admin.fields import ByNumber, ProblemByNumber, Row
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import (
    Verb,
)
from incidents.errors import ConfirmationNeeded
from incidents.models import TimelineEntry
from incidents.policies import Actor
from itsm.ui.names import person_name


class MergeForm(VerbForm):
    verb = Verb.MERGE
    button = gettext_lazy("Merge as a duplicate")
    note = gettext_lazy(
        "This one is cancelled. Its requester and watchers hear of the other one from now on; "
        "its children and alerts move there."
    )
    into = ByNumber(label=gettext_lazy("Into which incident?"))
    confirm = forms.BooleanField(label=gettext_lazy("Yes, merge it all the same"), required=False)
    #: The box appears with the question.
    asked = False

    def prepare(self) -> None:
        self.fields["into"].user = self.actor.user  # type: ignore[attr-defined]

    @property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in super().shown if self.asked or field.name != "confirm"]

    def ask(self, refusal: ConfirmationNeeded) -> None:
        self.asked = True
        super().ask(refusal)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        into, confirm = self.cleaned_data["into"], self.cleaned_data["confirm"]
        return workflow.merge(self.incident, actor=actor, at=at, into=into, confirm=confirm)


class ParentForm(VerbForm):
    verb = Verb.LINK_PARENT
    button = gettext_lazy("Link")
    note = gettext_lazy(
        "Hold, resume and resolve of the parent pass on to its children. Leave it empty to cut the link."
    )
    parent = ByNumber(label=gettext_lazy("Parent"), required=False)

    def prepare(self) -> None:
        self.fields["parent"].user = self.actor.user  # type: ignore[attr-defined]
        parent, self.stays = self.incident.parent, None
        if parent and self.actor.user and kinship.hidden_from(self.actor.user, {parent.pk}):
            self.note = gettext_lazy("It has a parent that you may not see. Leave it empty to keep that one.")
            parent, self.stays = None, parent
        self.initial.setdefault("parent", parent.number if parent else "")

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        parent = self.cleaned_data["parent"] or self.stays
        return workflow.link_parent(self.incident, actor=actor, at=at, parent=parent)


class ProblemForm(VerbForm):
    verb = Verb.LINK_PROBLEM
    button = gettext_lazy("Link")
    note = gettext_lazy(
        "The problem is the cause, or possible cause, behind it. Leave it empty to take the link away."
    )
    problem = ProblemByNumber(label=gettext_lazy("Problem"), required=False)

    def prepare(self) -> None:
        self.initial.setdefault("problem", self.incident.problem.number if self.incident.problem else "")

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.link_problem(self.incident, actor=actor, at=at, problem=self.cleaned_data["problem"])


class WatchForm(VerbForm):
    verb = Verb.WATCH
    button = gettext_lazy("Let them watch")
    note = gettext_lazy(
        "They hear of every public step. Somebody outside the desk sees the incident from now on."
    )
    user = Row("requester", label=gettext_lazy("Who?"), required=True, help_text="")

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.watch(self.incident, actor=actor, at=at, user=self.cleaned_data["user"])


class UnwatchForm(VerbForm):
    verb = Verb.UNWATCH
    button = gettext_lazy("End the watching")
    user = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who?"))

    def prepare(self) -> None:
        field: Any = self.fields["user"]
        field.label_from_instance = person_name
        watching = self.incident.watchers.current().values("user")
        field.queryset = User.objects.filter(pk__in=watching).order_by("first_name", "pk")

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.unwatch(self.incident, actor=actor, at=at, user=self.cleaned_data["user"])
