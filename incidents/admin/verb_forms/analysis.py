"""How bad it is, why, and what is done about it."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy

from incidents import workflow
from incidents.admin.verb_forms.asking import asked_choice, asked_text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import (
    ActionKind,
    ActionOutcome,
    Impact,
    Severity,
    Urgency,
    Verb,
    Verdict,
)
from incidents.models import Action, Hypothesis, TimelineEntry
from incidents.policies import Actor
from itsm.ui.moments import Moment


class SeverityForm(VerbForm):
    verb = Verb.ASSESS_SEVERITY
    button = gettext_lazy("Save the severity")
    severity = asked_choice(verb, "severity", label=gettext_lazy("Severity"), widget=forms.RadioSelect)
    reason = asked_text(verb, "reason", label=gettext_lazy("Why?"), rows=3)

    def prepare(self) -> None:
        self.initial.setdefault("severity", self.incident.severity)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.assess_severity(
            self.incident, actor=actor, at=at, severity=Severity(data["severity"]), reason=data["reason"]
        )


class MajorForm(VerbForm):
    verb = Verb.DECLARE_MAJOR
    public = True
    button = gettext_lazy("Declare a major incident")
    note = gettext_lazy(
        "Everybody subscribed to the service hears of it. It closes only after its review is published."
    )
    severity = asked_choice(
        verb,
        "severity",
        label=gettext_lazy("Severity"),
        initial=Severity.SEV1.value,
        widget=forms.RadioSelect,
    )
    impact = asked_choice(verb, "impact", label=gettext_lazy("Impact"))
    urgency = asked_choice(
        verb,
        "urgency",
        label=gettext_lazy("Urgency"),
        help_text=gettext_lazy("Impact and urgency make the priority, and the clocks follow it."),
    )
    reason = asked_text(verb, "reason", label=gettext_lazy("What stands still, in plain words?"), rows=3)

    def prepare(self) -> None:
        self.initial.setdefault("impact", Impact.HIGH.value)
        self.initial.setdefault("urgency", Urgency.HIGH.value)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.declare_major(
            self.incident,
            actor=actor,
            at=at,
            severity=Severity(data["severity"]),
            impact=Impact(data["impact"]),
            urgency=Urgency(data["urgency"]),
            reason=data["reason"],
        )


class StandDownForm(VerbForm):
    verb = Verb.STAND_DOWN
    public = True
    button = gettext_lazy("Stand down")
    reason = asked_text(verb, "reason", label=gettext_lazy("Why is it a major incident no more?"), rows=3)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.stand_down(self.incident, actor=actor, at=at, reason=self.cleaned_data["reason"])


class HypothesisForm(VerbForm):
    verb = Verb.ADD_HYPOTHESIS
    button = gettext_lazy("Add the hypothesis")
    text = asked_text(verb, "text", label=gettext_lazy("What may the cause be?"), widget=forms.TextInput)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.add_hypothesis(self.incident, actor=actor, at=at, text=self.cleaned_data["text"])


class WeighForm(VerbForm):
    verb = Verb.WEIGH_HYPOTHESIS
    button = gettext_lazy("Save the verdict")
    hypothesis = forms.ModelChoiceField(Hypothesis.objects.none(), label=gettext_lazy("Hypothesis"))
    verdict = asked_choice(verb, "verdict", label=gettext_lazy("Verdict"), widget=forms.RadioSelect)
    reason = asked_text(verb, "reason", label=gettext_lazy("What speaks for it, what against?"), rows=3)

    def prepare(self) -> None:
        self.fields["hypothesis"].queryset = self.incident.hypotheses.order_by("pk")  # type: ignore[attr-defined]

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        hypothesis = self.cleaned_data["hypothesis"]
        hypothesis.incident = self.incident
        return workflow.weigh_hypothesis(
            hypothesis,
            actor=actor,
            at=at,
            verdict=Verdict(self.cleaned_data["verdict"]),
            reason=self.cleaned_data["reason"],
        )


class RootCauseForm(VerbForm):
    verb = Verb.RECORD_ROOT_CAUSE
    button = gettext_lazy("Save the root cause")
    text = asked_text(
        verb,
        "text",
        label=gettext_lazy("Why did it happen?"),
        rows=6,
        help_text=gettext_lazy("Never needed to resolve."),
    )

    def prepare(self) -> None:
        self.initial.setdefault("text", self.incident.root_cause)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.record_root_cause(self.incident, actor=actor, at=at, text=self.cleaned_data["text"])


class DoneForm(VerbForm):
    """A planned action is completed."""

    verb = Verb.RECORD_ACTION
    button = gettext_lazy("Record what was done")
    planned = forms.ModelChoiceField(Action.objects.none(), label=gettext_lazy("Planned action"))
    outcome = asked_choice(verb, "outcome", label=gettext_lazy("How did it go?"), widget=forms.RadioSelect)
    done_at = Moment(label=gettext_lazy("Done at"), help_text=gettext_lazy("Empty: now."))
    text = asked_text(
        verb,
        "summary",
        label=gettext_lazy("What was done"),
        required=False,
        rows=3,
        help_text=gettext_lazy("Empty: as planned."),
    )
    tell = forms.BooleanField(label=gettext_lazy("Tell the requester and stakeholders"), required=False)

    def prepare(self) -> None:
        planned = self.incident.actions.filter(outcome=ActionOutcome.PLANNED)
        self.fields["planned"].queryset = planned.order_by("planned_for", "pk")  # type: ignore[attr-defined]

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data, planned = self.cleaned_data, self.cleaned_data["planned"]
        return workflow.record_action(
            self.incident,
            actor=actor,
            at=at,
            kind=ActionKind(planned.kind),
            summary=data["text"] or planned.summary,
            outcome=ActionOutcome(data["outcome"]),
            done_at=data["done_at"],
            reference=planned.reference,
            configuration_item=planned.configuration_item,
            tell=data["tell"],
            planned=planned,
        )
