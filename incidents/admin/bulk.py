"""One verb on many rows: each row in its own transaction, each refusal told with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from incidents import limits, workflow
from incidents.admin.access import actor_of, agent_or_403, user_of
from incidents.admin.fields import agents, agents_by_team
from incidents.admin.verb_forms.asking import asked_choice, asked_text
from incidents.enums import HoldReason, ResolutionCode, Verb
from incidents.errors import Refused
from incidents.models import Incident, Team, TimelineEntry
from incidents.policies import Actor
from itsm import timekeeping
from itsm.ui.texts import StrOrPromise

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

LONGEST_KEY = 18
#: How many side effects are told one by one.
TOLD = 20


class Act(Protocol):
    """Does it to one row, as the cleaned form says. None: nothing was different."""

    def __call__(
        self, incident: Incident, form: Any, *, actor: Actor, at: datetime
    ) -> TimelineEntry | None: ...


class NothingToAsk(forms.Form):
    pass


#: What a list says for "leave as it is" and for "take away".
LEFT, NONE = "", "none"


class AssignMany(forms.Form):
    """What is left as it is stays so in every row."""

    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)
    assignee = forms.ChoiceField(label=gettext_lazy("Person"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.filter(is_active=True).order_by("name", "pk").prefetch_related("members")
        self.teams = {str(team.pk): team for team in teams}
        self.people = {str(agent.pk): agent for agent in agents()}
        left = (LEFT, _("Leave as it is"))
        named = [(pk, team.name) for pk, team in self.teams.items()]
        self.fields["team"].choices = [left, (NONE, _("No team")), *named]  # type: ignore[attr-defined]
        _nobody, *people = agents_by_team(list(self.people.values()), list(teams))
        self.fields["assignee"].choices = [left, (NONE, _("Nobody")), *people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.said():
            raise ValidationError(_("Choose a team, a person, or both."))
        return cleaned

    def said(self) -> dict[str, Any]:
        """Only what was chosen; None takes away."""
        chosen = {"team": self.cleaned_data["team"], "assignee": self.cleaned_data["assignee"]}
        rows: dict[str, dict[str, Any]] = {"team": self.teams, "assignee": self.people}
        return {name: rows[name].get(value) for name, value in chosen.items() if value != LEFT}


class HoldMany(forms.Form):
    reason = asked_choice(
        Verb.HOLD, "reason", label=gettext_lazy("What do they wait for?"), widget=forms.RadioSelect
    )
    text = asked_text(Verb.HOLD, "note", label=gettext_lazy("Question or note"))


class ResolveMany(forms.Form):
    code = asked_choice(Verb.RESOLVE, "code", label=gettext_lazy("Resolution code"))
    text = asked_text(
        Verb.RESOLVE,
        "text",
        label=gettext_lazy("What did you do?"),
        help_text=gettext_lazy("Every requester reads this text."),
    )


class CloseMany(forms.Form):
    text = asked_text(Verb.CLOSE, "note", label=gettext_lazy("Last word"), rows=2)


def take(incident: Incident, form: object, *, actor: Actor, at: datetime) -> TimelineEntry | None:  # noqa: ARG001 -- nothing is asked
    return workflow.assign(incident, actor=actor, at=at, assignee=actor.user)


def assign(incident: Incident, form: AssignMany, *, actor: Actor, at: datetime) -> TimelineEntry | None:
    return workflow.assign(incident, actor=actor, at=at, **form.said())


def hold(incident: Incident, form: HoldMany, *, actor: Actor, at: datetime) -> TimelineEntry | None:
    reason, text = HoldReason(form.cleaned_data["reason"]), form.cleaned_data["text"]
    return workflow.hold(incident, actor=actor, at=at, reason=reason, note=text)


def resolve(incident: Incident, form: ResolveMany, *, actor: Actor, at: datetime) -> TimelineEntry | None:
    code, text = ResolutionCode(form.cleaned_data["code"]), form.cleaned_data["text"]
    return workflow.resolve(incident, actor=actor, at=at, code=code, text=text)


def close(incident: Incident, form: CloseMany, *, actor: Actor, at: datetime) -> TimelineEntry | None:
    return workflow.close(incident, actor=actor, at=at, note=form.cleaned_data["text"])


@dataclass(frozen=True)
class Bulk:
    """An action of the list. Without questions it acts at once; else a page asks and says how many."""

    name: str
    verb: Verb
    label: StrOrPromise
    form: type[forms.Form]
    act: Act
    button: Any

    def __call__(
        self, model_admin: "ModelAdmin[Any]", request: HttpRequest, queryset: Any
    ) -> HttpResponse | None:
        agent_or_403(request)
        rows = list(self.chosen(model_admin, request, queryset).order_by("pk")[: limits.AT_ONCE + 1])
        if len(rows) > limits.AT_ONCE:
            words = _("Select at most %(most)d incidents at once. Narrow the list by a filter first.")
            messages.error(request, words % {"most": limits.AT_ONCE})
            return None
        applied = "apply" in request.POST or self.form is NothingToAsk
        form = self.form(request.POST if applied else None)
        refused: dict[int, str] = {}
        if applied and form.is_valid():
            refused = self.each(request, rows, form)
            if not refused:
                return None
            rows = [row for row in rows if row.pk in refused]
        return self.page(model_admin, request, form, rows, refused)

    def chosen(self, model_admin: "ModelAdmin[Any]", request: HttpRequest, queryset: Any) -> Any:
        """The ticked rows, also those that left the tab meanwhile: they are reported, not forgotten."""
        if request.POST.get("select_across") == "1":
            return queryset
        ticked = [
            pk
            for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)
            if pk.isascii() and pk.isdigit() and len(pk) <= LONGEST_KEY
        ]
        return model_admin.get_queryset(request).filter(pk__in=ticked)

    def each(self, request: HttpRequest, rows: list[Incident], form: forms.Form) -> dict[int, str]:
        """Row by row; {pk: why not}."""
        actor, at, refused, done = actor_of(request), timekeeping.now(), {}, 0
        asides: list[tuple[Incident, str]] = []
        for incident in rows:
            try:
                if seen := seen_of(request, incident):
                    workflow.expect_seen(incident, seen)
                entry = self.act(incident, form, actor=actor, at=at)
            except Refused as refusal:
                refused[incident.pk] = refusal.message
                continue
            done += entry is not None
            asides += [(incident, words) for words in workflow.remarks(entry)] if entry else []
        for incident, aside in asides[:TOLD]:
            messages.warning(request, f"{incident.number}: {aside}")
        if len(asides) > TOLD:
            messages.warning(
                request, _("The same in %d more; their timelines say so.") % (len(asides) - TOLD)
            )
        if done:
            words = ngettext("%(n)d incident: %(what)s.", "%(n)d incidents: %(what)s.", done)
            messages.success(request, words % {"n": done, "what": str(self.label).rstrip(" …").lower()})
        elif not refused:
            messages.info(request, _("Nothing was different, so nothing was written."))
        return refused

    def page(
        self,
        model_admin: "ModelAdmin[Any]",
        request: HttpRequest,
        form: forms.Form,
        rows: list[Incident],
        refused: dict[int, str],
    ) -> HttpResponse:
        for incident in rows:
            incident.refresh_from_db(fields=["version"]) if incident.pk in refused else None
        request.current_app = model_admin.admin_site.name
        context = {
            **model_admin.admin_site.each_context(request),
            "title": self.label,
            "subtitle": None,
            "opts": model_admin.opts,
            "form": form,
            "media": form.media,
            "rows": [(incident, refused.get(incident.pk, "")) for incident in rows],
            "refused": len(refused),
            "action": self.name,
            "checkbox": ACTION_CHECKBOX_NAME,
            "button": self.button % len(rows),
            "me": user_of(request),
        }
        return TemplateResponse(request, "admin/incidents/incident/bulk.html", context)


def seen_of(request: HttpRequest, incident: Incident) -> int:
    sent = request.POST.get(f"version-{incident.pk}", "")
    return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0


BULK: dict[str, Bulk] = {
    bulk.name: bulk
    for bulk in (
        Bulk(
            "assign_to_me",
            Verb.ASSIGN,
            gettext_lazy("Assign to me"),
            NothingToAsk,
            take,
            ngettext_lazy("Try %d incident again", "Try %d incidents again"),
        ),
        Bulk(
            "assign",
            Verb.ASSIGN,
            gettext_lazy("Assign …"),
            AssignMany,
            assign,
            ngettext_lazy("Assign %d incident", "Assign %d incidents"),
        ),
        Bulk(
            "hold",
            Verb.HOLD,
            gettext_lazy("Put on hold …"),
            HoldMany,
            hold,
            ngettext_lazy("Put %d incident on hold", "Put %d incidents on hold"),
        ),
        Bulk(
            "resolve",
            Verb.RESOLVE,
            gettext_lazy("Resolve …"),
            ResolveMany,
            resolve,
            ngettext_lazy("Resolve %d incident", "Resolve %d incidents"),
        ),
        Bulk(
            "close",
            Verb.CLOSE,
            gettext_lazy("Close …"),
            CloseMany,
            close,
            ngettext_lazy("Close %d incident", "Close %d incidents"),
        ),
    )
}
