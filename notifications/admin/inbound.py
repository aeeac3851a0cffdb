"""Mails that came in, and why some were not taken."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from notifications.admin.base import RoomAdmin
from notifications.models import InboundMail


@admin.register(InboundMail)
class InboundMailAdmin(RoomAdmin):
    list_display = ("subject", "sender", "outcome", "reason", "received_at")
    list_filter = ("outcome",)
    search_fields = ("subject", "sender", "message_id")
    ordering = ("-received_at", "-pk")
    exclude = ("raw",)
    empty_text = _("No mail has come in yet. Feed answers to mails of the desk to the command receive_mail.")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
