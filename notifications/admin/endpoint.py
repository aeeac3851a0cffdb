"""Webhooks: programs that hear."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import timekeeping
from incidents.enums import EntryKind
from notifications.admin.base import RoomAdmin
from notifications.models import Endpoint
from notifications.transports.addresses import plain_https
from notifications.transports.base import TransportError

if TYPE_CHECKING:
    BaseForm = forms.ModelForm[Endpoint]
else:
    BaseForm = forms.ModelForm


#: What programs act on; the rest is the desk's own bookkeeping.
OFFERED = (
    EntryKind.OPENED,
    EntryKind.ACKNOWLEDGED,
    EntryKind.ASSIGNED,
    EntryKind.COMMENTED,
    EntryKind.NOTED,
    EntryKind.HELD,
    EntryKind.RESUMED,
    EntryKind.ACTION_TAKEN,
    EntryKind.MAJOR_DECLARED,
    EntryKind.STOOD_DOWN,
    EntryKind.MITIGATED,
    EntryKind.SLA_WARNED,
    EntryKind.SLA_BREACHED,
    EntryKind.RESOLVED,
    EntryKind.REOPENED,
    EntryKind.CLOSED,
    EntryKind.CANCELLED,
    EntryKind.MERGED,
    EntryKind.ALERTED,
    EntryKind.WORSENED,
    EntryKind.STILL_FIRING,
)


class EndpointForm(BaseForm):
    kinds = forms.MultipleChoiceField(
        label=_("Kinds"),
        choices=[(kind.value, kind.label) for kind in OFFERED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None: all that is public."),
    )

    def clean_url(self) -> str:
        """What can never be called is said here and not by a delivery that fails."""
        url: str = self.cleaned_data["url"]
        try:
            plain_https(url)
        except TransportError as refusal:
            raise ValidationError(gettext("%(why)s It is never called.") % {"why": refusal.text}) from refusal
        return url


@admin.register(Endpoint)
class EndpointAdmin(RoomAdmin):
    form = EndpointForm
    list_display = ("name", "url", "owner", "failures_since", "disabled_at")
    list_select_related = ("owner",)
    search_fields = ("name", "url")
    autocomplete_fields = ("owner",)
    ordering = ("name", "pk")
    actions = ("rotate", "switch_on")
    fields = ("name", "url", "owner", "kinds", "disabled_at", "disabled_why")
    empty_text = _("No program listens yet. Add its address; its secret is shown once.")

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:  # noqa: FBT001 -- Django's
        super().save_model(request, obj, form, change)
        if not change:
            self.show_secret(request, obj)

    def show_secret(self, request: HttpRequest, endpoint: Endpoint) -> None:
        text = gettext("The secret of %(name)s, shown this once: %(secret)s")
        self.message_user(
            request, text % {"name": endpoint.name, "secret": endpoint.shown_secret()}, messages.WARNING
        )

    @admin.action(description=_("Make a new secret"), permissions=["change"])
    def rotate(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        """The old one signs along for a day."""
        for endpoint in queryset:
            endpoint.generation += 1
            endpoint.rotated_at = timekeeping.now()
            endpoint.save(update_fields=["generation", "rotated_at"])
            self.log_change(request, endpoint, "Secret rotated.")
            self.show_secret(request, endpoint)

    @admin.action(description=_("Switch on again"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            endpoint.disabled_at, endpoint.disabled_why, endpoint.failures_since = None, "", None
            endpoint.save(update_fields=["disabled_at", "disabled_why", "failures_since"])
            self.log_change(request, endpoint, "Switched on again.")
