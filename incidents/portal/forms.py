"""What people type into the portal. Forms check shape; the verbs decide."""

import uuid
from typing import cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from incidents import limits, lockout
from incidents.enums import FINAL_STATES, Impact, Urgency
from incidents.errors import Invalid, Refused
from incidents.models import Incident, Location, Service
from incidents.unsent.forms import Files, LongText, WithFiles
from itsm import timekeeping

WORDS_OF_IMPACT = [
    (Impact.LOW.value, _("Only me")),
    (Impact.MEDIUM.value, _("My team")),
    (Impact.HIGH.value, _("A whole office or more")),
]
WORDS_OF_URGENCY = [
    (Urgency.LOW.value, _("Yes, it is only annoying")),
    (Urgency.MEDIUM.value, _("Partly, or with a detour")),
    (Urgency.HIGH.value, _("No, not at all")),
]


class SentOnce(forms.Form):
    """Carries the token that makes sending twice harmless."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    #: Verbs name their arguments; here are the fields that hold them if they are named otherwise.
    fields_of_arguments: dict[str, str] = {}

    status = 200

    def clean_token(self) -> uuid.UUID:
        """A form without one is taken as new."""
        return self.cleaned_data["token"] or uuid.uuid4()

    def refuse(self, refused: Refused) -> None:
        """Show a verb's refusal where it belongs."""
        self.status = refused.page_status
        reasons = refused.fields if isinstance(refused, Invalid) else {"": refused.message}
        for argument, reason in reasons.items():
            name = self.fields_of_arguments.get(argument, argument)
            self.add_error(name if name in self.fields else None, reason)


class ReportForm(WithFiles, SentOnce):
    title = forms.CharField(
        label=_("What is not working?"),
        help_text=_("One sentence is enough."),
        max_length=limits.LINE,
        error_messages={"required": _("Say in one line what is wrong.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    description = LongText(
        label=_("Tell us more"),
        required=False,
        max_length=limits.TEXT,
        widget=forms.Textarea(
            attrs={
                "rows": 5,
                "placeholder": _("What did you want to do? What happened instead? Since when?"),
            }
        ),
    )
    service = forms.ModelChoiceField(
        label=_("What is it about?"),
        queryset=Service.objects.none(),
        required=False,
        empty_label=_("I do not know"),
    )
    impact = forms.TypedChoiceField(
        label=_("How many people are affected?"),
        choices=WORDS_OF_IMPACT,
        coerce=int,
        initial=Impact.LOW.value,
        widget=forms.RadioSelect,
    )
    urgency = forms.TypedChoiceField(
        label=_("Can you work?"),
        choices=WORDS_OF_URGENCY,
        coerce=int,
        initial=Urgency.MEDIUM.value,
        widget=forms.RadioSelect,
    )
    location = forms.ModelChoiceField(
        label=_("Where?"), queryset=Location.objects.none(), required=False, empty_label=_("Somewhere else")
    )
    attachments = Files(
        label=_("Pictures or files"),
        help_text=format_lazy(
            _("Up to {files} files of {megabytes} MB. A screenshot helps most."),
            files=limits.FILES,
            megabytes=limits.FILE_MEGABYTES,
        ),
    )
    again = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: object, user: User, **kwargs: object) -> None:
        super().__init__(*args, user=user, **kwargs)
        services = cast("forms.ModelChoiceField[Service]", self.fields["service"])
        services.queryset = Service.objects.filter(is_active=True).order_by("name", "pk")
        places = cast("forms.ModelChoiceField[Location]", self.fields["location"])
        places.queryset = Location.objects.order_by("name", "pk")

    def clean_again(self) -> Incident | None:
        """The closed incident this one comes back to, if it is theirs to see; else none."""
        return closed_one(self.user, self.cleaned_data["again"])


def closed_one(user: User, number: str) -> Incident | None:
    return Incident.objects.visible_to(user).with_number(number).filter(state__in=FINAL_STATES).first()


class ReplyForm(WithFiles, SentOnce):
    text = LongText(
        label=_("Your answer"),
        required=False,
        max_length=limits.TEXT,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": _("Write an answer")}),
    )
    attachments = Files(label=_("Attach"))


class ReasonForm(SentOnce):
    """Why it is not over, or not wanted any more."""

    fields_of_arguments = {"text": "reason", "reason": "reason"}

    reason = LongText(
        label=_("What still does not work?"),
        max_length=limits.TEXT,
        error_messages={"required": _("Write a few words, so that we know where to go on.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LogInForm(AuthenticationForm):
    """Says the same for a wrong name, a wrong password and somebody who has left."""

    error_messages = {
        "invalid_login": _(
            "Name and password do not go together. Mind capital letters, then try again; "
            "if you forgot the password, call the service desk."
        ),
        "inactive": _("Name and password do not go together."),
        "locked": _(
            "Too many wrong passwords from here. Try again in %(minutes)d minutes, or call the service desk."
        ),
    }

    @sensitive_variables()
    def clean(self) -> dict[str, object]:
        name = self.cleaned_data.get("username")
        if name is None or self.request is None or not self.cleaned_data.get("password"):
            return super().clean()
        at, address = timekeeping.now(), self.request.META.get("REMOTE_ADDR", "")
        if until := lockout.enter(name, address, at=at):
            minutes = lockout.minutes_until(until, at)
            raise ValidationError(self.error_messages["locked"], code="locked", params={"minutes": minutes})
        cleaned = super().clean()
        lockout.forget(name, address)
        return cleaned
