"""Who follows which service, and who does not want to hear."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from itsm import timekeeping
from itsm.ui.pages import DeskPage
from notifications.models import OptOut, Subscription


@admin.register(Subscription)
class SubscriptionAdmin(DeskPage):
    list_display = ("user", "service", "valid_from", "valid_until")
    list_select_related = ("user", "service")
    list_filter = ("service",)
    search_fields = ("user__username", "user__last_name", "user__email", "service__name")
    autocomplete_fields = ("user", "service")
    ordering = ("user__last_name", "pk")
    empty_text = _(
        "Nobody follows a service yet. Add people who should hear when one fails and when it is back."
    )
    list_note = _(
        "Who may see the incident hears of its opening and each end. Everybody else hears the public news of "
        "the service: that it is disturbed (a major incident was declared), what was done, that it is over. "
        "People follow services on the status page. To end a subscription, enter its last moment; it is kept "
        "as proof of who was to be told."
    )

    def get_readonly_fields(self, _request: HttpRequest, obj: Subscription | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        known = ("user", "service", "valid_from")
        return known if obj.valid_until is None else (*known, "valid_until")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"valid_from": timekeeping.now(), **super().get_changeform_initial_data(request)}

    def has_delete_permission(self, _request: HttpRequest, _obj: Subscription | None = None) -> bool:
        return False


@admin.register(OptOut)
class OptOutAdmin(DeskPage):
    list_display = ("user", "incident", "reason", "since")
    list_select_related = ("user", "incident")
    list_filter = ("reason",)
    search_fields = ("user__username", "user__last_name", "user__email")
    autocomplete_fields = ("user", "incident")
    ordering = ("-since", "-pk")
    empty_text = _("Nobody has opted out. People do so by the link at the end of a mail.")
