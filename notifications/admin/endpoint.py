"""Webhooks: programs that hear."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import granting
from itsm import timekeeping
from itsm.ui.pages import DeskPage
from notifications.channels.base import TransportError
from notifications.channels.webhook.addresses import plain_https
from notifications.kinds import kinds_where
from notifications.models import Endpoint

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Endpoint]
else:
    BaseForm = forms.ModelForm


#: What programs act on; the rest is the desk's own bookkeeping.
OFFERED = kinds_where(lambda news: news.webhooks)


class EndpointForm(BaseForm):
    kinds = forms.MultipleChoiceField(
        label=_("Kinds"),
        choices=[(kind.value, kind.label) for kind in OFFERED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all that is public."),
    )

    request: HttpRequest

    def clean_owner(self) -> User:
        owner: User = self.cleaned_data["owner"]
        if refusal := why_not_hear(self.request, owner):
            raise ValidationError(refusal)
        return owner

    def clean_url(self) -> str:
        """What can never be called is said here and not by a delivery that fails."""
        url: str = self.cleaned_data["url"]
        try:
            plain_https(url)
        except TransportError as refusal:
            raise ValidationError(gettext("%(why)s It is never called.") % {"why": refusal.text}) from refusal
        return url


def why_not_hear(request: HttpRequest, owner: User) -> str:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return granting.why_not_see_as(request.user, owner)


@admin.register(Endpoint)
class EndpointAdmin(DeskPage):
    form = EndpointForm
    list_display = ("name", "url", "owner", "failures_since", "disabled_at")
    list_select_related = ("owner",)
    search_fields = ("name", "url")
    autocomplete_fields = ("owner",)
    ordering = ("name", "pk")
    actions = ("rotate", "switch_on")
    fields = ("name", "url", "owner", "kinds", "disabled_at", "disabled_why")
    empty_text = _("No program listens yet. Add its address; its secret is shown once.")

    def has_change_permission(self, request: HttpRequest, obj: Endpoint | None = None) -> bool:
        """Its address and its secret are in the hands of who may hear what it hears."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not why_not_hear(request, obj.owner))

    def save_model(self, request: HttpRequest, obj: Endpoint, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self.show_secret(request, obj)

    def show_secret(self, request: HttpRequest, endpoint: Endpoint) -> None:
        text = gettext("The secret of %(name)s, shown this once: %(secret)s")
        self.message_user(
            request, text % {"name": endpoint.name, "secret": endpoint.shown_secret()}, messages.WARNING
        )

    def in_own_hands(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> Iterator[Endpoint]:
        """Of the chosen ones; of the others it is said why not."""
        for endpoint in queryset.select_related("owner"):
            if refusal := why_not_hear(request, endpoint.owner):
                self.message_user(request, f"{endpoint.name}: {refusal}", messages.ERROR)
            else:
                yield endpoint

    @admin.action(description=_("Make a new secret"), permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """The old one signs along for a day."""
        for endpoint in self.in_own_hands(request, queryset):
            endpoint.generation += 1
            endpoint.rotated_at = timekeeping.now()
            endpoint.save(update_fields=["generation", "rotated_at"])
            self.log_change(request, endpoint, "Secret rotated.")
            self.show_secret(request, endpoint)

    @admin.action(description=_("Switch on again"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in self.in_own_hands(request, queryset):
            endpoint.disabled_at, endpoint.disabled_why, endpoint.failures_since = None, "", None
            endpoint.save(update_fields=["disabled_at", "disabled_why", "failures_since"])
            self.log_change(request, endpoint, "Switched on again.")
