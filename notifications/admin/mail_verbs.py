"""File a mail on an incident, open one from it, discard it: GET asks, POST acts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from incidents import limits
from incidents.errors import Invalid, Refused
from incidents.models import Incident
from itsm import timekeeping
from notifications.inbound import by_hand
from notifications.models import InboundMail, InboundOutcome


class MailForm(forms.Form):
    """`act` does it and says what was done; raises Refused."""

    def __init__(self, *args: Any, mail: InboundMail, user: User, **kwargs: Any) -> None:
        self.mail, self.user = mail, user
        super().__init__(*args, **kwargs)
        self.initial = self.known()

    def known(self) -> dict[str, object]:
        return {}

    def act(self, at: datetime) -> str:
        raise NotImplementedError


def _words() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=limits.TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy("What the sender wrote, without what it quotes. Files come along."),
    )


class PutOnForm(MailForm):
    incident = forms.CharField(
        label=gettext_lazy("Incident"),
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": "INC0000123"}),
    )
    text = _words()

    def known(self) -> dict[str, object]:
        number = self.mail.incident.number if self.mail.incident else ""
        return {"incident": number, "text": by_hand.words_of(self.mail)[: limits.TEXT]}

    def clean_incident(self) -> Incident:
        found = Incident.objects.visible_to(self.user).with_number(self.cleaned_data["incident"]).first()
        if found is None:
            raise forms.ValidationError(_("There is no such incident, or it is not yours to see."))
        return found

    def act(self, at: datetime) -> str:
        data = self.cleaned_data
        entry = by_hand.put_on(self.mail, incident=data["incident"], text=data["text"], by=self.user, at=at)
        return _("The mail is filed on %(number)s.") % {"number": entry.incident.number}


class OpenForm(MailForm):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=limits.LINE)
    requester = forms.CharField(
        label=gettext_lazy("Requester"),
        required=False,
        max_length=320,
        help_text=gettext_lazy(
            "User name or e-mail address of who needs help. Empty: nobody with an account."
        ),
    )
    text = _words()

    def known(self) -> dict[str, object]:
        people = _people(self.mail.sender)
        return {
            "title": self.mail.subject[: limits.LINE],
            "requester": people[0].get_username() if len(people) == 1 else "",
            "text": by_hand.words_of(self.mail)[: limits.TEXT],
        }

    def clean_requester(self) -> User | None:
        name = self.cleaned_data["requester"].strip()
        if not name:
            return None
        people = _people(name)
        if len(people) != 1:
            raise forms.ValidationError(_("Exactly one person has to be meant. Use the user name."))
        return people[0]

    def act(self, at: datetime) -> str:
        data = self.cleaned_data
        entry = by_hand.open_from(
            self.mail,
            title=data["title"],
            requester=data["requester"],
            text=data["text"],
            by=self.user,
            at=at,
        )
        return _("%(number)s is opened from the mail.") % {"number": entry.incident.number}


class DiscardForm(MailForm):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)

    def act(self, at: datetime) -> str:
        by_hand.discard(self.mail, reason=self.cleaned_data["reason"], by=self.user, at=at)
        return _("The mail is discarded. It can still be read and filed.")


def _people(name: str) -> list[User]:
    return list(User.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True)[:2])


@dataclass(frozen=True, slots=True)
class MailVerb:
    name: str
    label: Promise
    form: Callable[..., MailForm]
    says: Promise

    @property
    def address(self) -> str:
        return f"admin:notifications_inboundmail_{self.name}"


VERBS: Mapping[str, MailVerb] = {
    verb.name: verb
    for verb in (
        MailVerb(
            "file",
            gettext_lazy("File on an incident"),
            PutOnForm,
            gettext_lazy(
                "It becomes a reply that you file: the requester reads it, with the name of who wrote it. "
                "A hold that waits for the requester ends. On one that is over it opens a new incident."
            ),
        ),
        MailVerb(
            "open",
            gettext_lazy("Open an incident"),
            OpenForm,
            gettext_lazy("A new incident, with the text and the files of the mail."),
        ),
        MailVerb(
            "discard",
            gettext_lazy("Discard with a reason"),
            DiscardForm,
            gettext_lazy("Nobody is asked to look at it any more. The record stays, with your name."),
        ),
    )
}


def offered(mail: InboundMail) -> list[MailVerb]:
    """Nothing is discarded twice."""
    return [
        verb
        for verb in VERBS.values()
        if not (verb.name == "discard" and mail.outcome == InboundOutcome.DISCARDED)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, mail: InboundMail, verb: MailVerb, site: AdminSite) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101 -- the admin lets nobody else in
    form = verb.form(request.POST or None, mail=mail, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, form.act(timekeeping.now()))
            return redirect("admin:notifications_inboundmail_change", mail.pk)
        except Refused as refusal:
            _show(form, refusal)
    context = {**site.each_context(request), "title": verb.label, "mail": mail, "verb": verb, "form": form}
    return TemplateResponse(request, "notifications/admin/mail_verb.html", context)


def _show(form: MailForm, refusal: Refused) -> None:
    """A verb's refusal where it belongs."""
    reasons = refusal.fields if isinstance(refusal, Invalid) else {"": refusal.message}
    for name, reason in reasons.items():
        form.add_error(name if name in form.fields else None, reason)
