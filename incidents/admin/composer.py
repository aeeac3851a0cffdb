"""The box in which an agent writes: a reply, a note, an action or evidence."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from incidents import limits, workflow
from incidents.enums import ActionKind, ActionOutcome, EvidenceKind, Verb
from incidents.models import Incident, TimelineEntry
from incidents.policies import Actor
from incidents.unsent.forms import LongText, WithFiles
from itsm.ui.moments import Moment

#: Which verb each tab calls.
TABS = {
    "reply": Verb.COMMENT,
    "note": Verb.NOTE,
    "action": Verb.RECORD_ACTION,
    "evidence": Verb.ADD_EVIDENCE,
}


class Composer(WithFiles):
    """One text and what each kind needs beside it. `say` calls the verb of the chosen kind."""

    kind = forms.ChoiceField(choices=[(kind, kind) for kind in TABS])
    version = forms.IntegerField(required=False)
    text = LongText(
        label=gettext_lazy("Text"),
        required=False,
        max_length=limits.EXCERPT,
        strip=False,
        widget=forms.Textarea(attrs={"id": "text", "rows": 3, "placeholder": gettext_lazy("Write here")}),
    )
    type = forms.ChoiceField(
        label=gettext_lazy("Type"),
        choices=ActionKind.choices,
        required=False,
        initial=ActionKind.CONFIGURATION.value,
    )
    outcome = forms.ChoiceField(
        label=gettext_lazy("Outcome"),
        choices=ActionOutcome.choices,
        required=False,
        initial=ActionOutcome.SUCCEEDED.value,
    )
    reference = forms.CharField(
        label=gettext_lazy("Reference"),
        required=False,
        max_length=limits.REFERENCE,
        widget=forms.TextInput(attrs={"placeholder": "CHG0001234", "size": 12}),
    )
    when = Moment(label=gettext_lazy("When"))
    tell = forms.BooleanField(label=gettext_lazy("Tell the requester"), required=False)
    evidence = forms.ChoiceField(
        label=gettext_lazy("Kind of evidence"), choices=EvidenceKind.choices, required=False
    )
    title = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=limits.LINE,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("What it shows")}),
    )
    source = forms.CharField(
        label=gettext_lazy("Source"),
        required=False,
        max_length=limits.LINE,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("Host, tool or person")}),
    )
    covers_from = Moment(label=gettext_lazy("From"))
    covers_until = Moment(label=gettext_lazy("to"))

    def __init__(self, *args: object, incident: Incident, **kwargs: Any) -> None:
        self.incident = incident
        super().__init__(*args, **kwargs)

    @property
    def chosen(self) -> str:
        kind = self["kind"].value()
        return kind if kind in TABS else "reply"

    def say(self, *, actor: Actor, at: datetime) -> TimelineEntry:
        data = self.cleaned_data
        if data["kind"] == "evidence":
            return self._keep(data, actor=actor, at=at)
        if data["kind"] == "action":
            return self._act(data, actor=actor, at=at)
        say = workflow.comment if data["kind"] == "reply" else workflow.note
        return say(self.incident, actor=actor, at=at, text=data["text"], attachments=data["attachments"])

    def _act(self, data: dict[str, Any], *, actor: Actor, at: datetime) -> TimelineEntry:
        kind = ActionKind(data["type"] or ActionKind.OTHER)
        outcome = ActionOutcome(data["outcome"] or ActionOutcome.SUCCEEDED)
        if outcome == ActionOutcome.PLANNED:
            return workflow.plan_action(
                self.incident,
                actor=actor,
                at=at,
                kind=kind,
                summary=data["text"],
                planned_for=data["when"],
                reference=data["reference"],
            )
        return workflow.record_action(
            self.incident,
            actor=actor,
            at=at,
            kind=kind,
            summary=data["text"],
            outcome=outcome,
            done_at=data["when"],
            reference=data["reference"],
            tell=data["tell"],
        )

    def _keep(self, data: dict[str, Any], *, actor: Actor, at: datetime) -> TimelineEntry:
        file = data["attachments"][0] if data["attachments"] else None
        return workflow.add_evidence(
            self.incident,
            actor=actor,
            at=at,
            kind=EvidenceKind(data["evidence"] or EvidenceKind.OTHER),
            title=data["title"] or (file.name if file else ""),
            source=data["source"],
            content=data["text"],
            covers_from=data["covers_from"],
            covers_until=data["covers_until"],
            attachment=file,
        )

    def clean(self) -> dict[str, Any]:
        """What the chosen kind cannot take along is refused, not dropped."""
        data = super().clean() or self.cleaned_data
        files = data.get("attachments") or []
        if data.get("kind") == "evidence" and len(files) > 1:
            self.add_error(
                "attachments", _("One file a piece of evidence: its hash is kept. Add the others one by one.")
            )
        if data.get("kind") == "action" and files:
            self.add_error("attachments", _("Actions take no files. Add the file as evidence, or to a note."))
        return data
