"""While it is being worked on."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import limits, workflow
from incidents.admin.fields import Row, Text, agents, agents_by_team
from incidents.admin.verb_forms.asking import asked_choice, asked_text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import (
    HoldReason,
    Impact,
    Priority,
    Urgency,
    Verb,
)
from incidents.models import Team, TimelineEntry
from incidents.policies import Actor
from itsm.ui.moments import Moment


class AcknowledgeForm(VerbForm):
    verb = Verb.ACKNOWLEDGE
    button = gettext_lazy("Acknowledge and start")
    note = gettext_lazy("The acknowledge clock stops and the requester hears that somebody is on it.")

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.acknowledge(self.incident, actor=actor, at=at)


class AssignForm(VerbForm):
    verb = Verb.ASSIGN
    button = gettext_lazy("Assign")
    team = forms.ModelChoiceField(
        Team.objects.none(), label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("No team")
    )
    assignee = forms.ChoiceField(label=gettext_lazy("Person"), required=False)
    text = asked_text(
        verb,
        "note",
        label=gettext_lazy("Note for them"),
        rows=3,
        help_text=gettext_lazy("Only the desk reads this."),
    )

    def prepare(self) -> None:
        teams = Team.objects.filter(is_active=True).order_by("name", "pk").prefetch_related("members")
        self.people = {str(agent.pk): agent for agent in agents()}
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["assignee"].choices = agents_by_team(list(self.people.values()), list(teams))  # type: ignore[attr-defined]
        self.initial.setdefault("team", self.incident.team_id)
        self.initial.setdefault("assignee", str(self.incident.assignee_id or ""))

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        """Only what was changed is said; the verb knows what follows for the other."""
        said: dict[str, Any] = {}
        if "team" in self.changed_data:
            said["team"] = self.cleaned_data["team"]
        if "assignee" in self.changed_data:
            said["assignee"] = self.people.get(self.cleaned_data["assignee"])
        return workflow.assign(self.incident, actor=actor, at=at, note=self.cleaned_data["text"], **said)


class TakeForm(VerbForm):
    """One press. Who is not in the incident's team is asked whether it moves to one of theirs."""

    verb = Verb.ASSIGN
    button = gettext_lazy("Assign to me")
    team = forms.ModelChoiceField(
        Team.objects.none(),
        label=gettext_lazy("Move it to a team of yours"),
        required=False,
        empty_label=gettext_lazy("Leave it where it is"),
    )

    def prepare(self) -> None:
        mine = self.actor.user.teams.filter(is_active=True) if self.actor.user else Team.objects.none()
        if self.incident.team_id is None or mine.filter(pk=self.incident.team_id).exists():
            del self.fields["team"]
        else:
            self.fields["team"].queryset = mine.order_by("name", "pk")  # type: ignore[attr-defined]

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        chosen = self.cleaned_data.get("team")
        said = {"team": chosen} if chosen else {}
        return workflow.assign(self.incident, actor=actor, at=at, assignee=actor.user, **said)


class HoldForm(VerbForm):
    verb = Verb.HOLD
    button = gettext_lazy("Put on hold")
    reason = asked_choice(
        verb, "reason", label=gettext_lazy("What does it wait for?"), widget=forms.RadioSelect
    )
    text = asked_text(
        verb,
        "note",
        label=gettext_lazy("Question or note"),
        help_text=gettext_lazy(
            "Waiting for the requester: they read this and their answer starts the incident again. "
            "Else only the desk reads it."
        ),
    )

    def prepare(self) -> None:
        if self.initial.get("text"):
            self.initial.setdefault("reason", HoldReason.CALLER.value)

    def warning(self) -> str:
        children = self.open_children()
        if not children:
            return _("The resolve clock stands still until it goes on.")
        return (
            ngettext(
                "%d child incident waits along, unless it is the requester who is waited for.",
                "%d child incidents wait along, unless it is the requester who is waited for.",
                children,
            )
            % children
        )

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.hold(
            self.incident, actor=actor, at=at, reason=HoldReason(data["reason"]), note=data["text"]
        )


class ResumeForm(VerbForm):
    verb = Verb.RESUME
    button = gettext_lazy("Go on")
    text = asked_text(
        verb,
        "note",
        label=gettext_lazy("Note"),
        rows=3,
        help_text=gettext_lazy("Only the desk reads this."),
    )

    def warning(self) -> str:
        children = self.open_children()
        return (
            ngettext("%d child incident goes on along.", "%d child incidents go on along.", children)
            % children
            if children
            else ""
        )

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.resume(self.incident, actor=actor, at=at, note=self.cleaned_data["text"])


class MitigateForm(VerbForm):
    verb = Verb.MITIGATE
    button = gettext_lazy("Say that the service is back")
    public = True
    mitigated_at = Moment(label=gettext_lazy("Back since"), help_text=gettext_lazy("Empty: now."))
    text = asked_text(verb, "note", label=gettext_lazy("What the requester should know"), rows=3)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.mitigate(
            self.incident, actor=actor, at=at, mitigated_at=data["mitigated_at"], note=data["text"]
        )


class EditForm(VerbForm):
    """Description, classification, people and times: only what was changed is handed on."""

    verb = Verb.EDIT
    button = gettext_lazy("Save the changes")
    title = forms.CharField(label=gettext_lazy("Title"), max_length=limits.LINE)
    description = Text(label=gettext_lazy("Description"), required=False, rows=6)
    impact = forms.TypedChoiceField(label=gettext_lazy("Impact"), choices=Impact.choices, coerce=int)
    urgency = forms.TypedChoiceField(
        label=gettext_lazy("Urgency"),
        choices=Urgency.choices,
        coerce=int,
        help_text=gettext_lazy("Impact and urgency make the priority."),
    )
    service = Row("service")
    category = Row("category")
    configuration_item = Row("configuration_item")
    location = Row("location")
    requester = Row("requester")
    is_confidential = forms.BooleanField(
        label=gettext_lazy("Confidential"),
        required=False,
        help_text=gettext_lazy("Only the assigned team and those involved see it."),
    )
    started_at = Moment(label=gettext_lazy("The fault began"))
    detected_at = Moment(label=gettext_lazy("Detected"))

    def prepare(self) -> None:
        for name in workflow.EDITABLE:
            value = getattr(self.incident, name)
            self.initial.setdefault(name, getattr(value, "pk", value))

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        changed = {name: self.cleaned_data[name] for name in self.changed_data if name in workflow.EDITABLE}
        return workflow.edit(self.incident, actor=actor, at=at, changes=changed)


class OverrideForm(VerbForm):
    verb = Verb.OVERRIDE_PRIORITY
    button = gettext_lazy("Override the priority")
    note = gettext_lazy("The clocks get the targets of the new priority, counted from the start.")
    priority = asked_choice(
        verb,
        "priority",
        label=gettext_lazy("Priority"),
        choices=[("", gettext_lazy("As impact and urgency say")), *Priority.choices],
        empty_value=None,
        required=False,
    )
    reason = asked_text(verb, "reason", label=gettext_lazy("Why?"), rows=3)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        level = self.cleaned_data["priority"]
        return workflow.override_priority(
            self.incident,
            actor=actor,
            at=at,
            priority=Priority(level) if level else None,
            reason=self.cleaned_data["reason"],
        )
