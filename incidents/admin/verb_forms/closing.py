"""How it ends."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import workflow
from incidents.admin.verb_forms.asking import asked_choice, asked_text
from incidents.admin.verb_forms.base import VerbForm
from incidents.enums import (
    ResolutionCode,
    Verb,
)
from incidents.models import TimelineEntry
from incidents.policies import Actor
from itsm.ui.texts import StrOrPromise

#: One line under each resolution code, so that two agents choose the same.
CODE_HINTS: dict[str, StrOrPromise] = {
    ResolutionCode.FIXED: gettext_lazy("The cause is removed"),
    ResolutionCode.WORKAROUND: gettext_lazy("It works, the cause is still there"),
    ResolutionCode.CONFIGURATION: gettext_lazy("A setting was wrong"),
    ResolutionCode.PATCH: gettext_lazy("New software was put in"),
    ResolutionCode.RESTORE: gettext_lazy("Data came back from a copy"),
    ResolutionCode.HARDWARE: gettext_lazy("A device or part was changed"),
    ResolutionCode.ACCESS: gettext_lazy("Rights, password, lock"),
    ResolutionCode.GUIDANCE: gettext_lazy("Nothing was broken"),
    ResolutionCode.RECOVERED: gettext_lazy("Nobody did anything"),
    ResolutionCode.NOT_REPRODUCIBLE: gettext_lazy("It could not be seen again"),
    ResolutionCode.NO_FAULT: gettext_lazy("It works as designed"),
}


class Hinted(forms.RadioSelect):
    """Choices with a line under each."""

    def __init__(self, hints: Mapping[str, StrOrPromise]) -> None:
        super().__init__()
        self.hints = hints

    def create_option(self, name: str, value: object, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().create_option(name, value, *args, **kwargs), "hint": self.hints.get(str(value), "")}


class ResolveForm(VerbForm):
    verb = Verb.RESOLVE
    public = True
    code = asked_choice(verb, "code", label=gettext_lazy("Resolution code"), widget=Hinted(CODE_HINTS))
    text = asked_text(
        verb,
        "text",
        label=gettext_lazy("What did you do?"),
        help_text=gettext_lazy(
            "The requester reads this, and the desk finds it again when it happens the next time."
        ),
    )

    def prepare(self) -> None:
        self.children = self.open_children()

    def button_text(self) -> StrOrPromise:
        return (
            ngettext("Resolve %d incident", "Resolve %d incidents", self.children + 1) % (self.children + 1)
            if self.children
            else _("Resolve and tell the requester")
        )

    def warning(self) -> str:
        if not self.children:
            return ""
        return (
            ngettext(
                "%d child incident is resolved with it; its requester gets the same text.",
                "%d child incidents are resolved with it; their requesters get the same text.",
                self.children,
            )
            % self.children
        )

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.resolve(
            self.incident, actor=actor, at=at, code=ResolutionCode(data["code"]), text=data["text"]
        )


class ReopenForm(VerbForm):
    verb = Verb.REOPEN
    public = True
    button = gettext_lazy("Reopen")
    text = asked_text(verb, "text", label=gettext_lazy("What still does not work?"))
    children = forms.BooleanField(
        required=False, help_text=gettext_lazy("Their requesters read the same text.")
    )

    def prepare(self) -> None:
        count = self.children_along().filter(resolved_at=self.incident.resolved_at).count()
        if not count:
            del self.fields["children"]
            return
        self.fields["children"].label = (
            ngettext(
                "Reopen %d child incident that was resolved along with it",
                "Reopen %d child incidents that were resolved along with it",
                count,
            )
            % count
        )

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        data = self.cleaned_data
        return workflow.reopen(
            self.incident, actor=actor, at=at, text=data["text"], children=data.get("children", False)
        )


class CloseForm(VerbForm):
    verb = Verb.CLOSE
    public = True
    button = gettext_lazy("Close for good")
    note = gettext_lazy("Nothing changes a closed incident any more; who comes back gets a new one.")
    text = asked_text(verb, "note", label=gettext_lazy("Last word"), rows=3)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.close(self.incident, actor=actor, at=at, note=self.cleaned_data["text"])


class CancelForm(VerbForm):
    verb = Verb.CANCEL
    public = True
    button = gettext_lazy("Cancel the incident")
    note = gettext_lazy("It was none, or nobody wants it any more. This cannot be taken back.")
    reason = asked_text(verb, "reason", label=gettext_lazy("Why?"), rows=3)

    def run(self, *, actor: Actor, at: datetime) -> TimelineEntry | None:
        return workflow.cancel(self.incident, actor=actor, at=at, reason=self.cleaned_data["reason"])
